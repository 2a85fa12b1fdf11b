import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event, Page, Session, Visit } from '../../explorer/src/timeline/model.js'
import { headLane, makePicture, type PictureParts } from '../../explorer/src/timeline/picture.js'

const minute = 60_000

function visitWith(more: Partial<Visit> = {}): Visit {
  const rest = { globalVisitID: 'g', activeSessionID: null, languageCode: 'en', userAgent: '' }
  return { visitID: 'v', startDate: 0, endDate: 60 * minute, ...rest, ...more }
}

function sessionWith(sessionID: string, startDate: number, endDate: number): Session {
  const duration = Math.floor(Math.max(0, endDate - startDate) / 1000)
  return { sessionID, identityId: sessionID, visitID: 'v', startDate, endDate, duration, endReason: null }
}

function pageWith(pageID: string, startDate: number, endDate: number, lastActivity = endDate): Page {
  const rest = { visitID: 'v', sessionID: null, url: `/${pageID}`, title: pageID, referrer: '' }
  return { pageID, startDate, endDate, lastActivity, ...rest }
}

let made = 0
function eventWith(timestamp: number, more: Partial<Event> = {}): Event {
  const rest = { eventName: 'Search', eventType: 'BUSINESS', url: '', pageID: null, sessionID: null, data: null }
  return { eventID: `event-${made++}`, timestamp, ...rest, ...more }
}

function pictureWith(more: Partial<PictureParts>) {
  return makePicture({
    visit: visitWith(),
    sessions: [],
    pages: [],
    events: [],
    focus: null,
    now: 90 * minute,
    ...more,
  })
}

test('the picture of a session begins with what was done before the sign-in, and ends with the session', () => {
  const focus = sessionWith('ada', 10 * minute, 20 * minute)
  const picture = pictureWith({
    focus,
    sessions: [focus],
    pages: [pageWith('home', 5 * minute, 12 * minute), pageWith('later', 21 * minute, 22 * minute)],
    events: [eventWith(6 * minute), eventWith(15 * minute, { sessionID: 'ada' }), eventWith(21 * minute)],
  })
  expect([picture.start, picture.end]).toEqual([5 * minute, 20 * minute])
  expect(picture.marks.map(({ at, isOwn }) => [at, isOwn])).toEqual([
    [6 * minute, false],
    [15 * minute, true],
  ])
  expect(picture.bars.map(({ page }) => page.pageID)).toEqual(['home'])
})

test('the page on which the person signed in is lighter before the sign-in only', () => {
  const focus = sessionWith('ada', 10 * minute, 20 * minute)
  const [bar] = pictureWith({
    focus,
    sessions: [focus],
    pages: [pageWith('home', 8 * minute, 12 * minute, 11 * minute)],
  }).bars
  expect(bar?.active).toEqual([
    { start: 8 * minute, end: 10 * minute, isOwn: false },
    { start: 10 * minute, end: 11 * minute, isOwn: true },
  ])
  expect([bar?.start, bar?.end, bar?.exit]).toEqual([8 * minute, 12 * minute, 'left'])
})

test('a page whose exit never arrived ends with the last sign of it, unless the visit is open', () => {
  const pages = [pageWith('a', 0, 0, minute), pageWith('b', 2 * minute, 0, 3 * minute)]
  const [a, b] = pictureWith({ pages }).bars
  expect([a?.end, a?.exit, b?.end, b?.exit]).toEqual([minute, 'unknown', 3 * minute, 'unknown'])
  const [earlier, open] = pictureWith({ pages, visit: visitWith({ endDate: 0 }), now: 9 * minute }).bars
  expect([earlier?.end, earlier?.exit]).toEqual([minute, 'unknown'])
  expect([open?.end, open?.exit, open?.active.at(-1)?.end]).toEqual([9 * minute, 'open', 3 * minute])
})

test('bands tell who was there at each time, without a hole', () => {
  const sessions = [sessionWith('eve', 30 * minute, 0), sessionWith('ada', 10 * minute, 20 * minute)]
  const { bands } = pictureWith({ sessions, visit: visitWith({ endDate: 0 }), now: 40 * minute })
  expect(bands.map(({ session, start, end, isOpen }) => [session?.sessionID, start, end, isOpen])).toEqual([
    [undefined, 0, 10 * minute, false],
    ['ada', 10 * minute, 20 * minute, false],
    [undefined, 20 * minute, 30 * minute, false],
    ['eve', 30 * minute, 40 * minute, true],
  ])
})

test('what the tracker made without a page is beside those who were there', () => {
  const { lanes, marks } = pictureWith({ events: [eventWith(1, { eventType: 'SYSTEM', eventName: 'VisitStarted' })] })
  expect([lanes, marks[0]?.lane]).toEqual([0, headLane])
})

test('an idle gap within a page is not active, and the gap is as long as nothing was recorded', () => {
  const pages = [pageWith('a', 0, 40 * minute, 35 * minute)]
  const { gaps, bars } = pictureWith({
    pages,
    events: [minute, 30 * minute, 33 * minute - 1].map(at => eventWith(at, { pageID: 'a' })),
    visit: visitWith({ endDate: 40 * minute }),
  })
  expect(gaps).toEqual([
    { start: minute, end: 30 * minute },
    { start: 35 * minute, end: 40 * minute },
  ])
  expect(bars[0]?.active).toEqual([
    { start: 0, end: minute, isOwn: false },
    { start: 30 * minute, end: 35 * minute, isOwn: false },
  ])
})

test('a business event of an unknown page has a lane of its own', () => {
  const pages = [pageWith('a', 0, 10 * minute)]
  const { lanes, strayLane, marks } = pictureWith({
    pages,
    events: [eventWith(1, { pageID: 'a' }), eventWith(2), eventWith(3, { pageID: 'gone' })],
  })
  expect([lanes, strayLane]).toEqual([2, 1])
  expect(marks.map(({ lane }) => lane)).toEqual([0, 1, 1])
})

test('a visit of which nothing is known is an empty picture', () => {
  const picture = pictureWith({ visit: null, now: 0 })
  expect(picture).toMatchObject({ bars: [], marks: [], lanes: 0, strayLane: null })
  expect(picture.end).toBeGreaterThan(picture.start)
})

const time = fc.oneof(fc.integer({ min: 0, max: 9_000_000 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const partsOf = fc.record({
  pages: fc.array(fc.tuple(time, time, time), { maxLength: 12 }),
  sessions: fc.array(fc.tuple(time, time), { maxLength: 5 }),
  events: fc.array(fc.tuple(time, fc.nat(14), fc.nat(6)), { maxLength: 30 }),
  end: fc.constantFrom(0, 5_000_000),
  hasFocus: fc.boolean(),
})

test('whatever the clocks say, bands have no hole, no bar leaves the picture, and each event that is inside is marked once', () => {
  fc.assert(
    fc.property(partsOf, ({ pages, sessions, events, end, hasFocus }) => {
      const all = sessions.map(([a, b], n) => sessionWith(`s${n}`, a, b && Math.max(a, b)))
      const focus = hasFocus ? (all[0] ?? null) : null
      const shown = events.map(([at, page, session]) => eventWith(at, { pageID: `p${page}`, sessionID: `s${session}` }))
      const picture = pictureWith({
        visit: visitWith({ endDate: end }),
        sessions: all,
        pages: pages.map(([a, b, c], n) => pageWith(`p${n}`, a, b && Math.max(a, b), Math.max(a, c))),
        events: shown,
        focus,
      })
      let until = picture.start
      for (const band of picture.bands) {
        expect(band.start).toBe(until)
        expect(band.end).toBeGreaterThanOrEqual(band.start)
        until = band.end
      }
      expect(until).toBe(picture.end)
      if (focus) expect(picture.bands.filter(({ isOwn }) => isOwn).map(({ session }) => session)).toEqual([focus])
      for (const bar of picture.bars) {
        expect(bar.start).toBeGreaterThanOrEqual(picture.start)
        expect(bar.end).toBeLessThanOrEqual(picture.end)
        expect(bar.active[0]?.start).toBe(bar.start)
        expect(bar.active.at(-1)?.end).toBeLessThanOrEqual(bar.end)
      }
      const inside = shown.filter(({ timestamp }) => timestamp <= picture.end)
      if (!focus) expect(inside.length).toBe(shown.length)
      expect(picture.marks.map(({ event }) => event.eventID).sort()).toEqual(inside.map(one => one.eventID).sort())
    }),
  )
})

test('the bars of a lane do not overlap, also those that are still open', () => {
  fc.assert(
    fc.property(partsOf, ({ pages }) => {
      const { bars } = pictureWith({
        visit: visitWith({ endDate: 0 }),
        pages: pages.map(([a, b, c], n) => pageWith(`p${n}`, a, b && Math.max(a, b), Math.max(a, c))),
      })
      for (const a of bars)
        for (const b of bars) if (a !== b && a.lane === b.lane) expect(a.end <= b.start || b.end <= a.start).toBe(true)
    }),
  )
})
