import { type Band, makeBands } from './bands.js'
import { endOf, toLanes } from './lanes.js'
import type { Event, Page, Session, Span, Visit } from './model.js'
import { findGaps } from './scale.js'

/** A part of a bar in which the person was active: from the start to the last activity, without the idle gaps. */
export interface ActivePart extends Span {
  /** Whether it belongs to the sessions that the picture is about. If not, it is drawn lighter. */
  readonly isOwn: boolean
}

/** A page in its lane. */
export interface Bar extends Span {
  readonly page: Page
  readonly lane: number
  readonly active: readonly ActivePart[]
  /** `open`: it is still there. `left`: its exit is known. `unknown`: it ends where the last sign of it is. */
  readonly exit: 'open' | 'left' | 'unknown'
  /** The page goes on after the end of the picture. */
  readonly isCut: boolean
  /** Whether something of it belongs to the sessions that the picture is about. */
  readonly isOwn: boolean
}

/** The place of system events without a page: beside those who were there. */
export const headLane = -1

/** An event in the lane of its page. */
export interface Mark {
  readonly at: number
  readonly event: Event
  readonly lane: number
  readonly isSystem: boolean
  readonly isOwn: boolean
}

/** All that a timeline shows, without places. */
export interface Picture extends Span {
  readonly gaps: readonly Span[]
  /** How many lanes there are, with the one of events without a page. */
  readonly lanes: number
  /** The lane of business events whose page is not known; `null` if there are none. */
  readonly strayLane: number | null
  readonly bars: readonly Bar[]
  readonly bands: readonly Band[]
  /** In the order of time. */
  readonly marks: readonly Mark[]
}

/** What a picture is made of. */
export interface PictureParts {
  readonly visit: Visit | null
  /** All sessions of the visit. */
  readonly sessions: readonly Session[]
  readonly pages: readonly Page[]
  readonly events: readonly Event[]
  /** The session that the picture is about; `null`: the whole visit. */
  readonly focus: Session | null
  /** Unix epoch, ms, by the clock of the browser. */
  readonly now: number
}

/**
 * Makes the picture of a session or of a visit. That of a session begins with the visit, because what was done before the
 * sign-in belongs to it, and ends with the session.
 */
export function makePicture(parts: PictureParts): Picture {
  const { focus, events, pages } = parts
  const start = firstMoment(parts)
  const end = Math.max(start + 1, focus ? endOfSession(focus, parts) : lastMoment(parts))
  const bands = makeBands(parts.sessions, focus, { start, end })
  const seen = pages.filter(page => page.startDate <= end)
  const spans = seen.map(page => ({ ...page, start: Math.max(start, page.startDate), end: lastSign(page) }))
  const laneOf = toLanes(spans)
  const latest = new Map<number, number>()
  for (const [at, { start }] of spans.entries())
    latest.set(laneOf[at] as number, Math.max(start, latest.get(laneOf[at] as number) ?? 0))
  const bars = spans.map((span, at) => {
    const lane = laneOf[at] as number
    return makeBar(seen[at] as Page, span, lane, latest.get(lane) === span.start, bands, end, parts)
  })
  const laneOfPage = new Map(bars.map(({ page, lane }) => [page.pageID, lane]))
  const used = laneOf.reduce((most, lane) => Math.max(most, lane + 1), 0)
  const marks = events
    .filter(({ timestamp }) => timestamp <= end)
    .map(event => {
      const isSystem = event.eventType === 'SYSTEM'
      const lane = event.pageID === null ? undefined : laneOfPage.get(event.pageID)
      return {
        at: Math.max(start, event.timestamp),
        event,
        // What the tracker made without a page tells of the visit or of the session.
        lane: lane ?? (isSystem ? headLane : used),
        isSystem,
        isOwn: focus ? event.sessionID === focus.sessionID : !!event.sessionID,
      }
    })
    .sort((a, b) => a.at - b.at)
  const hasStray = marks.some(({ lane }) => lane === used)
  const known = [
    ...bars.flatMap(bar => [...bar.active, ...(bar.exit === 'left' && !bar.isCut ? [toMoment(bar.end)] : [])]),
    ...bands,
    ...marks.map(({ at }) => toMoment(at)),
  ].flatMap(span => [toMoment(span.start), toMoment(span.end)])
  const gaps = findGaps(known, { start, end })
  return {
    start,
    end,
    gaps,
    bands,
    marks,
    bars: bars.map(bar => ({ ...bar, active: withoutGaps(bar.active, gaps) })),
    lanes: used + (hasStray ? 1 : 0),
    strayLane: hasStray ? used : null,
  }
}

/** Leaves out the gaps. What is left at the start or the end may be a moment. */
function withoutGaps(parts: readonly ActivePart[], gaps: readonly Span[]): readonly ActivePart[] {
  const left = gaps.reduce<readonly ActivePart[]>(
    (left, gap) =>
      left.flatMap(part => {
        if (gap.end <= part.start || gap.start >= part.end) return [part]
        return [
          ...(gap.start >= part.start ? [{ ...part, end: gap.start }] : []),
          ...(gap.end <= part.end ? [{ ...part, start: gap.end }] : []),
        ]
      }),
    parts,
  )
  return left.filter(({ start, end }, at) => end > start || at === 0 || at === left.length - 1)
}

function toMoment(at: number): Span {
  return { start: at, end: at }
}

function firstMoment({ focus, visit, pages, events, sessions }: PictureParts): number {
  const first = focus ?? visit ?? sessions[0]
  const times = [...pages.map(page => page.startDate), ...events.map(event => event.timestamp)]
  if (first) times.push(first.startDate)
  if (visit && !focus) times.push(visit.startDate)
  return times.length ? least(times) : 0
}

function endOfSession(
  { sessionID, startDate, endDate, lastActivity = 0 }: Session,
  { events, now }: PictureParts,
): number {
  const own = events.filter(event => event.sessionID === sessionID).map(event => event.timestamp)
  return Math.max(startDate, endDate || Math.max(now, lastActivity), most(own))
}

function lastMoment({ visit, pages, events, sessions, now }: PictureParts): number {
  const isOpen = visit?.endDate === 0 || sessions.some(({ endDate }) => !endDate)
  return Math.max(
    isOpen ? now : 0,
    visit?.endDate ?? 0,
    most(pages.map(page => Math.max(page.startDate, page.endDate, page.lastActivity ?? 0))),
    most(events.map(event => event.timestamp)),
    most(sessions.map(session => Math.max(session.startDate, session.endDate))),
  )
}

/** Until when something of a page is known, ms. */
function lastSign({ startDate, endDate, lastActivity = startDate }: Page): number {
  return Math.max(startDate, endDate || lastActivity)
}

function makeBar(
  page: Page,
  span: Span,
  lane: number,
  isLatest: boolean,
  bands: readonly Band[],
  last: number,
  { visit }: PictureParts,
): Bar {
  const isOpen = !page.endDate && isLatest && visit?.endDate === 0
  const end = isOpen ? last : Math.min(last, endOf(span))
  const activeEnd = Math.min(end, Math.max(span.start, page.lastActivity ?? span.end))
  const active = splitByBands({ start: span.start, end: activeEnd }, bands)
  return {
    page,
    lane,
    start: span.start,
    end: Math.max(end, span.start),
    active,
    exit: page.endDate ? 'left' : isOpen ? 'open' : 'unknown',
    isCut: span.end > last,
    isOwn: active.some(part => part.isOwn),
  }
}

function splitByBands(whole: Span, bands: readonly Band[]): readonly ActivePart[] {
  const parts: ActivePart[] = []
  let from = whole.start
  for (const band of bands) {
    const end = Math.min(whole.end, band.end)
    if (band.end < from || band.start > whole.end || end < from) continue
    const before = parts.at(-1)
    if (before?.isOwn === band.isOwn) parts[parts.length - 1] = { ...before, end }
    else if (end > from || !before) parts.push({ start: from, end, isOwn: band.isOwn })
    from = end
  }
  if (from < whole.end || !parts.length) parts.push({ start: from, end: whole.end, isOwn: false })
  return parts
}

function least(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER)
}

function most(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b), 0)
}
