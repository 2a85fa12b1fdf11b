import { expect, test } from 'vitest'
import { isDated, toDay, toDayParts } from '../../explorer/src/timeline/days.js'
import { findStop, makeLayout, toColors, toMostZoom, toShares } from '../../explorer/src/timeline/layout.js'
import type { Event, Page } from '../../explorer/src/timeline/model.js'
import { headLane, makePicture } from '../../explorer/src/timeline/picture.js'

const minute = 60_000

let made = 0
function eventWith(
  timestamp: number,
  eventName = 'Search',
  pageID: string | null = 'a',
  eventType = 'BUSINESS',
): Event {
  return { eventID: `event-${made++}`, eventName, eventType, timestamp, url: '', pageID, sessionID: null, data: null }
}

function pictureOf(events: readonly Event[], pages: readonly string[] = ['a']) {
  const all = pages.map((pageID): Page => {
    const rest = { visitID: 'v', sessionID: null, url: pageID, title: '', referrer: '', lastActivity: 9 * minute }
    return { pageID, startDate: 0, endDate: 10 * minute, ...rest }
  })
  return makePicture({ visit: null, sessions: [], pages: all, events, focus: null, now: 0 })
}

test('the arrow keys go through all pages and events once, in the order of time', () => {
  const events = [
    eventWith(5 * minute, 'x', 'b'),
    eventWith(minute),
    eventWith(minute + 1),
    eventWith(2 * minute, 'y', null),
  ]
  const picture = pictureOf(events, ['a', 'b'])
  const { stops } = makeLayout(picture, 1000, 1)
  expect(stops.map(({ kind, ids }) => [kind, ids.length])).toEqual([
    ['page', 1],
    ['page', 1],
    ['events', 2],
    ['events', 1],
    ['events', 1],
  ])
  expect(stops.flatMap(({ kind, ids }) => (kind === 'events' ? ids : [])).sort()).toEqual(
    events.map(({ eventID }) => eventID).sort(),
  )
})

test('a mark is found by each of its events, so that the keyboard stays where it was after a zoom', () => {
  const events = [eventWith(minute), eventWith(minute + 10)]
  const picture = pictureOf(events)
  const id = events[1]?.eventID ?? ''
  const before = makeLayout(picture, 1000, 1)
  expect(before.stops[findStop(before.stops, 'events', id)]?.ids.length).toBe(2)
  const after = makeLayout(picture, 1000, toMostZoom(picture, 1000))
  expect(after.stops[findStop(after.stops, 'events', id)]?.ids).toEqual([id])
  expect(findStop(after.stops, 'events', 'gone')).toBe(-1)
})

test('events of the tracker and of the page are never one mark', () => {
  const picture = pictureOf([
    eventWith(minute),
    eventWith(minute, 'SignIn', 'a', 'SYSTEM'),
    eventWith(0, 'VisitStarted', null, 'SYSTEM'),
  ])
  const { groups } = makeLayout(picture, 1000, 1)
  const found = groups.map(({ lane, isSystem, moments }) => `${lane} ${isSystem} ${moments.length}`)
  expect(new Set(found)).toEqual(new Set([`${headLane} true 1`, '0 false 1', '0 true 1']))
  expect(found.length).toBe(3)
})

test('the name of an event has room until the next mark or the next gap', () => {
  const picture = pictureOf([eventWith(0), eventWith(minute), eventWith(2 * minute), eventWith(8 * minute)])
  const { groups, scale } = makeLayout(picture, 1000, 1)
  const gap = scale.segments.find(({ isGap }) => isGap)
  expect(gap?.start).toBe(2 * minute)
  const [first, second, third] = groups
  expect(first?.room).toBeCloseTo((second?.left ?? 0) - (first?.right ?? 0))
  expect(third?.room).toBe(0)
})

test('a picture is never wider than a browser can draw', () => {
  const picture = pictureOf([eventWith(0), eventWith(1), eventWith(40 * 60 * minute)])
  for (const width of [300, 1000, 4000])
    expect(makeLayout(picture, width, toMostZoom(picture, width)).scale.width).toBeLessThan(8_100_000)
})

test('the commonest names have a color each, and a mark has the shares of its names', () => {
  const names = ['a', 'a', 'a', 'b', 'b', 'c', 'd', 'e', 'f']
  const events = [...names.map(name => eventWith(0, name)), eventWith(0, 'SignIn', null, 'SYSTEM')]
  const colors = toColors(events)
  expect([...colors]).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
    ['e', 0],
    ['f', 0],
  ])
  expect(toShares(events.slice(3, 9), colors)).toEqual([
    { color: 2, from: 0, to: 2 / 6 },
    { color: 3, from: 2 / 6, to: 3 / 6 },
    { color: 4, from: 3 / 6, to: 4 / 6 },
    { color: 0, from: 4 / 6, to: 1 },
  ])
})

test('a session over midnight is in two days, and one of a wrong clock is in 60 at most', () => {
  const noon = new Date(2026, 2, 10, 12).getTime()
  const first = toDay(noon)
  expect(toDayParts(noon, new Date(2026, 2, 10, 18).getTime(), first)).toEqual([{ day: 0, top: 0.5, bottom: 0.75 }])
  expect(toDayParts(noon, new Date(2026, 2, 11, 6).getTime(), first)).toEqual([
    { day: 0, top: 0.5, bottom: 1 },
    { day: 1, top: 0, bottom: 0.25 },
  ])
  expect(toDayParts(noon, noon - minute, first)).toEqual([{ day: 0, top: 0.5, bottom: 0.5 }])
  expect(toDayParts(noon, Date.UTC(3000, 0), first).length).toBe(60)
  expect([isDated(noon), isDated(Number.MAX_SAFE_INTEGER), isDated(Date.UTC(9999, 0))]).toEqual([true, false, false])
})
