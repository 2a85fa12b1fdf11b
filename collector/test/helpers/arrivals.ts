import * as fc from 'fast-check'
import { limits, parseBatch } from 'sojourn/record'
import type { Arrival } from '../../src/store/store.js'
import { noon } from './collector.js'

// Generators of arrivals. There are only two visits with two sessions each and a few pages, so that records often meet.

interface RecordPlan {
  readonly n: number
  readonly visit: number
  /** 0: outside a session. */
  readonly session: number
  /** 0: without a page. */
  readonly page: number
  readonly name: string
  readonly after: number
  readonly isActivity: boolean
}

const recordPlan = fc.record({
  visit: fc.integer({ min: 1, max: 2 }),
  session: fc.integer({ min: 0, max: 2 }),
  page: fc.integer({ min: 0, max: 3 }),
  name: fc.constantFrom('SignIn', 'SignOut', 'SessionEnded', 'PageEntered', 'PageExited', 'Search'),
  after: fc.integer({ min: 0, max: 100_000 }),
  isActivity: fc.boolean(),
})

/** Records as browsers make them: each once, and repeated facts are always the same. */
export const anyRecords: fc.Arbitrary<readonly RecordPlan[]> = fc
  .array(recordPlan, { minLength: 1, maxLength: 14 })
  .map(list => list.map((one, n) => ({ ...one, n })))

/** Makes an arrival of a batch on the wire. */
export function arrive(batch: object, receivedAt = noon, site = 'default'): Arrival {
  return { site, receivedAt, batch: parseBatch(JSON.stringify(batch)) }
}

/** Makes one batch with these records, as a browser sends it. */
export function toArrival(records: readonly RecordPlan[], receivedAt: number, sentAt = noon): Arrival {
  const visits = group(records, one => one.visit).map(([visit, some]) => ({
    visitID: `visit-${visit}`,
    globalVisitID: 'browser-1',
    startDate: noon + visit,
    languageCode: 'de',
    userAgent: 'a browser',
    idleLimitMs: 60_000 * visit,
    written: { [`writer-${visit}`]: Math.max(...some.map(({ n }) => n + 1)) },
    dropped: {},
    pages: toPages(some.filter(({ session }) => !session)),
    events: some.filter(({ session }) => !session).map(toEvent),
  }))
  const signedIn = records.filter(({ session }) => session)
  const sessions = group(signedIn, one => one.visit * 10 + one.session).map(([id, some]) => ({
    sessionID: `session-${id}`,
    identityId: `identity-${id}`,
    visitID: `visit-${Math.floor(id / 10)}`,
    startDate: noon + id,
    pages: toPages(some),
    events: some.map(toEvent),
  }))
  return { site: 'default', receivedAt, batch: parseBatch(JSON.stringify({ v: 1, sentAt, visits, sessions })) }
}

/** Delivers records in any batches, in any order, with repetitions. Batches of one group arrive together. */
export function anyDelivery(records: readonly RecordPlan[]): fc.Arbitrary<readonly (readonly Arrival[])[]> {
  const batch = fc.tuple(fc.subarray([...records], { minLength: 1 }), fc.nat(5000), fc.nat(5000))
  return fc
    .tuple(
      fc.array(batch, { maxLength: 5 }),
      fc.array(fc.nat(4), { minLength: records.length, maxLength: records.length }),
    )
    .chain(([extra, places]) => {
      const parts = group(
        records.map((one, n) => [one, places[n] as number] as const),
        ([, place]) => place,
      )
      const once = parts.map(([place, some]) =>
        toArrival(
          some.map(([one]) => one),
          noon + place,
        ),
      )
      const again = extra.map(([some, late, early]) => toArrival(some, noon + late, noon - early))
      return anyGrouping([...once, ...again])
    })
}

const id = fc.constantFrom('a', 'b', 'c')
const number = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) },
  fc.constantFrom(limits.idleLimitMs, 2 ** 50),
)
const site = fc.constantFrom('default', 'default', 'other')
const text = fc.constantFrom('', 'x', 'y;x', 'ä', '\ufffd', '🛒')
const data = fc.constantFrom<object | null>(
  null,
  {},
  { name: 'x' },
  { name: '\ufffd', location: 'x' },
  { name: '🛒', location: '' },
  { a: 1, b: 2 },
  { b: 2, a: 1 },
  { a: { c: [1], d: 2 } },
  { a: { d: 2, c: [1] } },
  { reason: 'x' },
  { reason: '🛒' },
)
const moreOrNone = (min: number) => fc.option(fc.integer({ min, max: 3 }), { nil: undefined })
const event = fc.record({
  eventID: id,
  eventName: fc.constantFrom('SignIn', 'SignOut', 'SessionEnded', 'PageExited', 'UserInfo', 'Search', ''),
  timestamp: number,
  writer: id,
  seq: number,
  pageID: fc.option(id),
  url: fc.option(text, { nil: undefined }),
  category: text,
  data,
  activity: fc.constantFrom(undefined, undefined, false, true),
})
const page = fc.record({
  pageID: id,
  sessionID: fc.option(id),
  url: text,
  title: text,
  category: text,
  startDate: number,
  viewedAt: moreOrNone(0),
})
const inside = { pages: fc.array(page, { maxLength: 2 }), events: fc.array(event, { maxLength: 3 }) }
const counts = fc.dictionary(id, number, { maxKeys: 2 })
const visit = fc.record({
  visitID: id,
  globalVisitID: text,
  startDate: number,
  languageCode: text,
  userAgent: text,
  idleLimitMs: moreOrNone(1),
  automated: fc.option(fc.boolean(), { nil: undefined }),
  written: counts,
  dropped: counts,
  ...inside,
})
const session = fc.record({ sessionID: id, identityId: id, visitID: id, startDate: number, endDate: number, ...inside })
/** A batch on the wire that may contradict itself and other batches. */
export const anyWire = fc.record({
  v: fc.constant(1),
  sentAt: fc.option(number),
  visits: fc.array(visit, { maxLength: 2 }),
  sessions: fc.array(session, { maxLength: 2 }),
})
/** An arrival that may contradict itself and other arrivals. */
export const anyArrival = fc
  .tuple(anyWire, fc.integer({ min: 0, max: 3 }), site)
  .map(([body, receivedAt, site]): Arrival => ({ site, receivedAt, batch: parseBatch(JSON.stringify(body)) }))

/** Arrivals that contradict themselves and each other, and a delivery of them. */
export const anyArrivals = fc.array(anyArrival, { minLength: 1, maxLength: 6 }).chain(arrivals =>
  fc.tuple(
    fc.constant(arrivals),
    fc.subarray(arrivals).chain(again => anyGrouping([...arrivals, ...again])),
  ),
)

function anyGrouping(arrivals: readonly Arrival[]): fc.Arbitrary<readonly (readonly Arrival[])[]> {
  const order = fc.shuffledSubarray([...arrivals], { minLength: arrivals.length })
  const breaks = fc.array(fc.boolean(), { minLength: arrivals.length, maxLength: arrivals.length })
  return fc.tuple(order, breaks).map(([shuffled, isBreak]) => {
    const groups: Arrival[][] = []
    shuffled.forEach((one, n) => (n === 0 || isBreak[n] ? groups.push([one]) : groups.at(-1)?.push(one)))
    return groups
  })
}

function group<T>(list: readonly T[], by: (one: T) => number): [number, T[]][] {
  return [...Map.groupBy(list, by)]
}

function toPages(records: readonly RecordPlan[]): object[] {
  return group(
    records.filter(({ page }) => page),
    one => one.visit * 10 + one.page,
  ).map(([id]) => ({
    pageID: `page-${id}`,
    // The page was entered before the first sign-in, or in one of the sessions of the visit.
    sessionID: id % 10 === 1 ? null : `session-${Math.floor(id / 10) * 10 + (id % 10) - 1}`,
    url: `https://shop.example/${id}`,
    title: `Page ${id}`,
    referrer: '',
    category: '',
    startDate: noon + id,
  }))
}

function toEvent({ n, visit, page, name, after, isActivity }: RecordPlan): object {
  return {
    eventID: `event-${n}`,
    eventName: name,
    timestamp: noon + after,
    writer: `writer-${visit}`,
    seq: n + 1,
    ...(page ? { pageID: `page-${visit * 10 + page}` } : {}),
    data: { n, reason: `reason ${n}` },
    ...(isActivity ? {} : { activity: false }),
  }
}
