import type { Span } from './model.js'

/** What decides the lane of a page. */
export interface LanedPage extends Span {
  readonly pageID: string
  readonly url: string
  readonly referrer: string
}

interface Lane {
  /** When its latest page was left, Unix epoch, ms. */
  until: number
  /** The address of its latest page. */
  url: string
}

/**
 * Puts pages into lanes, which stand for tabs. Pages of a lane follow each other. Which tab a page was in is not recorded,
 * so the lane is the likeliest one: that of the page that led to it, else the one that became free last.
 *
 * @param pages in any order. A page without length takes one millisecond.
 * @returns the lane of each page, in the order of `pages`. Lanes are counted from 0, in the order of their first page.
 */
export function toLanes(pages: readonly LanedPage[]): readonly number[] {
  const order = pages.map((_, at) => at).sort((a, b) => compare(pages[a] as LanedPage, pages[b] as LanedPage))
  const lanes: Lane[] = []
  const lastLaneOf = new Map<string, number>()
  const found = pages.map(() => 0)
  for (const at of order) {
    const page = pages[at] as LanedPage
    const url = withoutFragment(page.url)
    const lane = chooseLane(lanes, page.start, url, lastLaneOf.get(withoutFragment(page.referrer)))
    lanes[lane] = { until: endOf(page), url }
    lastLaneOf.set(url, lane)
    found[at] = lane
  }
  return found
}

/** The end of a page in its lane, ms. */
export function endOf({ start, end }: Span): number {
  return Math.max(end, start + 1)
}

function chooseLane(lanes: readonly Lane[], start: number, url: string, led: number | undefined): number {
  if (led !== undefined && isFree(lanes[led], start)) return led
  let best = -1
  for (const [at, lane] of lanes.entries()) {
    if (!isFree(lane, start)) continue
    const before = lanes[best]
    // A page that was loaded again is in the tab where it was.
    const isBetter = !before || rank(lane, url) > rank(before, url)
    if (isBetter || (before && rank(lane, url) === rank(before, url) && lane.until > before.until)) best = at
  }
  return best < 0 ? lanes.length : best
}

function rank(lane: Lane, url: string): number {
  return lane.url === url ? 1 : 0
}

function isFree(lane: Lane | undefined, start: number): boolean {
  return !!lane && lane.until <= start
}

function compare(a: LanedPage, b: LanedPage): number {
  return a.start - b.start || a.end - b.end || (a.pageID < b.pageID ? -1 : 1)
}

/** A referrer has no fragment. */
function withoutFragment(url: string): string {
  const at = url.indexOf('#')
  return at < 0 ? url : url.slice(0, at)
}
