import type { Value } from '../tables.js'

/**
 * Turns a row of a query into an item: `data` is JSON, `activity` and `automated` are numbers. An item has only the odd ones.
 *
 * `data` is parsed whenever it is read, because values take up to twenty times the memory of their text.
 */
export function toItem({ activity, automated, ...row }: Record<string, Value>): object {
  const odd = { ...(activity === 0 && { activity: false }), ...(Number(automated) > 0 && { automated: true }) }
  const { data } = row
  if (typeof data !== 'string') return { ...row, ...odd }
  return {
    ...row,
    get data() {
      return JSON.parse(data) as unknown
    },
    ...odd,
  }
}
