import type { Hono } from 'hono'
import type { ParameterName } from '../query/parameter-table.js'
import type { RequestEnv } from './client.js'

/** The web application of the collector. */
export type App = Hono<AppEnv>

/** What its handlers get with a request. */
export interface AppEnv {
  Bindings: Partial<RequestEnv>
}

/** A JSON Schema. */
export type Schema = { readonly [name: string]: unknown }

/** A reply that is no error reply. */
export interface RouteReply {
  readonly status: number
  readonly description: string
  /** The media type of the body. If left out, there is no body. */
  readonly type?: string
  readonly schema?: Schema
  /** What each header means that a reader needs. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A route, as `/openapi.json` describes it. */
export interface Route {
  /** A name that no other route has. */
  readonly name: string
  readonly method: 'get' | 'post' | 'options' | 'delete'
  /** The path. A name in braces stands for an id. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  /** What a request must contain. */
  readonly access: 'nothing' | 'write-key' | 'read-token'
  readonly parameters: readonly ParameterName[]
  /** Those parameters that a request must have. */
  readonly needed?: readonly ParameterName[]
  /** The name of the schema of the request's body. */
  readonly body?: string
  readonly replies: readonly RouteReply[]
  /** The codes of the error replies, for each status. Every other status has an error reply too. */
  readonly errors: Readonly<Record<number, readonly string[]>>
}

/** The groups of routes, in the order in which they are shown. */
export const tags = {
  Sending: 'How records arrive.',
  Reading:
    'Reads of the only site that the token may read, in the format of this project: a list is `{ items, next }`.',
  'Reading a site by name': 'The same reads, for a token that may read several sites.',
  'Reading in the format of Genesys Web Engagement':
    'The same reads in the format of Genesys Web Engagement: a list is an array, and its cursor is the header `Paging-Next`.',
  'Reading a site by name in the format of Genesys Web Engagement':
    'The same reads in that format, for a token that may read several sites. A program of GWE takes this address as its base.',
  Numbers: 'What all visitors of a site did, as numbers, and its sessions as a list of summaries.',
  'Numbers of a site by name': 'The same numbers, for a token that may read several sites.',
  Watching: 'What the explorer shows while it happens, and what a site needs to begin.',
  'Rights of persons':
    'A person is erased, or gets everything that is stored. Each needs a right of the token of its own.',
  Operating: 'What belongs to the collector itself.',
} as const

/** The name of a group of routes. */
export type Tag = keyof typeof tags

/** The schema with this name in `conformance/schemas/`. */
export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` }
}

/** The error replies to a request that needs a token. */
export const tokenErrors = {
  401: ['wrong-read-token'],
  403: ['wrong-right', 'cross-site', 'forwarded', 'unknown-host'],
  429: ['too-many-tries'],
} as const

/** The media type of nearly all bodies. */
export const json = 'application/json'

/**
 * Writes a path as Hono does: `/visits/{visitID}` is `/visits/:visitID`. `{page}` may have several steps, and `{file}` is
 * a name with a hash and an ending. A part of a step is the whole step for Hono.
 */
export function toHonoPath(path: string): string {
  const patterns: Readonly<Record<string, string>> = { page: '{.*}', file: '{[\\w-]+\\.\\w+}' }
  if (path === '/sojourn{composition}.js') return '/:composition{sojourn[-.].+\\.js}'
  return path.replace(/\{(\w+)\}/g, (_all, name: string) => `:${name}${patterns[name] ?? ''}`)
}
