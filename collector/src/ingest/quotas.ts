import { maxQuotaWaitSeconds, maxRememberedClients } from '../limits.js'
import type { SiteQuota } from '../sites/admin.js'

/** A site, as a write key names it. */
export interface QuotaSite {
  readonly name: string
  /** `null`: the site has none. */
  readonly quota: SiteQuota | null
}

/** What a quota counts. */
export type QuotaUnit = 'requests' | 'bytes' | 'records'

/** Counts what sites and clients send. */
export interface Quotas {
  /**
   * Takes so many of one unit out of the quota of the site and of the client, or nothing at all. A quota that is not used
   * up gives more than is left, so that a batch larger than a whole quota is taken too. The next one waits longer.
   *
   * @param client as `toClientGroup` gives it; `null` has no quota.
   * @returns 0 if they were taken. Otherwise, after how many seconds to try again: at least 1.
   */
  take(unit: QuotaUnit, count: number, site: QuotaSite, client: string | null): number
}

/** What is left of a quota at a time (Unix epoch, ms). Below 0 if more was taken than there was. */
interface Bucket {
  left: number
  at: number
}

type Buckets = Partial<Record<QuotaUnit, Bucket>>

/**
 * Makes the counters: a token bucket for each unit, which holds the quota of a minute and fills up in a minute. They are
 * in memory, so each collector counts for itself.
 *
 * @param clientQuota of each client address.
 */
export function createQuotas(clientQuota: SiteQuota, now: () => number): Quotas {
  const sites = new Map<string, Buckets>()
  // The clients that were heard of last. One that is forgotten has its whole quota again.
  const clients = new Map<string, Buckets>()

  return {
    take(unit, count, site, client) {
      if (client === null && site.quota === null) return 0
      const at = now()
      const found: Bucket[] = []
      let seconds = 0
      for (const [of, name, quota] of [
        [sites, site.name, site.quota],
        [clients, client, clientQuota],
      ] as const) {
        const perMinute = quota?.[`${unit}PerMinute`] ?? null
        if (name === null || perMinute === null) continue
        const bucket = bucketOf(of, name, unit, perMinute, at)
        found.push(bucket)
        if (bucket.left <= 0) seconds = Math.max(seconds, toSeconds(bucket.left, perMinute))
      }
      if (!seconds) for (const bucket of found) bucket.left -= count
      return seconds
    },
  }
}

/** The bucket, filled up to that time. The name becomes the last that will be forgotten. */
function bucketOf(of: Map<string, Buckets>, name: string, unit: QuotaUnit, perMinute: number, at: number): Bucket {
  const buckets = of.get(name) ?? {}
  of.delete(name)
  of.set(name, buckets)
  if (of.size > maxRememberedClients) of.delete(of.keys().next().value as string)
  const bucket = buckets[unit] ?? { left: perMinute, at }
  buckets[unit] = bucket
  // The clock may have been set back.
  const elapsedMs = Math.max(0, at - bucket.at)
  bucket.left = Math.min(perMinute, bucket.left + (elapsedMs * perMinute) / 60_000)
  bucket.at = at
  return bucket
}

/** How long a bucket takes until something is in it. */
function toSeconds(left: number, perMinute: number): number {
  const seconds = perMinute > 0 ? Math.floor((-left * 60) / perMinute) + 1 : maxQuotaWaitSeconds
  return Math.min(seconds, maxQuotaWaitSeconds)
}
