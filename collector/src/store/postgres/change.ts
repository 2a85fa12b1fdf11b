import { settleLookMs, settleTimeoutMs } from '../../limits.js'
import type { Unit, UnitResult } from '../sql/change.js'
import { applicationName, type RunSql } from './servers.js'

/** Numbers the `?` of a query, as PostgreSQL needs it: `$1`, `$2`, … */
export function toNumbered(sql: string): string {
  let place = 0
  return sql.replace(/\?/g, () => `$${++place}`)
}

/** Runs a unit of statements in one transaction. */
export async function changeUnit(run: RunSql, unit: Unit): Promise<UnitResult> {
  await run('BEGIN', [])
  const counts: number[] = []
  for (const { sql, values, must = false, isKept = false } of unit) {
    const { length } = await run(toNumbered(sql), values, { once: !isKept })
    if (must && !length) {
      await run('ROLLBACK', [])
      return null
    }
    counts.push(length)
  }
  await run('COMMIT', [])
  return counts
}

/**
 * Waits until no transaction of this database is under way that began before the call. A transaction that begins later sees what was
 * committed before the call.
 *
 * After `maxMs` it goes on beside transactions of other programs, such as a dump, because these store no records.
 *
 * @throws (rejects) if one of a collector is still under way. The collector may have given it up, but the server has not: what waits for a
 *   lock is stored when it gets it.
 */
export async function settle(run: RunSql, maxMs = settleTimeoutMs): Promise<void> {
  const [now] = await run('SELECT clock_timestamp()::text AS at', [], { once: true })
  const { at } = now as { readonly at: string }
  const older = `SELECT application_name IN ('${applicationName}', current_setting('application_name')) AS own FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND xact_start <= $1::timestamptz ORDER BY own DESC LIMIT 1`
  for (let waited = 0; ; waited += settleLookMs) {
    const [one] = (await run(older, [at], { once: true })) as { readonly own: string }[]
    if (!one) return
    if (waited >= maxMs) {
      if (one.own === 't') throw new Error('a collector stores something since before the erasure: ask again later')
      return
    }
    await run('SELECT pg_sleep($1)', [settleLookMs / 1000])
  }
}
