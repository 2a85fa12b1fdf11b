/** The upper end of the first bucket, ms. */
const firstMs = 50
/** By how much the upper end of a bucket is above that of the one before. */
const step = 1.25
/** The last bucket, which has no end: more than a year. */
const lastBucket = 92

/** The bucket of a delay, ms. */
export function toBucket(ms: number): number {
  if (ms <= firstMs) return 0
  return Math.min(lastBucket, Math.ceil(Math.log(ms / firstMs) / Math.log(step) - 1e-9))
}

/**
 * The time within which a share of all delays was, ms: the upper end of the bucket that holds it, so at most a quarter too
 * long. `null`: there is no delay.
 *
 * @param delays how many there are in each bucket.
 */
export function toQuantile(delays: Readonly<Record<number, number>>, share: number): number | null {
  const buckets = Object.keys(delays)
    .map(Number)
    .sort((a, b) => a - b)
  const all = buckets.reduce((sum, one) => sum + (delays[one] ?? 0), 0)
  let seen = 0
  for (const bucket of buckets) {
    seen += delays[bucket] ?? 0
    if (seen >= all * share) return Math.round(firstMs * step ** bucket)
  }
  return null
}
