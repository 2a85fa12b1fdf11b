import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type ApiDocument, makeDocument, type OperationObject } from '../../src/web/openapi/document.js'

const directory = new URL('../../../conformance/schemas/', import.meta.url)

/** What a built collector reads from its package. */
export const apiParts = {
  version: '1.2.3',
  schemas: Object.fromEntries(
    readdirSync(directory).map(name => [name, JSON.parse(readFileSync(new URL(name, directory), 'utf8'))]),
  ),
}

export const document: ApiDocument = makeDocument(apiParts)

/** An operation with its place in the document. */
export interface Operation extends OperationObject {
  readonly method: string
  readonly path: string
}

export const operations: readonly Operation[] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ ...operation, method, path })),
)

// A reply may have more members in a later version. In this one, each of them is described.
const closed = Object.entries(document.components.schemas).map(([name, schema]) => [
  name,
  'properties' in schema ? { ...schema, additionalProperties: false } : schema,
])
const ajv = new Ajv2020({ strict: false, allErrors: true })
ajv.addSchema({ $id: 'api', ...document, components: { schemas: Object.fromEntries(closed) } })

/**
 * Compares a response with what an operation declares: the status, the headers, the media type, the code of an error
 * reply, and the body by its schema. A member that the schema does not describe is a difference too.
 *
 * @returns what differs; empty if nothing does.
 */
export async function differencesOf({ method, path, responses }: Operation, response: Response): Promise<unknown[]> {
  const status = String(response.status)
  const key = status in responses ? status : 'default'
  const declared = responses[key]
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(declared?.content ?? {})
  const text = await response.text()
  const sent = (response.headers.get('Content-Type') ?? '').replace(/;.*/, '')
  const isJson = type === 'application/json'
  const found: unknown[] = []
  if (sent !== type && !(status === '304' && !text)) found.push(`${status} has the type ${sent || 'none'}, not ${type}`)
  for (const name of Object.keys(declared?.headers ?? {}))
    if (name !== 'Paging-Next' && !response.headers.has(name)) found.push(`${status} has no header ${name}`)
  if (!isJson) return type || !text ? found : [...found, `${status} has a body`]
  const place = ['paths', path, method, 'responses', key, 'content', type, 'schema']
  const pointer = place.map(part => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1'))).join('/')
  const validate = ajv.getSchema(`api#/${pointer}`)
  const body = JSON.parse(text)
  if (!validate) found.push(`no schema at ${pointer}`)
  else if (!validate(body)) found.push(validate.errors)
  const codes = codesOf(schema)
  if (codes && !codes.includes(body.error)) found.push(`${status} has the code ${body.error}`)
  return found
}

/** The codes of an error reply that a schema lists. */
export function codesOf(schema: { readonly [name: string]: any }): readonly string[] | undefined {
  return schema.allOf?.[1]?.properties?.error?.examples
}
