import { type Measure, noMeasure } from '../ops/measure.js'
import type { HealthRow, HealthStore } from '../store/health.js'
import { addCounts, addDelay, addRefused, type Counts, makeCounts, parseCounts, type Refused } from './counts.js'
import {
  healthFlushMs,
  healthKeepMs,
  healthTidyMs,
  lateAfterMs,
  maxHealthRows,
  maxOriginLength,
  minuteMs,
} from './limits.js'

/** What all collectors have counted of a site. */
export interface SiteHealth {
  /** The counts of each minute in which anything was counted, by the first moment of the minute, Unix epoch, ms. */
  readonly minutes: ReadonlyMap<number, Counts>
}

/** Counts the work of a collector by site and minute, and shares the counts with the others that use the database. */
export interface Health extends Measure {
  /** Reads what all collectors have counted. @param since Unix epoch, ms. */
  read(site: string, since: number): Promise<SiteHealth>
  /** What was refused most recently, within the last two days; the newest first, and a bounded number of them. */
  lastRefused(site: string): Promise<readonly Refused[]>
  /** Writes what was not written yet, and counts no more. Never rejects. */
  stop(): Promise<void>
}

/** What health is made of. */
export interface HealthParts {
  readonly store: HealthStore
  /** An id of this start of the collector, which no other has. */
  readonly collector: string
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called with the cause if the counts could not be written; once, until they could. */
  readonly onError: (cause: unknown) => void
}

interface Own {
  readonly site: string
  readonly minute: number
  readonly counts: Counts
  isWritten: boolean
}

/** The site of requests whose key is that of none. */
export const nobodysSite = ''

/**
 * Makes the health. Counting waits for nothing: what was counted is written some seconds later, in a write of its own. If
 * that fails, it is tried again, and nothing else fails.
 */
export function createHealth({ store, collector, now, onError }: HealthParts): Health {
  const own = new Map<string, Own>()
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let isFailing = false
  let isStopped = false
  let tidiedAt = Number.NEGATIVE_INFINITY

  const toMinute = (at: number): number => Math.floor(at / minuteMs) * minuteMs

  function countsOf(site: string): Counts {
    const minute = toMinute(now())
    const key = `${minute} ${site}`
    const found = own.get(key) ?? { site, minute, counts: makeCounts(), isWritten: false }
    found.isWritten = false
    // Rows pile up only while the database does not take them.
    if (!own.has(key) && own.size >= maxHealthRows) own.delete(own.keys().next().value as string)
    own.set(key, found)
    if (!isStopped) timer ??= setTimeout(flush, healthFlushMs).unref()
    return found.counts
  }

  function flush(): void {
    timer = null
    writing = writing.then(write)
  }

  async function write(): Promise<void> {
    const some = [...own.values()].filter(one => !one.isWritten)
    for (const one of some) one.isWritten = true
    try {
      if (some.length) await store.write(some.map(toRow))
      isFailing = false
      const present = toMinute(now())
      for (const [key, one] of own) if (one.isWritten && one.minute !== present) own.delete(key)
      if (Math.abs(now() - tidiedAt) < healthTidyMs) return
      tidiedAt = now()
      await store.removeBefore(toMinute(now() - healthKeepMs))
    } catch (cause) {
      for (const one of some) one.isWritten = false
      if (!isFailing) onError(cause)
      isFailing = true
      if (!isStopped) timer ??= setTimeout(flush, healthFlushMs).unref()
    }
  }

  function toRow({ site, minute, counts }: Own): HealthRow {
    const refusedAt = Math.max(0, ...counts.refused.map(({ lastAt }) => lastAt))
    return { site, minute, collector, refusedAt, counts: JSON.stringify(counts) }
  }

  /** The rows of the store, with those of this collector as they are now. */
  function withOwn(rows: readonly HealthRow[], isWanted: (one: Own) => boolean): readonly HealthRow[] {
    const newer = [...own.values()].filter(isWanted)
    const isNewer = (row: HealthRow): boolean =>
      row.collector === collector && newer.some(one => one.minute === row.minute && one.site === row.site)
    return [...rows.filter(row => !isNewer(row)), ...newer.map(toRow)]
  }

  function refuse(site: string, code: string, origin: string | null): void {
    addRefused(countsOf(site), code, origin === null ? null : origin.slice(0, maxOriginLength), now())
  }

  return {
    ...noMeasure,
    batch({ site, receivedAt, storedAt, sentAt, times, isNew }) {
      // A record that comes again was stored earlier, so its time says nothing.
      if (!isNew || !times.length) return
      const skew = sentAt === null ? 0 : receivedAt - sentAt
      const counts = countsOf(site)
      for (const time of times) addDelay(counts, Math.max(0, storedAt - (time + skew)), lateAfterMs)
    },
    records({ site, stored, events, repeated }) {
      const counts = countsOf(site)
      counts.stored += stored
      counts.events += events
      counts.replays += repeated
    },
    errorReply(code, from) {
      if (from) refuse(from.site ?? nobodysSite, code, from.origin)
    },
    refused: (code, site) => refuse(site, code, null),
    async read(site, since) {
      const from = toMinute(since)
      const rows = withOwn(await store.since(site, from), one => one.site === site && one.minute >= from)
      const minutes = new Map<number, Counts>()
      for (const { minute, counts } of rows) {
        const joined = minutes.get(minute) ?? makeCounts()
        addCounts(joined, parseCounts(counts))
        minutes.set(minute, joined)
      }
      return { minutes }
    },
    async lastRefused(site) {
      const rows = await store.refused(site, maxRefusedRows)
      return withOwn(rows, one => one.site === site && one.counts.refused.length > 0)
        .flatMap(({ counts }) => parseCounts(counts).refused)
        .sort((a, b) => b.lastAt - a.lastAt)
    },
    async stop() {
      isStopped = true
      if (timer) clearTimeout(timer)
      flush()
      await writing
    },
  }
}

/** Rows that are read to find what was refused last. */
const maxRefusedRows = 10
