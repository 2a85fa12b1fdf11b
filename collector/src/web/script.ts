import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { scriptMaxAgeSeconds } from '../limits.js'

/** A script for pages, and its source map. */
export interface Script {
  readonly code: string
  readonly map: string
}

/** The scripts that pages load from a collector. */
export type ScriptName = 'sojourn' | 'inspector'

/** Reads a script in the folder of this package. Returns `null` if it was not built; then its address is 404. */
export function openScript(script: ScriptName = 'sojourn'): Script | null {
  try {
    const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
    return { code: read(`./${script}.js`), map: read(`./${script}.js.map`) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Makes the handler that serves a file of the package. Pages of every origin may load it, and caches may keep it.
 *
 * @param more further headers.
 */
export function createFileHandler(
  text: string,
  type: string,
  more: Readonly<Record<string, string>> = {},
): (request: Request) => Response {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  const headers = {
    'Content-Type': type,
    'Cache-Control': `public, max-age=${scriptMaxAgeSeconds}`,
    ETag: etag,
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
    ...more,
  }
  return request =>
    request.headers.get('If-None-Match')?.includes(etag)
      ? new Response(null, { status: 304, headers })
      : new Response(text, { headers })
}
