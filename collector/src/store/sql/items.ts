import type { Value } from '../tables.js'

/** Turns a row of a query into an item: `data` is JSON, `activity` and `automated` are 0 or 1. An item has only the odd one. */
export function toItem({ activity, automated, ...row }: Record<string, Value>): object {
  const item = typeof row.data === 'string' ? { ...row, data: JSON.parse(row.data) as unknown } : row
  return { ...item, ...(activity === 0 && { activity: false }), ...(automated === 1 && { automated: true }) }
}
