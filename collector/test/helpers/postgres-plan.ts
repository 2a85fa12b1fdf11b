/** A part of a plan of PostgreSQL, as `EXPLAIN (ANALYZE, FORMAT JSON)` says it. */
export interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

/** How many rows of tables a plan looks at. */
export function scannedBy(plan: Plan): number {
  const isScan = /(?<!Subquery |CTE |Bitmap Index )Scan$/.test(plan['Node Type'])
  const own = isScan ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0
  return (plan.Plans ?? []).reduce((sum, below) => sum + scannedBy(below), own)
}
