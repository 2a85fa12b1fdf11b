import { readFileSync } from 'node:fs'
import type { App } from '../route.js'
import { addRoute } from '../route-table.js'
import { createFileHandler } from '../script.js'
import type { SchemaFiles } from './components.js'
import { type ApiParts, makeDocument } from './document.js'
import { pageHeaders, toPage } from './page.js'

/**
 * Reads the schemas in the folder of this package. Returns `null` if they were not built; then `/openapi.json` and
 * `/openapi` are 404.
 *
 * @param version of the collector, which the document names.
 */
export function openApiParts(version: string): ApiParts | null {
  try {
    const text = readFileSync(new URL('./schemas.json', import.meta.url), 'utf8')
    return { version, schemas: JSON.parse(text) as SchemaFiles }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Adds `/openapi.json` and `/openapi`. They say nothing about what is stored, so everybody may read them. */
export function addApiRoutes(app: App, parts: ApiParts): void {
  const document = makeDocument(parts)
  const json = createFileHandler(JSON.stringify(document), 'application/json; charset=UTF-8')
  const page = createFileHandler(toPage(document), 'text/html; charset=UTF-8', pageHeaders)
  addRoute(app, 'openapi', c => json(c.req.raw))
  addRoute(app, 'openapiPage', c => page(c.req.raw))
}
