import { charsOf, type KeptRecord } from '../record/event.js'
import { bornAt, maxBatchChars, maxBatchRecords, segmentGuardMs, segmentMs } from '../record/limits.js'

/** The two segments: appended to in turn, each while the other may be read and deleted. */
export const segments = ['owed0', 'owed1'] as const

/** One database a write key. Another shape of it is another version, whose upgrade never drops a record. */
export const stores = [...segments, 'history', 'state'] as const
export type StoreName = (typeof stores)[number]

export const schemaVersion = 1

export function databaseName(key: string): string {
  return `sojourn-${key}`
}

/** Turns are counted alike in all tabs of a device: at each, they change over to the other segment. */
export function turnAt(now: number): number {
  return Math.floor(now / segmentMs)
}

/** How long the segment at rest may still be read and deleted from, ms; 0 or less: not now. */
export function quietMs(now: number): number {
  return segmentMs - (now % segmentMs) - segmentGuardMs
}

/**
 * The key under which a record is kept. In order of their keys, records are in the order in which they would be given up:
 * anonymous ones first, then by the time of their page load; and each key tells what its record weighs, so that a hundred
 * thousand records can be judged without reading one.
 */
export function keyOf(record: KeptRecord): string {
  return `${record.session ? 1 : 0}${record.id}.${charsOf(record).toString(36)}`
}

/** The first of these keys whose records make one batch: at least one. */
export function firstBatch(keys: readonly string[]): string[] {
  let chars = 0
  return keys.slice(0, maxBatchRecords).filter((key, place) => (chars += charsAt(key)) <= maxBatchChars || !place)
}

/** What the record under this key weighs, in characters. */
export function charsAt(key: string): number {
  return parseInt(key.split('.')[1] as string, 36)
}

/** Whether the record under this key is of a page load before that time. One before this library was is of a wrong clock: nobody knows. */
export function isOlder(key: string, since: number): boolean {
  const at = parseInt(key.slice(1, 10), 36)
  return at < since && at > bornAt
}

/** The keys to drop so that the rest weighs at most `maxChars` and no page load is older than `since`. */
export function overflow(keys: readonly string[], maxChars: number, since: number): string[] {
  const isOld = (key: string): boolean => isOlder(key, since)
  let chars = keys.reduce((sum, key) => sum + (isOld(key) ? 0 : charsAt(key)), 0)
  return [...keys].sort().filter(key => {
    if (isOld(key)) return true
    const isTooMuch = chars > maxChars
    if (isTooMuch) chars -= charsAt(key)
    return isTooMuch
  })
}
