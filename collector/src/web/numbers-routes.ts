import type { NumbersLookups } from '../query/numbers.js'
import { checkOnce } from '../query/numbers-parameters.js'
import { ParameterError } from '../query/parameters.js'
import { toJson } from '../query/written.js'
import { makeTextReply, toResponse } from '../reply/reply.js'
import type { Authorize } from './access.js'
import { numbersTable } from './numbers-table.js'
import { createReadRoom, numbersAtOnce, type ReadRoom } from './read-room.js'
import { StoreError } from './read-routes.js'
import { type App, toHonoPath } from './route.js'

/**
 * Adds the routes of the numbers, with a site in the path and without. A route throws `ParameterError` for a bad
 * parameter, and for one that is given twice, and `StoreError` if the store fails.
 *
 * @param lookupsOf the questions about one site.
 * @param large where replies are made that may be large: lists of sessions. The others have a room of their own, because lists
 *   take long to send, and numbers to make.
 */
export function addNumbersRoutes(
  app: App,
  lookupsOf: (site: string) => NumbersLookups,
  authorize: Authorize,
  large: ReadRoom,
): void {
  const own = createReadRoom(numbersAtOnce)
  for (const base of ['/v1', '/v1/sites/{site}'])
    for (const { path, find, parameters } of numbersTable)
      app.get(toHonoPath(base + path), async c => {
        const { raw } = c.req
        const access = await authorize(raw, c.env, 'read', c.req.param('site') ?? null)
        if ('denied' in access) return toResponse(access.denied)
        const params = new URL(raw.url).searchParams
        checkOnce(
          params,
          parameters.filter(name => name !== 'step'),
        )
        const lookup = lookupsOf(access.site)[find]
        async function answer(): Promise<Response> {
          const found = await lookup(params).catch(cause => {
            throw cause instanceof ParameterError ? cause : new StoreError(cause)
          })
          return toResponse(makeTextReply(200, toJson(found)))
        }
        return (find === 'summaries' ? large : own).answer(c.env, answer)
      })
}
