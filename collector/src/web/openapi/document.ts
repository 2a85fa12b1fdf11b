import { type ParameterName, parameterTable } from '../../query/parameter-table.js'
import { type Route, type RouteReply, refTo, type Schema, tags } from '../route.js'
import { routes } from '../routes.js'
import { type SchemaFiles, toComponents } from './components.js'

/** What the description of the interface is made of, besides the table of routes. */
export interface ApiParts {
  /** The version of the collector. */
  readonly version: string
  /** The schemas of the conformance kit. */
  readonly schemas: SchemaFiles
}

/** A response of an OpenAPI document. */
export interface ResponseObject {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

/** A parameter of an OpenAPI document. */
export interface ParameterObject {
  readonly name: string
  readonly description?: string
  readonly in: 'path' | 'query'
  readonly required?: boolean
  readonly schema: Schema
}

/** An operation of an OpenAPI document. */
export interface OperationObject {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly Schema[]
  readonly parameters: readonly ParameterObject[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> } & Schema
  readonly responses: Readonly<Record<string, ResponseObject>>
}

/** An OpenAPI 3.1 document, as far as `makeDocument` fills it. */
export interface ApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description: string } & Schema
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> } & Schema
  readonly [name: string]: unknown
}

const json = 'application/json'

const securitySchemes = {
  writeKey: {
    type: 'apiKey',
    in: 'query',
    name: 'key',
    description: 'The write key names the site. It is public, and allows only to add records.',
  },
  readToken: { type: 'http', scheme: 'bearer', description: 'The read token.' },
  readTokenAsPassword: { type: 'http', scheme: 'basic', description: 'The read token as the password, with any name.' },
}

/** The members of `security`: any one of them will do. A collector on loopback may need no read token. */
const securityOf: Readonly<Record<Route['access'], readonly Schema[]>> = {
  nothing: [],
  'write-key': [{ writeKey: [] }],
  'read-token': [{ readToken: [] }, { readTokenAsPassword: [] }, {}],
}

const errorHeaders: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  429: { 'Retry-After': 'Seconds until the same request may be sent again.' },
  503: { 'Retry-After': 'Seconds until the same request may be sent again.' },
}

/** Makes the OpenAPI 3.1 document from the table of routes, the table of parameters, and the schemas. */
export function makeDocument({ version, schemas }: ApiParts): ApiDocument {
  const paths: Record<string, Record<string, OperationObject>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    Object.assign(paths[route.path] as object, { [route.method]: toOperation(route) })
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sojourn collector',
      version,
      summary: 'Receives sessions from browsers, stores each record once, and serves them to readers.',
      description:
        'A reply may have more members than this description says, and a later version may add more. Ignore what you do not know. Every status that is not listed has an error reply.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // Relative to this document, so that it is right behind a proxy that serves the collector below a path.
    servers: [{ url: '.' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: toComponents(schemas), securitySchemes },
  }
}

function toOperation(route: Route): OperationObject {
  const { name, tag, summary, access, path, parameters, needed = [], body, replies, errors } = route
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, id = '']): ParameterObject => {
    const schema = refTo(id === 'identityId' ? 'words.identity' : 'words.id')
    return { name: id, in: 'path', required: true, schema }
  })
  return {
    operationId: name,
    tags: [tag],
    summary,
    security: securityOf[access],
    parameters: [...ids, ...parameters.map(one => toParameter(one, needed.includes(one)))],
    ...(body && { requestBody: toRequestBody(body) }),
    responses: {
      ...Object.fromEntries(replies.map(reply => [reply.status, toReply(reply)])),
      ...Object.fromEntries(Object.entries(errors).map(([status, codes]) => [status, toErrorReply(+status, codes)])),
      default: toErrorReply(0, ['not-found', 'unexpected']),
    },
  }
}

function toParameter(name: ParameterName, isNeeded: boolean): ParameterObject {
  return { name, in: 'query', ...(isNeeded && { required: true }), ...parameterTable[name] }
}

function toRequestBody(schema: string) {
  return {
    required: true,
    description:
      'JSON in UTF-8. It may be gzipped: the collector recognizes that by the first two bytes. It ignores the content type.',
    content: { [json]: { schema: refTo(schema) }, 'text/plain': { schema: refTo(schema) } },
  }
}

function toReply({ description, type, schema = {}, headers }: RouteReply): ResponseObject {
  return {
    description,
    ...(headers && { headers: toHeaders(headers) }),
    ...(type && { content: { [type]: { schema } } }),
  }
}

function toErrorReply(status: number, codes: readonly string[]): ResponseObject {
  const headers = errorHeaders[status]
  const error = { type: 'string', examples: codes }
  return {
    description: `An error reply: ${codes.map(code => `\`${code}\``).join(', ')}.`,
    ...(headers && { headers: toHeaders(headers) }),
    content: { [json]: { schema: { allOf: [refTo('error-reply'), { properties: { error } }] } } },
  }
}

function toHeaders(headers: Readonly<Record<string, string>>): NonNullable<ResponseObject['headers']> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  )
}
