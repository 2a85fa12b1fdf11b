import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Group, type Moment, markWidth, toGroups } from '../../explorer/src/timeline/group.js'
import { endOf, type LanedPage, toLanes } from '../../explorer/src/timeline/lanes.js'
import type { Span } from '../../explorer/src/timeline/model.js'
import { findGaps, leastGapMs, makeScale } from '../../explorer/src/timeline/scale.js'
import { toTicks } from '../../explorer/src/timeline/ticks.js'

const time = fc.oneof(fc.integer({ min: 0, max: 4_000_000 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const span = fc.tuple(time, time).map(([a, b]): Span => ({ start: Math.min(a, b), end: Math.max(a, b) }))
const url = fc.constantFrom('/', '/a', '/b#top', '/b')
const pages = fc.array(
  fc.record({ span, url, referrer: url }).map(({ span, ...rest }): Omit<LanedPage, 'pageID'> => ({ ...span, ...rest })),
  { maxLength: 40 },
)

function pageWith(start: number, end: number, url = '/', referrer = ''): LanedPage {
  return { pageID: `page-${start}-${url}`, start, end, url, referrer }
}

const minute = 60_000

test('no two pages overlap in a lane, and no lane is empty', () => {
  fc.assert(
    fc.property(pages, some => {
      const all = some.map((page, at) => ({ ...page, pageID: String(at) }))
      const lanes = toLanes(all)
      const used = new Set(lanes)
      expect([...used].sort((a, b) => a - b)).toEqual([...used].map((_, at) => at))
      for (const lane of used) {
        const inLane = all.filter((_, at) => lanes[at] === lane).sort((a, b) => a.start - b.start || a.end - b.end)
        for (let n = 1; n < inLane.length; n++)
          expect((inLane[n] as LanedPage).start).toBeGreaterThanOrEqual(endOf(inLane[n - 1] as LanedPage))
      }
    }),
  )
})

test('pages that follow each other are in one lane, also if one begins when the other ends', () => {
  expect(toLanes([pageWith(0, 10), pageWith(10, 20), pageWith(25, 30)])).toEqual([0, 0, 0])
})

test('a page that begins while another is open is in a lane of its own', () => {
  expect(toLanes([pageWith(0, 10), pageWith(9, 20)])).toEqual([0, 1])
})

test('a page follows in the lane of the page that led to it', () => {
  const pages = [
    pageWith(0, 10, '/a'),
    pageWith(5, 20, '/b'),
    pageWith(30, 40, '/c', '/a'),
    pageWith(41, 50, '/d', '/b'),
  ]
  expect(toLanes(pages)).toEqual([0, 1, 0, 1])
})

test('a page that was loaded again stays in its lane, else the lane is taken that became free last', () => {
  const tabs = [pageWith(0, 10, '/a'), pageWith(5, 20, '/b')]
  expect(toLanes([...tabs, pageWith(30, 40, '/a')])[2]).toBe(0)
  expect(toLanes([...tabs, pageWith(30, 40, '/x')])[2]).toBe(1)
})

test('lanes do not depend on the order of the pages', () => {
  fc.assert(
    fc.property(pages, some => {
      const all = some.map((page, at) => ({ ...page, pageID: String(at) }))
      expect([...toLanes([...all].reverse())].reverse()).toEqual(toLanes(all))
    }),
  )
})

test('a time of minutes without anything is a gap, and a shorter one is not', () => {
  const busy = [
    { start: 0, end: minute },
    { start: minute + leastGapMs, end: minute + leastGapMs },
  ]
  const whole = { start: 0, end: minute + leastGapMs + leastGapMs - 1 }
  expect(findGaps(busy, whole)).toEqual([{ start: minute, end: minute + leastGapMs }])
})

test('a gap that is short in a long busy time is not compressed', () => {
  const hours = 20 * 60 * minute
  const busy = [
    { start: 0, end: hours },
    { start: hours + leastGapMs, end: 2 * hours },
  ]
  expect(findGaps(busy, { start: 0, end: 2 * hours })).toEqual([])
})

test('in no gap lies anything that happened', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 20 }), span, (busy, whole) => {
      const gaps = findGaps(busy, whole)
      for (const gap of gaps) {
        expect(gap.start).toBeGreaterThanOrEqual(whole.start)
        expect(gap.end).toBeLessThanOrEqual(whole.end)
        for (const { start, end } of busy) expect(end <= gap.start || start >= gap.end).toBe(true)
      }
      for (let n = 1; n < gaps.length; n++)
        expect((gaps[n] as Span).start).toBeGreaterThanOrEqual((gaps[n - 1] as Span).end)
    }),
  )
})

const scaleOf = fc
  .record({ busy: fc.array(span, { maxLength: 20 }), whole: span, zoom: fc.double({ min: 1, max: 5000, noNaN: true }) })
  .map(({ busy, whole, zoom }) => ({ whole, scale: makeScale(whole, findGaps(busy, whole), 1000, zoom) }))

test('a later moment is never further left, and every place is inside of the picture', () => {
  fc.assert(
    fc.property(scaleOf, fc.array(time, { maxLength: 30 }), ({ whole, scale }, times) => {
      let before = 0
      for (const at of [whole.start, ...times, whole.end].sort((a, b) => a - b)) {
        const x = scale.toX(at)
        expect(x).toBeGreaterThanOrEqual(before)
        expect(x).toBeLessThanOrEqual(scale.width)
        before = x
      }
      expect(scale.toX(whole.start)).toBe(0)
    }),
  )
})

test('the segments of a scale follow each other without a hole, and the picture is as wide as asked', () => {
  fc.assert(
    fc.property(scaleOf, ({ whole, scale }) => {
      expect(scale.segments[0]?.start).toBe(whole.start)
      expect(scale.segments.at(-1)?.end).toBe(whole.end)
      for (let n = 1; n < scale.segments.length; n++) {
        expect(scale.segments[n]?.start).toBe(scale.segments[n - 1]?.end)
        expect(scale.segments[n]?.left).toBe(scale.segments[n - 1]?.right)
      }
    }),
  )
  expect(makeScale({ start: 0, end: 5000 }, [], 1000, 1).width).toBeCloseTo(1000)
  const gap = { start: minute, end: 30 * minute }
  const scale = makeScale({ start: 0, end: 31 * minute }, [gap], 1000, 1)
  expect(scale.width).toBeCloseTo(1000)
  expect(scale.toX(gap.end) - scale.toX(gap.start)).toBeLessThan(60)
})

test('a place leads back to its moment', () => {
  const gap = { start: minute, end: 30 * minute }
  const scale = makeScale({ start: 0, end: 31 * minute }, [gap], 1000, 3)
  for (const at of [0, 20_000, minute, 10 * minute, 30 * minute + 1, 31 * minute])
    expect(scale.toTime(scale.toX(at))).toBeCloseTo(at, 3)
})

const moments = fc
  .array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 })
  .map(times => times.sort((a, b) => a - b).map((at, id) => ({ at, id })))

test('each moment is in exactly one group, and groups do not cover each other', () => {
  fc.assert(
    fc.property(moments, fc.double({ min: 0.0001, max: 2, noNaN: true }), (all, density) => {
      const groups = toGroups(all, at => at * density)
      expect(groups.flatMap(group => group.moments)).toEqual(all)
      for (let n = 1; n < groups.length; n++)
        expect((groups[n] as Group<Moment>).left).toBeGreaterThanOrEqual((groups[n - 1] as Group<Moment>).right)
      for (const { left, right, first, last } of groups) {
        expect(left).toBeLessThanOrEqual(first)
        expect(right).toBeGreaterThanOrEqual(last)
      }
    }),
  )
})

test('zoom separates whatever did not happen at the same time', () => {
  fc.assert(
    fc.property(moments, all => {
      const groups = toGroups(all, at => at * 100)
      for (const { moments } of groups) expect(new Set(moments.map(({ at }) => at)).size).toBe(1)
    }),
  )
})

test('moments within a few pixels are one group, with room for their number', () => {
  const together = Array.from({ length: 120 }, (_, at) => ({ at: 100 + at / 100 }))
  const [group, other] = toGroups([...together, { at: 200 }], at => at)
  expect(group?.moments.length).toBe(120)
  expect((group?.right ?? 0) - (group?.left ?? 0)).toBeGreaterThan(markWidth)
  expect(other?.moments).toEqual([{ at: 200 }])
})

test('time is not compressed if there would be nothing else, and is a gap all the same', () => {
  const whole = { start: 0, end: 60 * minute }
  const gaps = findGaps([{ start: 15 * minute, end: 15 * minute }], whole)
  const scale = makeScale(whole, gaps, 1000, 1)
  expect(gaps).toHaveLength(2)
  expect([scale.width, scale.toX(15 * minute), scale.toX(30 * minute)]).toEqual([1000, 250, 500])
  expect(toTicks(scale, 0, scale.width, 0).length).toBeGreaterThan(4)
  expect(makeScale(whole, gaps, 1000, 3).width).toBeCloseTo(3000)
})

test('the axis has round times, and the time after each gap, none too close to another', () => {
  const gap = { start: 2 * minute, end: 40 * minute + 12_345 }
  const scale = makeScale({ start: 0, end: 44 * minute }, [gap], 1000, 1)
  const ticks = toTicks(scale, 0, scale.width, 0)
  expect(ticks.some(({ at }) => at === gap.end)).toBe(true)
  for (const { at } of ticks) if (at !== gap.end) expect(at % 30_000).toBe(0)
  for (let n = 1; n < ticks.length; n++) expect((ticks[n]?.x ?? 0) - (ticks[n - 1]?.x ?? 0)).toBeGreaterThan(80)
})

test('the axis has room for longer labels', () => {
  const scale = makeScale({ start: 0, end: 10 * minute }, [], 1000, 1)
  const ticks = toTicks(scale, 0, scale.width, 0, 150)
  expect(ticks.length).toBeGreaterThan(3)
  for (let n = 1; n < ticks.length; n++) expect((ticks[n]?.x ?? 0) - (ticks[n - 1]?.x ?? 0)).toBeGreaterThanOrEqual(150)
})

test('the axis of a part has only what is in it, and ends with any time', () => {
  fc.assert(
    fc.property(scaleOf, ({ scale }) => {
      const [left, right] = [scale.width / 3, scale.width / 3 + 900]
      const ticks = toTicks(scale, left, right, 3_600_000)
      for (const { x } of ticks) {
        expect(x).toBeGreaterThanOrEqual(left)
        expect(x).toBeLessThanOrEqual(right)
      }
      expect(ticks.length).toBeLessThan(40)
    }),
  )
})
