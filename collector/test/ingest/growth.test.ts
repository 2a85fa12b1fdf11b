import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { arrive } from '../helpers/arrivals.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'

/** Stores these batches in a file, one in each transaction. Returns how many bytes each of their bytes takes on disk. */
async function growthOf(batches: readonly object[]): Promise<number> {
  const path = databasePath()
  await (await sqliteStore(path)).close()
  const before = statSync(path).size
  const store = await sqliteStore(path)
  let received = 0
  for (const batch of batches) {
    received += Buffer.byteLength(JSON.stringify(batch))
    await store.merge([arrive(batch)])
  }
  // The close copies the log into the file.
  await store.close()
  return (statSync(path).size - before) / received
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
  ['visits', n => ({ v: 1, visits: list(2000, m => ({ visitID: `${n}-${m}`, startDate: 1 })) })],
  ['sessions of one visit', n => ({ v: 1, sessions: list(2000, m => shortSession('v', `${n}-${m}`, 'anna')) })],
  [
    'sessions of many visits and people',
    n => ({ v: 1, sessions: list(2000, m => shortSession(`${n}-${m}`, `${n}-${m}`, `${n}-${m}`)) }),
  ],
  ['writers', n => visitWith({ written: Object.fromEntries(list(2000, m => [`${n}-${m}-writer`, 1])) })],
  ['refused records', n => visitWith({ events: list(1000, m => ({ eventID: `${n}-${m}` })) })],
]

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
    expect(await growthOf(list(10, make))).toBeLessThan(4)
  })
})
