import * as fc from 'fast-check'
import type { JsonObject } from '../../src/record/event.js'
import { idleLimitMs } from '../../src/record/limits.js'
import type { Page } from '../../src/record/page.js'
import type { Run } from '../../src/record/parcel.js'
import { type Session, toDuration } from '../../src/record/session.js'
import type { Visit } from '../../src/record/visit.js'
import { tabWith } from './tab.js'

/** Plain JSON data, as it is after one trip through JSON. */
export const jsonObjects: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    fc.string({ maxLength: 5 }),
    fc.jsonValue({ maxDepth: 3 }).filter(value => value !== undefined),
    { maxKeys: 4 },
  )
  .map(value => JSON.parse(JSON.stringify(value)) as JsonObject)

const times = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 45 }))
const words = fc.oneof(fc.constantFrom('', 'a', 'b', 'B', 'ä'), fc.string({ maxLength: 8 }))
const ids = fc.constantFrom('a', 'b', 'c')

/** Nothing happens in a thing that is over. Records say it so, and each of them may begin a fold. */
function endedLast<T extends { endDate: number; lastActivity: number }>(one: T): T {
  return { ...one, endDate: one.endDate && Math.max(one.endDate, one.lastActivity) }
}

/** Adds a member that may be left out. */
function orWithout<T, N extends string, V>(
  things: fc.Arbitrary<T>,
  name: N,
  values: fc.Arbitrary<V>,
): fc.Arbitrary<T & { [name in N]?: V }> {
  return fc
    .tuple(things, fc.option(values))
    .map(([thing, value]) => (value === null ? thing : { ...thing, [name]: value }) as T & { [name in N]?: V })
}

export const visits: fc.Arbitrary<Visit> = orWithout(
  fc.record({
    visitID: fc.constant('v'),
    globalVisitID: words,
    startDate: times,
    languageCode: words,
    userAgent: words,
    lastActivity: times,
  }),
  'idleLimitMs',
  fc.integer({ min: 1, max: 9 }),
)

export const sessions: fc.Arbitrary<Session> = fc
  .record({
    sessionID: fc.constant('s'),
    identityId: words,
    visitID: words,
    startDate: times,
    endDate: fc.oneof(fc.constant(0), times),
    lastActivity: times,
  })
  .map(endedLast)
  .map(one => ({ ...one, duration: toDuration(one.startDate, one.endDate) }))

export const pages: fc.Arbitrary<Page> = orWithout(
  fc
    .record({
      pageID: fc.constant('p'),
      sessionID: fc.option(ids),
      visitID: ids,
      identityId: fc.option(words),
      url: words,
      title: words,
      referrer: words,
      category: words,
      startDate: times,
      endDate: fc.oneof(fc.constant(0), times),
      lastActivity: times,
    })
    .map(endedLast),
  'viewedAt',
  fc.integer({ min: 1, max: 3 }),
)

/** Words that a database can keep: no NUL, no half of a surrogate pair. */
const kept = fc.string({ unit: 'grapheme', maxLength: 12 }).filter(text => !/[\0\p{Surrogate}]/u.test(text))
/** No identity is a step in a path. */
const keptName = kept.filter(text => text.length > 0 && !/^\.\.?$/.test(text))

const steps = fc.oneof(
  fc.record({ verb: fc.constant('page' as const), text: kept }),
  fc.record({ verb: fc.constant('track' as const), text: keptName, data: fc.option(jsonObjects) }),
  fc.record({ verb: fc.constant('signIn' as const), text: keptName }),
  fc.record({ verb: fc.constantFrom('signOut' as const, 'exit' as const), text: kept }),
)

/** The records that the page loads of one browser make, one after the other: any mix of visits, sessions, pages and events. */
export const records: fc.Arbitrary<Run[]> = fc
  .array(fc.record({ step: steps, after: fc.oneof(fc.nat(2000), fc.constant(idleLimitMs)), isReload: fc.boolean() }), {
    minLength: 1,
    maxLength: 25,
  })
  .map(script => {
    let tab = tabWith()
    const all: Run[] = []
    let at = 0
    for (const { step, after, isReload } of script) {
      at += after
      if (isReload) tab = tabWith({ keep: record => void all.push(record) }).adopt(tab.writer.openState())
      if (step.verb === 'page') tab.page(at, `https://shop.example/${step.text}`)
      else if (step.verb === 'track') tab.track(at, step.text, step.data ? JSON.stringify(step.data) : '')
      else if (step.verb === 'signIn') tab.signIn(at, step.text)
      else tab[step.verb](at)
      all.push(...tab.kept.splice(0))
    }
    return all
  })
  .filter(all => all.length > 0)
