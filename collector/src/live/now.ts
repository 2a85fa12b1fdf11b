import type { Active, LatestEvent } from '../store/live.js'
import type { RunningStore } from '../store/running.js'
import type { SiteReads } from '../store/store.js'
import { addCounts, makeCounts, type Refused } from './counts.js'
import { toQuantile } from './delays.js'
import { type Health, nobodysSite } from './health.js'
import { activeShare, latestEvents, minuteMs } from './limits.js'

/** What was refused of a site in the last hour, of one code. */
export interface RefusedCode {
  readonly code: string
  readonly count: number
  /** Unix epoch, ms. */
  readonly lastAt: number
  /** The origin of the last one; `null` if it had none, or if it does not matter. */
  readonly origin: string | null
}

/** What is happening on a site. Times are those of the collector, Unix epoch, ms. */
export interface SiteNow {
  readonly now: number
  readonly active: Active
  /** The last hour, the oldest minute first. The last one is not over. */
  readonly minutes: readonly {
    readonly at: number
    readonly events: number
    readonly stored: number
    readonly replays: number
    readonly refused: number
    readonly late: number
  }[]
  /** What was refused in the last hour, the most frequent code first. */
  readonly refused: readonly RefusedCode[]
  /** Half and nearly all records of the last hour were stored within this time. `null`: there is none. */
  readonly delay: { readonly p50Ms: number | null; readonly p95Ms: number | null }
  readonly latest: readonly (LatestEvent & { readonly kind: 'event' })[]
  /** How many collectors use the database, with this one. */
  readonly collectors: number
}

/** What the present of a site is read from. */
export interface NowParts {
  readonly reads: (site: string) => SiteReads
  readonly health: Health
  readonly running: RunningStore
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Whether a request that named no site may have meant this one. */
  readonly mayMean: (site: string, origin: string | null) => boolean
}

/** Minutes that are told of. */
const shown = 60

/**
 * Reads the present of a site.
 *
 * @param isRepeated whether it is read again and again. Then it is counted more rarely who is active, if that takes long.
 */
export type ReadNow = (site: string, isRepeated: boolean) => Promise<SiteNow>

/** Makes the function that reads the present of a site. */
export function createNow({ reads, health, running, now, mayMean }: NowParts): ReadNow {
  const counted = new Map<string, { readonly active: Active; readonly until: number }>()

  async function countActive(site: string, isRepeated: boolean): Promise<Active> {
    const begun = performance.now()
    const known = counted.get(site)
    if (isRepeated && known && begun < known.until) return known.active
    const active = await reads(site).active(now())
    const end = performance.now()
    counted.delete(site)
    counted.set(site, { active, until: end + (end - begun) / activeShare })
    if (counted.size > maxCounted) counted.delete(counted.keys().next().value as string)
    return active
  }

  return async (site, isRepeated) => {
    const at = now()
    const last = Math.floor(at / minuteMs) * minuteMs
    const first = last - (shown - 1) * minuteMs
    const [active, latest, own, nobodys, collectors] = await Promise.all([
      countActive(site, isRepeated),
      reads(site).latest(latestEvents),
      health.read(site, first),
      health.read(nobodysSite, first),
      running.count(at),
    ])
    const all = makeCounts()
    const minutes = Array.from({ length: shown }, (_, n) => {
      const minute = makeCounts()
      addCounts(minute, own.minutes.get(first + n * minuteMs) ?? makeCounts())
      const meant = nobodys.minutes.get(first + n * minuteMs)?.refused.filter(({ origin }) => mayMean(site, origin))
      addCounts(minute, { ...makeCounts(), refused: meant ?? [] })
      addCounts(all, minute)
      const { events, stored, replays, late } = minute
      const refused = minute.refused.reduce((sum, { count }) => sum + count, 0)
      return { at: first + n * minuteMs, events, stored, replays, refused, late }
    })
    return {
      now: at,
      active,
      minutes,
      refused: toCodes(all.refused),
      delay: { p50Ms: toQuantile(all.delays, 0.5), p95Ms: toQuantile(all.delays, 0.95) },
      latest: latest.map(event => ({ kind: 'event' as const, ...event })),
      // A collector that has not said yet that it runs is one.
      collectors: Math.max(1, collectors),
    }
  }
}

function toCodes(refused: readonly Refused[]): RefusedCode[] {
  const codes = new Map<string, RefusedCode>()
  for (const { code, count, lastAt, origin } of refused) {
    const before = codes.get(code)
    const newer = before && before.lastAt > lastAt ? before : { lastAt, origin }
    codes.set(code, { code, count: count + (before?.count ?? 0), lastAt: newer.lastAt, origin: newer.origin })
  }
  return [...codes.values()].sort((a, b) => b.count - a.count)
}

/** Sites of which it is remembered who is active. */
const maxCounted = 1000
