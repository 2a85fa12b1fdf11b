import type { HealthRow, HealthStore } from './health.js'

/** Keeps health in memory. It loses everything when the process ends. */
export function createMemoryHealth(): HealthStore {
  const rows = new Map<string, HealthRow>()
  const of = (site: string): HealthRow[] =>
    [...rows.values()].filter(one => one.site === site).sort((a, b) => a.minute - b.minute)

  return {
    async write(some) {
      for (const row of some) rows.set(JSON.stringify([row.site, row.minute, row.collector]), row)
    },
    since: async (site, since) => of(site).filter(({ minute }) => minute >= since),
    refused: async (site, limit) =>
      of(site)
        .filter(({ refusedAt }) => refusedAt > 0)
        .toReversed()
        .slice(0, limit),
    async removeBefore(minute) {
      for (const [key, row] of rows) if (row.minute < minute) rows.delete(key)
    },
  }
}
