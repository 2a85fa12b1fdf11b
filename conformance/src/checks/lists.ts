import { type Check, type House, makeSite } from '../check.js'
import { must, mustBe, mustRefuse } from '../expect.js'
import { at, type Json, listAt } from '../json.js'
import type { Reply } from '../wire.js'
import { type Base, bases, fillShelves, mustTake, type Shelf } from './shelves.js'

/** One page of a list, in the form of its base. */
async function readPage(house: House, base: Base, { path, idName }: Shelf, query: string) {
  const reply = await house.wire.get(`${base}${path}?${query}`)
  const isOwn = base === '/v1'
  mustBe(reply, 200)
  const items = isOwn ? at(reply.body, 'items') : reply.body
  must(Array.isArray(items), isOwn ? 'items is not a list' : 'the body is not a list', reply)
  const next = isOwn ? at(reply.body, 'next') : reply.headers.get('Paging-Next')
  must(next === null || typeof next === 'string', 'next is neither a cursor nor null', reply)
  return { ids: listAt(items).map(one => toText(at(one, idName[base]))), next, reply }
}

const toText = (id: Json | undefined): string => (typeof id === 'string' ? id : '(an item without its id)')

/** Walks a list to its end, a page after another. */
async function walk(
  house: House,
  base: Base,
  shelf: Shelf,
  size: number,
  between: () => Promise<void>,
): Promise<string[]> {
  const seen: string[] = []
  for (let next: string | null = '', n = 0; next !== null; n++) {
    const cursor: string = next ? `&paging_next=${encodeURIComponent(next)}` : ''
    const page = await readPage(house, base, shelf, `page_size=${size}${cursor}`)
    must(page.ids.length <= size, `page_size=${size} gives ${page.ids.length} items`, page.reply)
    must(n < 50, 'there is always a next page', page.reply)
    seen.push(...page.ids)
    next = page.next
    if (n === 0) await between()
  }
  return seen
}

type Look = (shelf: Shelf, base: Base, all: readonly Shelf[]) => Promise<void>

async function eachShelf(house: House, look: Look): Promise<void> {
  for (const base of bases) {
    const all = await fillShelves(house)
    for (const shelf of all) await look(shelf, base, all)
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
  promise: 'a list comes in pages of page_size, in its order, and neither skips nor repeats.',
  section: 'asking',
  needs: ['reads'],
  run: house =>
    eachShelf(house, async (shelf, base) => {
      for (const size of [1, 3, 1000]) {
        const seen = await walk(house, base, shelf, size, nothing)
        mustBeList(seen, shelf.ids, `${base}${shelf.path} by ${size}`)
        must(seen.length === shelf.ids.length, `${base}${shelf.path} has ${seen.length} items, not ${shelf.ids.length}`)
      }
    }),
}

const pagingLive: Check = {
  name: 'paging-while-more-arrives',
  promise: 'a list that is being read neither skips nor repeats what was there while more arrives before and after.',
  section: 'asking',
  needs: ['reads'],
  run: house =>
    eachShelf(house, async (shelf, base) => {
      mustBeList(await walk(house, base, shelf, 3, shelf.add), shelf.ids, `${base}${shelf.path}`)
    }),
}

const cursors: Check = {
  name: 'cursors',
  promise: 'a cursor holds no personal data, and one of another list, or none at all, is a 400 paging_next-invalid.',
  section: 'asking',
  needs: ['reads'],
  run: house =>
    eachShelf(house, async (shelf, base, all) => {
      const { next, reply } = await readPage(house, base, shelf, 'page_size=2')
      must(next !== null, 'there is more, and no cursor', reply)
      const readable = ['latin1', 'base64', 'base64url', 'hex'].map(form => Buffer.from(next, form as 'hex').toString())
      const person = /identity-[^@]*@example\.org/
      must(
        !readable.some(text => person.test(decodeURIComponent(text.replaceAll('%', '%25')))),
        'the cursor names the identity',
        reply,
      )
      must(!/identity|%40|@/.test(next), 'the cursor names the identity', reply)
      const ask = (path: string, cursor: string): Promise<Reply> =>
        house.wire.get(`${path}?paging_next=${encodeURIComponent(cursor)}`)
      mustRefuse(await ask(base + shelf.path, 'no-cursor'), 400, 'paging_next-invalid')
      const other = all.find(({ idName }) => idName[base] !== shelf.idName[base]) as Shelf
      mustRefuse(await ask(base + other.path, next), 400, 'paging_next-invalid')
    }),
}

const age: Check = {
  name: 'age',
  promise: "age leaves out of every list what is older, in seconds by the collector's clock.",
  section: 'asking',
  needs: ['reads'],
  async run(house) {
    const asked = await house.wire.send({ v: 1 })
    const now = Number(at(asked.body, 'now'))
    const [old, young] = [now - 7_200_000, now - 60_000]
    const [site, other] = [makeSite(house, old), makeSite(house, young)]
    const { identityId, sessionID, visitID } = site
    const event = site.event({ timestamp: young })
    const page = { pageID: house.makeId('page'), startDate: young }
    const pages = [page, { pageID: house.makeId('page'), startDate: old }]
    const second = { sessionID: house.makeId('session'), identityId, visitID, startDate: young }
    await mustTake(house, site.batch([site.event({ timestamp: old }), event], { pages }), { v: 1, sessions: [second] })
    await mustTake(house, other.batch([other.event()], { identityId }))
    const lists: readonly [path: string, young: Json][] = [
      [`/sessions/${sessionID}/events`, { eventID: event.eventID }],
      [`/sessions/${sessionID}/pages`, { startDate: young }],
      [`/visits/${visitID}/sessions`, { startDate: young }],
      [`/identities/${encodeURIComponent(identityId)}/visits`, { startDate: young }],
    ]
    for (const [path, item] of lists) {
      mustBe(await house.wire.get(`/v1${path}?age=3600`), 200, { items: [item] })
      mustBe(await house.wire.get(`/backend/data${path}?age=3600`), 200, [item])
      const all = await house.wire.get(`/v1${path}?age=86400`)
      must(listAt(all.body, 'items').length === 2, 'an age of a day does not give both items', all)
      mustBe(await house.wire.get(`/v1${path}?age=1`), 200, { items: [] })
      mustBe(await house.wire.get(`/backend/data${path}?age=1`), 204)
    }
  },
}

const parameters: Check = {
  name: 'parameters',
  promise: 'a parameter that cannot be answered is a 400 of its name, and one that is not known is ignored.',
  section: 'asking',
  needs: ['reads'],
  async run(house) {
    const [shelf] = await fillShelves(house)
    const path = (shelf as Shelf).path
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
        mustRefuse(await house.wire.get(`${base}${at}?${name}=${value}`), 400, `${name}-invalid`)
      mustBe(await house.wire.get(`${base}${path}?mood=fine`), 200)
    }
  },
}

const missing: Check = {
  name: 'missing',
  promise: 'what is not there, and the lists of what is not there, are 404 not-found.',
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
          mustRefuse(await wire.get(`${base}/${name}/${makeId('missing')}${path}`), 404, 'not-found')
  },
}

const quiet: Check = {
  name: 'reads-are-private',
  promise: 'no cache keeps what was read, and no page of any origin may read it.',
  section: 'asking',
  needs: ['reads'],
  async run(house) {
    const [shelf] = await fillShelves(house)
    for (const base of bases) {
      const reply = await house.wire.get(base + (shelf as Shelf).path)
      mustBe(reply, 200)
      must(/\bno-store\b/.test(reply.headers.get('Cache-Control') ?? ''), 'Cache-Control is not no-store', reply)
      const type = reply.headers.get('Content-Type') ?? 'missing'
      must(/^application\/json\b/i.test(type), `the Content-Type is ${type}, not application/json`, reply)
      must(!reply.headers.has('Access-Control-Allow-Origin'), 'reads have a CORS header', reply)
    }
  },
}

/** Asking, a page after another. */
export const listChecks: readonly Check[] = [paging, pagingLive, cursors, age, parameters, missing, quiet]
