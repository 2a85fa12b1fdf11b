import { systemEvents } from 'sojourn/record'
import { compare } from './memory-order.js'
import type { Period, RankedRow, Ranking } from './numbers.js'
import { maxActiveMs, maxCountedDataBytes, maxEventProperties, maxKeyChars, maxValueChars } from './numbers-limits.js'
import type { StoredEvent, StoredPage } from './store.js'

/** Whether a time is in a period. */
export function isInside(time: number, { since, until }: Period): boolean {
  return time >= since && time < until
}

/** Whether an event is none of the system. */
export function isBusiness({ eventName }: StoredEvent): boolean {
  return !systemEvents.includes(eventName)
}

/** How long a page was active, ms. */
export function toActive({ startDate, lastActivity }: StoredPage): number {
  return Math.min(Math.max(0, lastActivity - startDate), maxActiveMs)
}

/** The address of a page without query and fragment. */
export function toAddress(url: string): string {
  return toKey(url.split(/[?#]/)[0] as string, maxKeyChars)
}

/** Whether the referrer of a page is another site. */
export function isElsewhere({ url, referrer }: StoredPage): boolean {
  const originOf = (text: string): string => /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(text)?.[0].toLowerCase() ?? ''
  return originOf(referrer) !== '' && originOf(referrer) !== originOf(url)
}

/** The first properties of data that are texts, numbers or booleans. */
export function toProperties(data: object): (readonly [key: string, value: string])[] {
  if (Buffer.byteLength(JSON.stringify(data)) > maxCountedDataBytes) return []
  return Object.entries(data)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, maxEventProperties)
    .map(([key, value]) => [toKey(key, maxValueChars), toKey(String(value), maxValueChars)])
}

/** Cuts a text, and replaces what a database cannot store. */
export function toKey(text: string, chars: number): string {
  return text.slice(0, chars).toWellFormed().replaceAll('\0', '\ufffd')
}

/** Counts each key, and sums what is said of it. */
export function rank(said: readonly (readonly [key: string, ms: number])[]): RankedRow[] {
  return [...Map.groupBy(said, ([key]) => key)].map(([key, some]) => ({
    key,
    count: some.length,
    activeMs: some.reduce((sum, [, ms]) => sum + ms, 0),
  }))
}

/** Sorts rows: the greatest first, and equal ones by their keys. */
export function inOrder(rows: readonly RankedRow[], by: 'count' | 'activeMs'): RankedRow[] {
  return rows.toSorted((a, b) => b[by] - a[by] || compare([a.key], [b.key]))
}

/** Makes a ranking of all rows. */
export function toRanking(rows: readonly RankedRow[], by: 'count' | 'activeMs', limit: number): Ranking {
  const sum = (name: 'count' | 'activeMs'): number => rows.reduce((all, one) => all + one[name], 0)
  return { rows: inOrder(rows, by).slice(0, limit), count: sum('count'), activeMs: sum('activeMs'), keys: rows.length }
}
