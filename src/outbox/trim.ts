import { charsAt, isOlder, parseParcel, toRuns } from '../record/parcel.js'
import type { Store } from '../store/store.js'
import type { Leftovers } from './leftovers.js'
import type { Owed } from './owed.js'
import type { Item } from './sender.js'

/** The keys to drop so that the rest weighs at most `maxChars`, and no page load is older than `since` (Unix epoch, ms). */
export function overflow(keys: readonly string[], maxChars: number, since: number): string[] {
  let chars = keys.reduce((sum, key) => sum + (isOlder(key, since) ? 0 : charsAt(key)), 0)
  return [...keys].sort().filter(function (key) {
    const isOld = isOlder(key, since)
    const isDropped = isOld || chars > maxChars
    if (isDropped && !isOld) chars -= charsAt(key)
    return isDropped
  })
}

/**
 * Drops what must go because the device owes too much, or for too long: first what is too old, then the oldest anonymous
 * parcels, then the oldest. A parcel counts as too old only if there were such parcels a day ago (`agedMs`).
 *
 * @param drop drops these, one parcel after the other.
 */
export async function trim(
  store: Pick<Store, 'isOpen' | 'read' | 'isAged'>,
  owed: Owed,
  leftovers: Pick<Leftovers, 'keys'>,
  maxChars: number,
  since: number,
  drop: (items: readonly Item[]) => Promise<void>,
): Promise<void> {
  const keys = owed.all().map(({ key }) => key)
  if (store.isOpen()) keys.push(...(await leftovers.keys()))
  const isOld = keys.some(key => isOlder(key, since))
  const isAged = store.isOpen() && (await store.isAged(isOld))
  const items: Item[] = []
  for (const key of overflow(keys, maxChars, isAged ? since : 0)) {
    const own = owed.get(key)
    const parsed = own && own.text ? { runs: toRuns(own.text) } : parseParcel((await store.read([key]))[0])
    if (parsed) items.push({ key, text: '', runs: parsed.runs, dropped: {} })
  }
  if (items.length) await drop(items)
}
