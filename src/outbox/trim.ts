import { charsAt, isOlder, sumOf } from '../record/parcel.js'

/** The keys to drop so that the rest weighs at most `maxChars`, and no page load is older than `since` (Unix epoch, ms). */
export function overflow(keys: readonly string[], maxChars: number, since: number): string[] {
  let chars = sumOf(keys, key => (isOlder(key, since) ? 0 : charsAt(key)))
  return [...keys].sort().filter(function (key) {
    if (isOlder(key, since)) return true
    if (chars <= maxChars) return false
    chars -= charsAt(key)
    return true
  })
}
