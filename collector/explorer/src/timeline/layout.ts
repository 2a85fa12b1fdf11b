import { type Group, toGroups } from './group.js'
import type { Event } from './model.js'
import type { Bar, Mark, Picture } from './picture.js'
import { makeScale, type Scale } from './scale.js'

/** Places of a lane, px. */
export const laneHeight = 72
/** The height of the axis and of the row that tells who was there, px. */
export const headHeight = 62
/** The room beside the picture, so that what is at its ends is seen whole, px. */
export const padLeft = 20
export const padRight = 46

/** The width of a gap that has room for its length, px. */
export const leastGapText = 15

/** The greatest width of a picture, px. Browsers draw up to about 17 million. */
const mostWidth = 8_000_000
/** Px for a ms that are enough to tell any two moments apart. */
const mostDensity = 24

/** Events that are drawn as one mark. */
export interface PlacedGroup extends Group<Mark> {
  readonly lane: number
  readonly isSystem: boolean
  /** The space to the next mark of its row, px. */
  readonly room: number
}

/** What the arrow keys go through, by its place. */
export interface Stop {
  readonly kind: 'page' | 'events'
  /** The id of the page, or of the first event. */
  readonly id: string
  /** All ids of it. */
  readonly ids: readonly string[]
  readonly x: number
  readonly lane: number
}

/** A picture with places, at one zoom. */
export interface Layout {
  readonly scale: Scale
  readonly groups: readonly PlacedGroup[]
  /** In the order of time. */
  readonly stops: readonly Stop[]
}

/** How far a picture can be zoomed in. @param width that of the picture at a zoom of 1, px. */
export function toMostZoom(picture: Picture, width: number): number {
  const { density } = makeScale(picture, picture.gaps, width, 1)
  return Math.max(1, Math.min(mostWidth / Math.max(1, width), mostDensity / density))
}

/** Places a picture. */
export function makeLayout(picture: Picture, width: number, zoom: number): Layout {
  const scale = makeScale(picture, picture.gaps, Math.max(1, width), zoom)
  const rows = new Map<string, Mark[]>()
  for (const mark of picture.marks) {
    const key = `${mark.lane} ${mark.isSystem}`
    const row = rows.get(key)
    if (row) row.push(mark)
    else rows.set(key, [mark])
  }
  const groups = [...rows.values()].flatMap(row => placeRow(row, scale))
  return { scale, groups, stops: toStops(picture.bars, groups, scale) }
}

function placeRow(row: readonly Mark[], scale: Scale): readonly PlacedGroup[] {
  const [{ lane, isSystem }] = row as readonly [Mark]
  const groups = toGroups(row, at => scale.toX(at))
  const gaps = scale.segments.filter(segment => segment.isGap && segment.right - segment.left >= leastGapText)
  return groups.map((group, at) => {
    const next = groups[at + 1]
    const gap = gaps.find(({ left }) => left >= group.last)
    const until = Math.min(next ? next.left : scale.width + padRight, gap ? gap.left : Number.MAX_VALUE)
    return { ...group, lane, isSystem, room: Math.max(0, until - group.right) }
  })
}

function toStops(bars: readonly Bar[], groups: readonly PlacedGroup[], scale: Scale): readonly Stop[] {
  const pages = bars.map(
    ({ page: { pageID }, start, lane }): Stop => ({
      kind: 'page',
      id: pageID,
      ids: [pageID],
      x: scale.toX(start),
      lane,
    }),
  )
  const events = groups.map(({ moments, first, lane }): Stop => {
    const ids = moments.map(({ event }) => event.eventID)
    return { kind: 'events', id: ids[0] as string, ids, x: first, lane }
  })
  return [...pages, ...events].sort(
    (a, b) => a.x - b.x || a.lane - b.lane || (a.kind === b.kind ? 0 : a.kind === 'page' ? -1 : 1),
  )
}

/** The stop with a page or an event; -1 if there is none. */
export function findStop(stops: readonly Stop[], kind: Stop['kind'], id: string): number {
  return stops.findIndex(stop => stop.kind === kind && (stop.id === id || stop.ids.includes(id)))
}

/** The color of each name of a business event, from 1: the commonest have one of their own, the others are 0. */
export function toColors(events: readonly Event[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { eventName, eventType } of events)
    if (eventType !== 'SYSTEM') counts.set(eventName, (counts.get(eventName) ?? 0) + 1)
  const names = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  return new Map(names.map(([name], at) => [name, at < colors ? at + 1 : 0]))
}

/** A color with its share of the events of a mark. */
export interface Share {
  readonly color: number
  /** Where it begins and ends, from 0 to 1. */
  readonly from: number
  readonly to: number
}

/** The colors of the events of a mark by their shares. */
export function toShares(events: readonly Event[], colors: ReadonlyMap<string, number>): readonly Share[] {
  const counts = new Map<number, number>()
  for (const { eventName } of events) {
    const color = colors.get(eventName) ?? 0
    counts.set(color, (counts.get(color) ?? 0) + 1)
  }
  let from = 0
  // Those without a color of their own come last.
  const inOrder = [...counts].sort(([a], [b]) => (a || Number.MAX_VALUE) - (b || Number.MAX_VALUE))
  return inOrder.map(([color, count]) => {
    const share = { color, from, to: from + count / events.length }
    from = share.to
    return share
  })
}

/** How many names have a color of their own. */
const colors = 4
