import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/record/event.js'
import { idleLimitMs } from '../../src/record/limits.js'
import { foldBy, isTextAfter, join, joinPage, joinSession } from '../../src/record/merge.js'
import { pageOf } from '../../src/record/page.js'
import { sessionOf, toDuration, toEnd } from '../../src/record/session.js'
import { visitOf } from '../../src/record/visit.js'
import { pages, records, sessions, visits } from '../helpers/arbitrary.js'
import { toCanonical } from '../helpers/canonical.js'
import { start } from '../helpers/clock.js'
import { factsOf, tabWith } from '../helpers/tab.js'

const joins: [string, fc.Arbitrary<unknown>, (a: never, b: never) => unknown][] = [
  ['visits', visits, join],
  ['pages', pages, joinPage],
  ['sessions', sessions, joinSession],
]

describe.each(joins)('the join of %s', (_what, things, joinTwo) => {
  const joined = (a: unknown, b: unknown): unknown => joinTwo(a as never, b as never)

  it('is associative', () => {
    fc.assert(
      fc.property(things, things, things, (a, b, c) => {
        expect(joined(joined(a, b), c)).toEqual(joined(a, joined(b, c)))
      }),
    )
  })

  it('is commutative, to the letter', () => {
    fc.assert(
      fc.property(things, things, (a, b) => {
        expect(joined(a, b)).toEqual(joined(b, a))
        expect(toCanonical(joined(a, b))).toBe(toCanonical(joined(b, a)))
      }),
    )
  })

  it('is idempotent', () => {
    fc.assert(
      fc.property(things, things, (a, b) => {
        expect(joined(a, a)).toEqual(a)
        expect(joined(joined(a, b), b)).toEqual(joined(a, b))
      }),
    )
  })

  it('changes neither of the two', () => {
    fc.assert(
      fc.property(things, things, (a, b) => {
        const before = JSON.stringify([a, b])
        joined(a, b)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
    )
  })
})

describe('the join of pages', () => {
  const page = { pageID: 'p', sessionID: null, visitID: 'v', identityId: null, referrer: '', category: '' }
  const times = { startDate: 1, endDate: 0, lastActivity: 1 }
  const copy = (url: string, title: string, viewedAt?: number) => ({
    ...page,
    ...times,
    url,
    title,
    ...(viewedAt && { viewedAt }),
  })

  it('takes url and title together from the copy that was corrected last', () => {
    const entered = copy('/z', 'Shop')
    const corrected = copy('/a', 'Lantern', 5)
    const later = copy('/b', '', 9)
    for (const order of [
      [entered, corrected, later],
      [later, entered, corrected],
      [corrected, later, entered],
    ]) {
      const [joined] = foldBy(order, one => one.pageID, joinPage)
      expect(joined).toMatchObject({ url: '/b', title: '', viewedAt: 9 })
    }
  })

  it('takes the greater text of each if no copy was corrected later', () => {
    expect(joinPage(copy('/a', 'Z', 5), copy('/b', 'A', 5))).toMatchObject({ url: '/b', title: 'Z' })
    expect(joinPage(copy('/a', 'Z'), copy('/b', 'A'))).toMatchObject({ url: '/b', title: 'Z' })
  })
})

describe('an event that is no activity of a person', () => {
  const visit = { visitID: 'v', globalVisitID: 'b', startDate: 100, languageCode: '', userAgent: '' }
  const session = { sessionID: 's', identityId: 'anna', visitID: 'v', startDate: 200 }
  const page = { pageID: 'p', sessionID: 's', url: '/', title: '', referrer: '', category: '', startDate: 300 }
  const said = { eventID: 'e', eventType: 'BUSINESS', category: '', writer: 'w', seq: 1, url: '/', data: null } as const
  const place = { visitID: 'v', sessionID: 's', pageID: 'p' }
  const fact = (eventName: string, timestamp: number, more: object = {}): Fact => {
    return { visit, session, page, event: { ...said, ...place, eventName, timestamp, ...more } }
  }

  it('moves the last activity of nothing that it stands in', () => {
    const heartbeat = fact('Heartbeat', 9000, { activity: false })
    expect(visitOf(heartbeat).lastActivity).toBe(100)
    expect(sessionOf(heartbeat)?.lastActivity).toBe(200)
    expect(pageOf(heartbeat)?.lastActivity).toBe(300)
  })

  it('does not move an end, although it is later', () => {
    const facts = [fact('Search', 400), fact('PageExited', 500), fact('SignOut', 600)]
    const all = [...facts, fact('Heartbeat', 9000, { activity: false })]
    const [ended] = foldBy(all.map(sessionOf), one => one.sessionID, joinSession)
    const [left] = foldBy(all.map(pageOf), one => one.pageID, joinPage)
    expect(ended).toMatchObject({ endDate: 600, lastActivity: 600 })
    // The sign-out happened on the page too.
    expect(left).toMatchObject({ endDate: 600, lastActivity: 600 })
  })

  it('ends its session and its page all the same if that is its meaning', () => {
    const inactive = { activity: false }
    expect(sessionOf(fact('SessionEnded', 700, inactive))).toMatchObject({ endDate: 700, lastActivity: 200 })
    expect(pageOf(fact('PageExited', 700, inactive))).toMatchObject({ endDate: 700, lastActivity: 300 })
  })
})

describe('the join', () => {
  it('takes the earliest start, the latest end, and 0 for no end at all', () => {
    const base = { sessionID: 's', identityId: 'anna', visitID: 'v', lastActivity: 0, duration: 0 }
    const joined = joinSession({ ...base, startDate: 5000, endDate: 0 }, { ...base, startDate: 4000, endDate: 9999 })
    expect(joined).toMatchObject({ startDate: 4000, endDate: 9999, duration: 5 })
  })

  it('ends nothing before the last that happened in it: an idle end is reckoned from an activity noted every so often', () => {
    const tab = tabWith().signIn(0, 'anna')
    const noted = tab.writer.openState()
    tab.track(9000, 'Search')
    const closer = tabWith()
      .adopt(noted)
      .look(2 * idleLimitMs)
    const said = [...tab.facts(), ...closer.facts()].map(sessionOf)
    const [session] = foldBy(said, one => one.sessionID, joinSession)
    expect(session).toMatchObject({ endDate: start + 9000, duration: 9 })
    expect(foldBy(said.toReversed(), one => one.sessionID, joinSession)).toEqual([session])
  })

  it('orders texts as their bytes in UTF-8 do, so that every database and language agrees', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', 'b', 'ä', '\ufffd', '\ue000', '🛒', '𝄞', '\u{10ffff}'),
      maxLength: 4,
    })
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(isTextAfter(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0)
      }),
    )
  })
})

describe('folding records', () => {
  const foldAll = (facts: readonly Fact[]) => ({
    sessions: byText(foldBy(facts.map(sessionOf), one => one.sessionID, joinSession)),
    pages: byText(foldBy(facts.map(pageOf), one => one.pageID, join)),
    visits: byText(foldBy(facts.map(visitOf), one => one.visitID, join)),
  })
  const byText = (all: readonly unknown[]): string[] => all.map(one => toCanonical(one)).sort()

  it('gives equal sessions, pages and visits in any order and with any duplication', () => {
    const shuffled = records.chain(records =>
      fc.record({
        records: fc.constant(records),
        other: fc
          .tuple(
            fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
            fc.array(fc.constantFrom(...records), { maxLength: 20 }),
            fc.nat(100),
          )
          .map(([all, again, at]) => [...all.slice(0, at), ...again, ...all.slice(at)]),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ records, other }) => {
        expect(foldAll(other.flatMap(factsOf))).toEqual(foldAll(records.flatMap(factsOf)))
      }),
      { numRuns: 200 },
    )
  })

  it('gives the same whether parts are folded first and then joined', () => {
    fc.assert(
      fc.property(records, fc.nat(30), (records, at) => {
        const facts = records.flatMap(factsOf)
        const fold = (some: Fact[]) => foldBy(some.map(sessionOf), one => one.sessionID, joinSession)
        const parts = [...fold(facts.slice(at)), ...fold(facts.slice(0, at))]
        const joined = foldBy(parts, one => one.sessionID, joinSession)
        expect(byText(joined)).toEqual(byText(fold(facts)))
      }),
      { numRuns: 200 },
    )
  })

  it('leaves out records that belong to none', () => {
    expect(foldBy([null, null], String, join)).toEqual([])
  })

  it('gives a page its times, its visit, and the identity that it was entered under', () => {
    const tab = tabWith().signIn(0, 'anna').page(10, 'https://shop.example/a').track(20, 'Search').page(500)
    const [page] = foldBy(tab.facts().map(pageOf), one => one.pageID, join)
    const { visit, session } = tab.facts().at(-1) as Fact
    expect(page).toMatchObject({
      url: 'https://shop.example/a',
      startDate: start + 10,
      endDate: start + 500,
      lastActivity: start + 500,
      visitID: visit.visitID,
      sessionID: session?.sessionID,
      identityId: 'anna',
    })
  })

  it('gives a page that was entered before the sign-in to no identity', () => {
    const tab = tabWith().page(0).signIn(10, 'anna').track(20, 'Search')
    const [page] = foldBy(tab.facts().map(pageOf), one => one.pageID, join)
    expect(page).toMatchObject({ sessionID: null, identityId: null, endDate: 0, lastActivity: start + 20 })
  })

  it('gives a visit its last activity', () => {
    const tab = tabWith().page(0).track(20, 'Search')
    const [visit] = foldBy(tab.facts().map(visitOf), one => one.visitID, join)
    expect(visit).toMatchObject({ startDate: start, lastActivity: start + 20 })
  })
})

describe('duration', () => {
  it('is 0 for the 454 ms of the seed’s example', () => {
    expect(toDuration(1354798555805, 1354798556259)).toBe(0)
  })

  it('is whole seconds, rounded down, and 0 while open or when the clock was set back', () => {
    expect(toDuration(1000, 1999)).toBe(0)
    expect(toDuration(1000, 2000)).toBe(1)
    expect(toDuration(1000, 0)).toBe(0)
    expect(toDuration(5000, 3000)).toBe(0)
  })

  it('counts an end before the start as the start', () => {
    expect(toEnd(5000, 3000)).toBe(5000)
    expect(toEnd(5000, 6000)).toBe(6000)
  })
})
