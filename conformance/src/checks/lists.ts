import { type Check, type Context, makeSite } from '../check.js'
import { must, mustBe, mustBeError } from '../expect.js'
import { at, type Json, listAt } from '../json.js'
import type { Reply } from '../wire.js'
import { type Base, bases, type FilledList, fillLists, mustTake } from './filled-lists.js'

/** Reads one page of a list, in the format of its base. */
async function readPage(context: Context, base: Base, { path, idName }: FilledList, query: string) {
  const reply = await context.wire.get(`${base}${path}?${query}`)
  const isOwn = base === '/v1'
  mustBe(reply, 200)
  const items = isOwn ? at(reply.body, 'items') : reply.body
  must(Array.isArray(items), isOwn ? 'items is not a list' : 'the body is not a list', reply)
  const next = isOwn ? at(reply.body, 'next') : reply.headers.get('Paging-Next')
  must(next === null || typeof next === 'string', 'next is neither a cursor nor null', reply)
  return { ids: listAt(items).map(one => toText(at(one, idName[base]))), next, reply }
}

const toText = (id: Json | undefined): string => (typeof id === 'string' ? id : '(an item without an id)')

/** Reads a list to its end, page by page. */
async function walk(
  context: Context,
  base: Base,
  list: FilledList,
  size: number,
  between: () => Promise<void>,
): Promise<string[]> {
  const seen: string[] = []
  for (let next: string | null = '', n = 0; next !== null; n++) {
    const cursor: string = next ? `&paging_next=${encodeURIComponent(next)}` : ''
    const page = await readPage(context, base, list, `page_size=${size}${cursor}`)
    must(page.ids.length <= size, `page_size=${size} gives ${page.ids.length} items`, page.reply)
    must(n < 50, 'the list does not end', page.reply)
    seen.push(...page.ids)
    next = page.next
    if (n === 0) await between()
  }
  return seen
}

type CheckList = (list: FilledList, base: Base, all: readonly FilledList[]) => Promise<void>

async function eachList(context: Context, check: CheckList): Promise<void> {
  for (const base of bases) {
    const all = await fillLists(context)
    for (const list of all) await check(list, base, all)
  }
}

function mustBeList(actual: readonly string[], expected: readonly string[], path: string): void {
  must(new Set(actual).size === actual.length, `${path} repeats ${actual.find((id, n) => actual.indexOf(id) < n)}`)
  const skipped = expected.filter(id => !actual.includes(id))
  must(!skipped.length, `${path} skips ${skipped.join()}`)
  const found = actual.filter(id => expected.includes(id))
  must(found.join() === expected.join(), `${path} is in the order ${found.join()}, not ${expected.join()}`)
}

const nothing = async (): Promise<void> => {}

const paging: Check = {
  name: 'paging',
  promise: 'a list is read in pages of page_size, in order, without gaps or repetitions.',
  section: 'asking',
  needs: ['reads'],
  run: context =>
    eachList(context, async (list, base) => {
      for (const size of [1, 3, 1000]) {
        const seen = await walk(context, base, list, size, nothing)
        mustBeList(seen, list.ids, `${base}${list.path} by ${size}`)
        must(seen.length === list.ids.length, `${base}${list.path} has ${seen.length} items, not ${list.ids.length}`)
      }
    }),
}

const pagingLive: Check = {
  name: 'paging-while-more-arrives',
  promise: 'a list is read without gaps or repetitions although more items arrive before and after the cursor.',
  section: 'asking',
  needs: ['reads'],
  run: context =>
    eachList(context, async (list, base) => {
      mustBeList(await walk(context, base, list, 3, list.add), list.ids, `${base}${list.path}`)
    }),
}

const cursors: Check = {
  name: 'cursors',
  promise: 'a cursor contains no personal data; a text that is not a cursor of the list gets 400 paging_next-invalid.',
  section: 'asking',
  needs: ['reads'],
  run: context =>
    eachList(context, async (list, base, all) => {
      const { next, reply } = await readPage(context, base, list, 'page_size=2')
      must(next !== null, 'there are more items, but there is no cursor', reply)
      const readable = ['latin1', 'base64', 'base64url', 'hex'].map(form => Buffer.from(next, form as 'hex').toString())
      const person = /identity-[^@]*@example\.org/
      must(
        !readable.some(text => person.test(decodeURIComponent(text.replaceAll('%', '%25')))),
        'the cursor names the identity',
        reply,
      )
      must(!/identity|%40|@/.test(next), 'the cursor names the identity', reply)
      const ask = (path: string, cursor: string): Promise<Reply> =>
        context.wire.get(`${path}?paging_next=${encodeURIComponent(cursor)}`)
      mustBeError(await ask(base + list.path, 'no-cursor'), 400, 'paging_next-invalid')
      const other = all.find(({ idName }) => idName[base] !== list.idName[base]) as FilledList
      mustBeError(await ask(base + other.path, next), 400, 'paging_next-invalid')
    }),
}

const age: Check = {
  name: 'age',
  promise: "age leaves out older items of every list, in seconds by the collector's clock.",
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const asked = await context.wire.send({ v: 1 })
    const now = Number(at(asked.body, 'now'))
    const [old, young] = [now - 7_200_000, now - 60_000]
    const [site, other] = [makeSite(context, old), makeSite(context, young)]
    const { identityId, sessionID, visitID } = site
    const event = site.event({ timestamp: young })
    const page = { pageID: context.makeId('page'), startDate: young }
    const pages = [page, { pageID: context.makeId('page'), startDate: old }]
    const second = { sessionID: context.makeId('session'), identityId, visitID, startDate: young }
    await mustTake(context, site.batch([site.event({ timestamp: old }), event], { pages }), {
      v: 1,
      sessions: [second],
    })
    await mustTake(context, other.batch([other.event()], { identityId }))
    const lists: readonly [path: string, young: Json][] = [
      [`/sessions/${sessionID}/events`, { eventID: event.eventID }],
      [`/sessions/${sessionID}/pages`, { startDate: young }],
      [`/visits/${visitID}/sessions`, { startDate: young }],
      [`/identities/${encodeURIComponent(identityId)}/visits`, { startDate: young }],
    ]
    for (const [path, item] of lists) {
      mustBe(await context.wire.get(`/v1${path}?age=3600`), 200, { items: [item] })
      mustBe(await context.wire.get(`/backend/data${path}?age=3600`), 200, [item])
      const all = await context.wire.get(`/v1${path}?age=86400`)
      must(listAt(all.body, 'items').length === 2, 'an age of a day does not give both items', all)
      mustBe(await context.wire.get(`/v1${path}?age=1`), 200, { items: [] })
      mustBe(await context.wire.get(`/backend/data${path}?age=1`), 204)
    }
  },
}

const parameters: Check = {
  name: 'parameters',
  promise: 'an invalid parameter gets 400 with a code that contains its name; unknown parameters are ignored.',
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const [list] = await fillLists(context)
    const path = (list as FilledList).path
    const session = path.replace('/events', '')
    const bad: readonly [path: string, name: string, value: string][] = [
      [path, 'page_size', '0'],
      [path, 'page_size', '1001'],
      [path, 'page_size', 'many'],
      [path, 'age', '-1'],
      [path, 'age', '1.5'],
      [path, 'eventType', 'OTHER'],
      [session, 'include_events', 'yes'],
      [session, 'include_events_detail', 'true'],
      [session, 'include_pages_detail', 'true'],
    ]
    for (const base of bases) {
      for (const [at, name, value] of bad)
        mustBeError(await context.wire.get(`${base}${at}?${name}=${value}`), 400, `${name}-invalid`)
      mustBe(await context.wire.get(`${base}${path}?mood=fine`), 200)
    }
  },
}

const missing: Check = {
  name: 'missing',
  promise: 'a resource that does not exist, and its lists, get 404 not-found.',
  section: 'asking',
  needs: ['reads'],
  async run({ wire, makeId }) {
    const lists = {
      sessions: ['', '/events', '/pages'],
      visits: ['', '/sessions', '/events', '/pages', '/identities'],
      identities: ['', '/visits', '/sessions', '/events', '/pages'],
      pages: ['/events'],
    }
    for (const base of bases)
      for (const [name, paths] of Object.entries(lists))
        for (const path of paths)
          mustBeError(await wire.get(`${base}/${name}/${makeId('missing')}${path}`), 404, 'not-found')
  },
}

const isPrivate: Check = {
  name: 'reads-are-private',
  promise: 'replies to reads have Cache-Control: no-store and no CORS headers.',
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const [list] = await fillLists(context)
    for (const base of bases) {
      const reply = await context.wire.get(base + (list as FilledList).path)
      mustBe(reply, 200)
      must(/\bno-store\b/.test(reply.headers.get('Cache-Control') ?? ''), 'Cache-Control is not no-store', reply)
      const type = reply.headers.get('Content-Type') ?? 'missing'
      must(/^application\/json\b/i.test(type), `the Content-Type is ${type}, not application/json`, reply)
      must(!reply.headers.has('Access-Control-Allow-Origin'), 'reads have a CORS header', reply)
    }
  },
}

/** Checks of lists and parameters. */
export const listChecks: readonly Check[] = [paging, pagingLive, cursors, age, parameters, missing, isPrivate]
