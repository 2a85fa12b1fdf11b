import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { isTooHeavy } from '../../src/ingest/weight.js'
import type { CollectorStore } from '../../src/store/store.js'
import { arrive } from '../helpers/arrivals.js'
import { bodyOf, collectorWith, databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { isLong } from '../helpers/long.js'
import { digestAll } from '../helpers/numbers.js'

/** Stores these batches in a file, one in each transaction. Returns how many bytes each of their bytes takes on disk. */
async function growthOf(batches: readonly object[], path = databasePath()): Promise<number> {
  let received = 0
  const before = await sizeAfter(path, async () => {})
  const after = await sizeAfter(path, async store => {
    for (const batch of batches) {
      received += Buffer.byteLength(toWire(batch))
      await store.merge([arrive(batch)])
    }
  })
  return (after - before) / received
}

/** The same, and how many bytes each takes with the numbers of the site. */
async function growthsOf(batches: readonly object[]): Promise<{ records: number; withNumbers: number }> {
  const path = databasePath()
  const before = await sizeAfter(path, async () => {})
  const records = await growthOf(batches, path)
  const stored = statSync(path).size
  const counted = await sizeAfter(path, digestAll)
  return { records, withNumbers: (records * (counted - before)) / (stored - before) }
}

/** The size of the file after something was done with its store. The close copies the log into the file. */
async function sizeAfter(path: string, run: (store: CollectorStore) => Promise<unknown>): Promise<number> {
  const store = await sqliteStore(path)
  await run(store)
  await store.close()
  return statSync(path).size
}

/** Ids as our tracker makes them have 21 characters. */
const toID = (start: string, length = 21): string => start.padEnd(length, 'x')
const list = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

const visitID = toID('visit')
const visitWith = (more: object) => ({ v: 1, visits: [{ visitID, startDate: noon, ...more }] })
const sessionWith = (more: object) => ({
  v: 1,
  sessions: [{ visitID, sessionID: toID('session'), identityId: 'anna', startDate: noon, ...more }],
})
const eventsWith = (batch: number, count: number, more: (n: number) => object = () => ({})) =>
  list(count, n => ({
    eventID: toID(`${batch}-${n}-`),
    eventName: 'Search',
    timestamp: noon + n,
    writer: toID('writer'),
    seq: n,
    ...more(n),
  }))

/** What a batch is full of, and how it is made. */
const cases: readonly (readonly [string, (batch: number) => object])[] = [
  ['events', n => visitWith({ events: eventsWith(n, 1000) })],
  ['events of a session', n => sessionWith({ events: eventsWith(n, 1000) })],
  [
    'events of a session, each on a page that is not described',
    n => sessionWith({ events: eventsWith(n, 1000, m => ({ pageID: `page-${n}-${m}` })) }),
  ],
  [
    'events with the shortest fields',
    n => visitWith({ visitID: 'v', events: list(1000, m => ({ ...shortEvent, eventID: `${n}-${m}` })) }),
  ],
  [
    'events with the longest ids and names',
    n =>
      visitWith({
        visitID: toID('visit', 256),
        events: eventsWith(n, 250, m => ({
          eventID: toID(`${n}-${m}-`, 256),
          eventName: toID('name', 1024),
          writer: toID('writer', 256),
          pageID: toID('page', 256),
        })),
      }),
  ],
  [
    'pages with titles and addresses',
    n =>
      visitWith({
        pages: list(500, m => ({ pageID: toID(`${n}-${m}-`), title: 'A tool', url: `https://shop.example/${m}` })),
      }),
  ],
  [
    'pages with long titles',
    n => visitWith({ pages: list(50, m => ({ pageID: toID(`${n}-${m}-`), title: 't'.repeat(8000) })) }),
  ],
  ['sessions of one visit', n => ({ v: 1, sessions: list(2000, m => shortSession('v', `${n}-${m}`, 'anna')) })],
  ['writers', n => visitWith({ written: Object.fromEntries(list(2000, m => [`${n}-${m}-writer`, 1])) })],
  ['refused records', n => visitWith({ events: list(1000, m => ({ eventID: `${n}-${m}` })) })],
]

/** A number that has 4 characters on the wire, and 21 in a row. */
const shortNumber = 1e20

/** Writes a batch in as few characters as a sender can. */
const toWire = (batch: object): string => JSON.stringify(batch).replaceAll(String(shortNumber), '1e20')

const shortEvent = { eventName: 'a', timestamp: 1, writer: 'w', seq: 1 }

function shortSession(visit: string, sessionID: string, identityId: string): object {
  return { visitID: visit, sessionID, identityId, startDate: 1 }
}

/** A page with an address of 8 KB, and events that have that of their page. */
const onePage = (n: number): object => {
  const page = { pageID: 'page', url: `https://shop.example/${'x'.repeat(8000)}` }
  return visitWith({ pages: [page], events: eventsWith(n, 1000, () => ({ pageID: 'page' })) })
}

/** A visit and a session whose ids are as long as they may be. No event on the wire repeats them. */
const longIds = (n: number): object => ({
  v: 1,
  sessions: [
    {
      visitID: toID('visit', 256),
      sessionID: toID('session', 256),
      identityId: toID('anna', 512),
      startDate: noon,
      events: eventsWith(n, 1000),
    },
  ],
})

describe('what SQLite stores has at most four times the bytes that were received, unzipped', () => {
  it.each([
    ...cases,
    ['events of a page with a long address', onePage] as const,
    ['events of a session with long ids', longIds] as const,
  ])('where a batch is full of %s', async (_, make) => {
    expect(await growthOf(list(isLong ? 10 : 5, make))).toBeLessThan(4)
  })
})

type Parts = { readonly visits?: readonly object[]; readonly sessions?: readonly object[] }

/** Short ids in an order that means nothing, because pages of a database that are filled in order are fuller. */
const shortID = (n: number, m: number): string => createHash('md5').update(`${n}-${m}`).digest('base64url').slice(0, 4)
const longVisit = { visitID: toID('visit', 256), startDate: noon }
const longSession = (more: object): Parts => ({
  sessions: [{ ...longVisit, sessionID: toID('session', 256), identityId: toID('anna', 512), ...more }],
})
const event = (n: number, m: number, more: object = {}) =>
  Object.assign({ eventID: shortID(n, m), eventName: 'a', timestamp: noon, writer: 'w', seq: 1 }, more)

/** What a batch has so many of: a few characters each, and many more in the rows. */
const shortCases: readonly (readonly [string, (n: number, count: number) => Parts])[] = [
  ['pages', (n, count) => ({ visits: [{ ...longVisit, pages: list(count, m => ({ pageID: shortID(n, m) })) }] })],
  ['pages of a session', (n, count) => longSession({ pages: list(count, m => ({ pageID: shortID(n, m) })) })],
  [
    'pages of a visit with an id of ours',
    (n, count) => visitWith({ pages: list(count, m => ({ pageID: shortID(n, m) })) }),
  ],
  [
    'writers',
    (n, count) => ({ visits: [{ ...longVisit, written: Object.fromEntries(list(count, m => [shortID(n, m), 1])) }] }),
  ],
  ['refused records', (n, count) => longSession({ events: list(count, m => ({ eventID: shortID(n, m) })) })],
  ['events', (n, count) => longSession({ events: list(count, m => event(n, m)) })],
  ['events of our tracker', (n, count) => longSession({ events: eventsWith(n, count) })],
  [
    'events on pages that are not described',
    (n, count) => longSession({ events: list(count, m => event(n, m, { pageID: shortID(n, m) })) }),
  ],
  [
    'events on pages with long ids that are not described',
    (n, count) => longSession({ events: list(count, m => event(n, m, { pageID: toID(shortID(n, m), 256) })) }),
  ],
  [
    'sign-ins with short names',
    (n, count) =>
      longSession({
        events: list(count, m => event(n, m, { eventName: 'SignIn', data: { name: 'a', location: 'b' } })),
      }),
  ],
  [
    'sign-ins with long names',
    (n, count) =>
      longSession({
        events: list(count, m =>
          event(n, m, {
            eventName: 'SignIn',
            data: { name: toID(shortID(n, m), 256), location: toID(shortID(n, m), 256) },
          }),
        ),
      }),
  ],
  [
    'sessions in a visit with a long user agent',
    (n, count) => ({
      visits: [{ visitID: toID(`visit-${n}`), startDate: 1, userAgent: toID('agent', 8000) }],
      sessions: list(count, m => shortSession(toID(`visit-${n}`), shortID(n, m), shortID(n, m))),
    }),
  ],
  [
    'sign-ins in a visit with a user agent of three bytes a character',
    (n, count) => ({
      visits: [{ visitID: toID(`visit-${n}`), startDate: 1, userAgent: '日'.repeat(8000) }],
      sessions: list(count, m => ({
        ...shortSession(toID(`visit-${n}`), shortID(n, m), shortID(n, m)),
        events: [event(n, m, { eventName: 'SignIn', data: { name: '日'.repeat(256) } })],
      })),
    }),
  ],
  [
    'sessions and visits whose ids are hashed',
    (n, count) => ({
      sessions: list(count, m => {
        const id = toID(shortID(n, m), 44)
        return shortSession(id, id, id)
      }),
    }),
  ],
  [
    'sessions and visits with the longest ids',
    (n, count) => ({
      sessions: list(count, m => {
        const id = toID(shortID(n, m), 256)
        return shortSession(id, id, toID(id, 512))
      }),
    }),
  ],
  [
    'events of different names',
    (n, count) => longSession({ events: list(count, m => event(n, m, { eventName: shortID(n, m) })) }),
  ],
  [
    'events of many days',
    (n, count) => longSession({ events: list(count, m => event(n, m, { timestamp: (n * 1000 + m) * 86_400_000 })) }),
  ],
  [
    'events with short properties',
    (n, count) =>
      longSession({
        events: list(count, m =>
          event(n, m, { data: Object.fromEntries(list(8, k => [String.fromCharCode(97 + k), shortID(n, 8 * m + k)])) }),
        ),
      }),
  ],
  [
    'pages of different addresses',
    (n, count) => longSession({ pages: list(count, m => ({ pageID: shortID(n, m), url: shortID(n, m) })) }),
  ],
  [
    'events with numbers that are short on the wire',
    (n, count) => longSession({ events: list(count, m => event(n, m, { data: { a: list(25, () => shortNumber) } })) }),
  ],
  ['visits', (n, count) => ({ visits: list(count, m => ({ visitID: shortID(n, m), startDate: 1 })) })],
  [
    'visits of one page',
    (n, count) => ({
      visits: list(count, m => {
        const page = { pageID: 'p', url: shortID(n, m), referrer: `a://${shortID(n, m)}` }
        return { visitID: shortID(n, m), startDate: 1, pages: [page] }
      }),
    }),
  ],
  [
    'visits with long user agents',
    (n, count) => ({
      visits: list(count, m => ({ visitID: shortID(n, m), startDate: 1, userAgent: toID('agent', 8000) })),
    }),
  ],
]

/** The batches with most of them that are taken. They have long texts too, because those buy room for short records. */
function fillAll(make: (n: number, count: number) => Parts): object[] {
  let like = 500
  return list(isLong ? 8 : 4, n => {
    const { count, batch } = fill(make, n, like)
    like = count
    return batch
  })
}

/** @param like how many are looked at first: as many as a batch before had. */
function fill(make: (n: number, count: number) => Parts, n: number, like: number): { count: number; batch: object } {
  const filler = list(3, m => ({ visitID: `filler-${n}-${m}`, startDate: 1, languageCode: 'x'.repeat(8000) }))
  const of = (count: number) => {
    const { visits = [], sessions = [] } = make(n, count)
    return { v: 1, visits: [...visits, ...filler], sessions }
  }
  const isTaken = (count: number): boolean => {
    const text = toWire(of(count))
    const bytes = Buffer.byteLength(text)
    return bytes <= 512 * 1024 && !isTooHeavy(parseBatch(text), bytes, 'default')
  }
  let [least, most, step] = [0, 1000, 1]
  let middle = like
  while (least < most) {
    if (isTaken(middle)) least = middle
    else most = middle - 1
    // It looks close to the first place, and then further and further away from it.
    const from = middle === least ? least + step : most - step + 1
    middle = step < (most - least) / 2 ? from : Math.ceil((least + most) / 2)
    step *= 2
  }
  expect(least).toBeGreaterThan(10)
  return { count: least, batch: of(least) }
}

describe('what SQLite stores of the worst batch that is taken has at most four times the bytes that were received, and with the numbers of the site six and a half times,', () => {
  it.each(shortCases)('of many short %s', async (_, make) => {
    const { records, withNumbers } = await growthsOf(fillAll(make))
    expect(records).toBeLessThan(4)
    expect(withNumbers).toBeLessThan(6.5)
  })
})

describe('a row that is a little longer than a quarter of a page of the database', () => {
  // SQLite puts the rest of such a row on a page of its own.
  it('takes at most five times its bytes where it is an event', async () => {
    const make = (n: number) => visitWith({ events: eventsWith(n, 200, () => ({ data: { text: 'x'.repeat(900) } })) })
    expect(await growthOf(list(10, make))).toBeLessThan(5)
  })

  it.each([40, 60])(
    'takes at most seven times its bytes where %d of its numbers are short on the wire',
    async count => {
      const make = (n: number, m: number) =>
        longSession({ events: list(m, k => event(n, k, { data: { a: list(count, () => shortNumber) } })) })
      expect(await growthOf(fillAll(make))).toBeLessThan(7)
    },
  )
})

describe('a batch whose rows would be far longer than itself', () => {
  it('gets 413 too-many-records, and nothing of it is stored', async () => {
    const { send, store, errors } = collectorWith()
    const pages = list(1000, m => ({ pageID: shortID(0, m) }))
    const response = await send({ v: 1, visits: [{ ...longVisit, pages }] })
    expect(response.status).toBe(413)
    expect(await bodyOf(response)).toMatchObject({ error: 'too-many-records', maxRecords: 1000 })
    expect(await store.of('default').visit(longVisit.visitID)).toBe(null)
    expect(errors).toEqual([])
  })

  it('is never one of a browser: not that of a hundred people who sign in and out on one screen', async () => {
    const { send } = collectorWith()
    const visit = { visitID: toID('visit'), globalVisitID: toID('browser'), startDate: noon, languageCode: 'en' }
    // A batch repeats the page that was open.
    const page = {
      pageID: toID('page'),
      sessionID: null,
      url: 'https://shop.example/till',
      title: 'Till',
      referrer: '',
      category: '',
      startDate: noon,
    }
    const sessions = list(100, n => {
      const sessionID = toID(`session-${n}`)
      const event = { timestamp: noon + n, writer: toID('writer'), pageID: toID('page'), category: '', data: null }
      const events = ['SignIn', 'SignOut'].map((eventName, m) => ({
        ...event,
        eventID: toID(`${n}-${m}-`),
        eventName,
        seq: 2 * n + m,
        ...(eventName === 'SignIn' && { data: { name: `Anna ${n}`, location: 'Berlin' } }),
      }))
      const times = { startDate: noon + n, endDate: noon + n, duration: 0 }
      return {
        sessionID,
        identityId: `user-${n}@shop.example`,
        visitID: visit.visitID,
        ...times,
        pages: [page],
        events,
      }
    })
    const written = { [toID('writer')]: 200 }
    const userAgent =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
    const batch = { v: 1, sentAt: noon, visits: [{ ...visit, userAgent, written }], sessions }
    expect((await send(batch)).status).toBe(200)
  })
})
