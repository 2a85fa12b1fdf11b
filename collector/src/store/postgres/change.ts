import { settleLookMs, settleTimeoutMs } from '../../limits.js'
import type { Unit, UnitResult } from '../sql/change.js'
import type { RunSql } from './servers.js'

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
 * Waits until no transaction of this database is under way that began before the call, up to `settleTimeoutMs`. A
 * transaction that begins later sees what was committed before the call.
 */
export async function settle(run: RunSql): Promise<void> {
  const [now] = await run('SELECT clock_timestamp()::text AS at', [], { once: true })
  const { at } = now as { readonly at: string }
  const older = `SELECT 1 AS one FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND xact_start <= $1::timestamptz LIMIT 1`
  for (let waited = 0; waited < settleTimeoutMs; waited += settleLookMs) {
    if (!(await run(older, [at], { once: true })).length) return
    await run('SELECT pg_sleep($1)', [settleLookMs / 1000])
  }
}
