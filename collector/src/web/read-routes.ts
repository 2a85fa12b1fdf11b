import type { FoundList, Lookup, Writers } from '../query/found.js'
import type { Lookups } from '../query/lookups.js'
import { ParameterError } from '../query/parameters.js'
import { toJson } from '../query/written.js'
import type { ReplyFormat } from '../reply/format.js'
import { makeErrorReply, toResponse } from '../reply/reply.js'
import type { Authorize } from './access.js'
import type { ReadRoom } from './read-room.js'
import { readTable } from './read-table.js'
import { type App, toHonoPath } from './route.js'

/** A read failed because the store did. `cause` is the error of the store. */
export class StoreError extends Error {
  constructor(cause: unknown) {
    super('the store does not answer', { cause })
    this.name = 'StoreError'
  }
}

/**
 * Adds a route for each read of the table, under the base of the format. A route throws `ParameterError` for a
 * bad parameter, and `StoreError` if the store fails.
 *
 * @param base is that of the format, or one that names the site as `{site}`.
 * @param lookupsOf the reads of one site.
 * @param room where replies are made that may be large.
 */
export function addReadRoutes(
  app: App,
  base: string,
  format: ReplyFormat,
  lookupsOf: (site: string, writers: Writers) => Lookups,
  authorize: Authorize,
  room: ReadRoom,
): void {
  for (const { path, find, item, isList } of readTable) {
    // The table's own types pair each lookup with the kind of item that it finds.
    const write = format[item] as (found: unknown) => object
    const id = /\{(\w+)\}/.exec(path)?.[1]
    app.get(toHonoPath(base + path), async c => {
      const { raw } = c.req
      const access = await authorize(raw, c.env, 'read', c.req.param('site') ?? null)
      if ('denied' in access) return toResponse(access.denied)
      const lookup = lookupsOf(access.site, format)[find] as Lookup<object>
      const given = id ? (c.req.param(id) as string) : ''
      const params = new URL(raw.url).searchParams
      async function answer(): Promise<Response> {
        const found = await lookup(given, params).catch(cause => {
          throw cause instanceof ParameterError ? cause : new StoreError(cause)
        })
        if (found === null) return toResponse(makeErrorReply(404, 'not-found', 'no such resource'))
        if (!isList) return format.one(found, toJson(write(found)))
        const { items, next } = found as FoundList<unknown>
        return format.list(items, next)
      }
      // A resource alone is small.
      const isLarge = isList || [...params.keys()].some(name => name.startsWith('include_'))
      return isLarge ? room.answer(c.env, answer) : answer()
    })
  }
}
