import { toBucket } from './delays.js'
import { maxHealthRefusals } from './limits.js'

/** What was refused in a minute, of one code and origin. */
export interface Refused {
  readonly code: string
  /** The origin of the page; `null`: the request had none, or it does not matter. */
  readonly origin: string | null
  count: number
  /** Collector's clock, Unix epoch, ms. */
  lastAt: number
}

/** What a collector counts of a site in a minute. */
export interface Counts {
  /** New records. */
  stored: number
  /** The business events among them, without those of automated browsers. */
  events: number
  /** Records that had been stored before. */
  replays: number
  /** Records that were stored more than a minute after they happened. */
  late: number
  refused: Refused[]
  /** How many records took how long from the event to the disk, by bucket. */
  delays: Record<number, number>
}

export function makeCounts(): Counts {
  return { stored: 0, events: 0, replays: 0, late: 0, refused: [], delays: {} }
}

/**
 * Counts what was refused. Strangers can send any origin, so a minute has a bounded number of them. Of more, only the code
 * counts.
 */
export function addRefused(counts: Counts, code: string, origin: string | null, at: number): void {
  const { refused } = counts
  const find = (from: string | null): Refused | undefined =>
    refused.find(one => one.code === code && one.origin === from)
  const kept = find(origin) || refused.length < maxHealthRefusals ? origin : null
  const found = find(kept)
  if (!found) refused.push({ code, origin: kept, count: 1, lastAt: at })
  else {
    found.count++
    found.lastAt = Math.max(found.lastAt, at)
  }
}

/** Counts how long a record took. @param ms from the event to the disk. */
export function addDelay(counts: Counts, ms: number, lateMs: number): void {
  const bucket = toBucket(ms)
  counts.delays[bucket] = (counts.delays[bucket] ?? 0) + 1
  if (ms > lateMs) counts.late++
}

/** Adds other counts to these. */
export function addCounts(to: Counts, more: Counts): void {
  to.stored += more.stored
  to.events += more.events
  to.replays += more.replays
  to.late += more.late
  for (const { code, origin, count, lastAt } of more.refused) {
    const found = to.refused.find(one => one.code === code && one.origin === origin)
    if (!found) to.refused.push({ code, origin, count, lastAt })
    else {
      found.count += count
      found.lastAt = Math.max(found.lastAt, lastAt)
    }
  }
  for (const [bucket, count] of Object.entries(more.delays))
    to.delays[Number(bucket)] = (to.delays[Number(bucket)] ?? 0) + count
}

/** Reads counts as another version of the collector may have written them. What it does not know is 0. */
export function parseCounts(text: string): Counts {
  return { ...makeCounts(), ...(JSON.parse(text) as Partial<Counts>) }
}
