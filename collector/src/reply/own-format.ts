import { type Page, toDuration } from 'sojourn/record'
import type { FoundVisit, Included } from '../query/found.js'
import type { ReplyFormat } from './format.js'
import { makeTextReply, toResponse, toTextList } from './reply.js'

/** Our own format, under `/v1`: our names, lists as `{ items, next }`, and only what the request included. */
export const ownFormat: ReplyFormat = {
  base: '/v1',
  event: event => event,
  page: ({ page, events }) => ({ ...toPage(page), ...named('event', events) }),
  session: ({ session, events, pages }) => ({ ...session, ...named('event', events), ...named('page', pages) }),
  visit: toVisit,
  identity: ({ identity, visitScope, events, pages, sessions, visits }) => ({
    ...identity,
    visitScope,
    ...named('event', events),
    ...named('page', pages),
    ...named('session', sessions),
    ...named('visit', visits),
  }),
  one: (_found, text) => toResponse(makeTextReply(200, text)),
  list: (items, next) =>
    toResponse(makeTextReply(200, `{"items":${toTextList(items)},"next":${JSON.stringify(next)}}`)),
}

function toVisit({ visit, endDate, activeSessionID, events, pages, sessions }: FoundVisit): object {
  return {
    ...visit,
    endDate,
    activeSessionID,
    ...named('event', events),
    ...named('page', pages),
    ...named('session', sessions),
  }
}

function toPage(page: Page): object {
  return { ...page, duration: toDuration(page.startDate, page.endDate) }
}

function named<T>(name: string, { ids, items, next }: Included<T>): object {
  return {
    ...(ids && { [`${name}Ids`]: ids }),
    ...(items && { [`${name}s`]: items }),
    ...(next && { [`${name}sNext`]: next }),
  }
}
