import { isTextAfter } from 'sojourn/record'
import { sameMomentMs } from '../limits.js'

/** A value of a column. */
export type Value = string | number | null

/** The values of a row, in the order of the columns of its table. */
export type Row = Value[]

/**
 * A table: its columns, and what holds if two rows have the same key. All places are those of `columns`. The rule is the
 * same in every store, whether it is applied in JavaScript or in SQL.
 */
export interface Table {
  readonly name: TableName
  readonly columns: readonly string[]
  /** The first so many columns are the key. */
  readonly keys: number
  /** These come together from the row that is least by them, in this order. So the version that was received first stays. */
  readonly first: readonly number[]
  /** Of each of these, the greater holds. */
  readonly most: readonly number[]
  /** Of each of these, the smaller holds. */
  readonly least: readonly number[]
  /** These come together from the row that is greatest by them, in this order. */
  readonly last: readonly number[]
  /**
   * The start: `told` is that of the version that was received first. Tabs that begin a session at the same moment may say
   * starts that differ a little, so the `least` holds if it is hardly earlier. `null`: the table has no such columns.
   */
  readonly start: { readonly place: number; readonly told: number; readonly least: number } | null
}

// Every key begins with `site`. Then comes `visitID`, because a distributed database distributes rows by it. Identities
// and their traits are distributed by `identityId`.
//
// A column `long…` has the whole id if the key column beside it has only its hash (`toKey`), and is `null` otherwise.
// `lead` is the greatest time by which something of the row was ahead of its receipt, ms. `viewedAt` of a page is by the
// collector's clock; with `viewLead`, it is as the browser told it.

const visits = makeTable('visits', 'site visitID', {
  first: 'bare receivedAt globalVisitID languageCode userAgent idleLimitMs automated toldStart skew',
  most: 'lastActivity lead',
  least: 'leastStart',
  start: 'startDate',
  same: 'longVisitID',
})
const sessions = makeTable('sessions', 'site visitID sessionID', {
  first: 'receivedAt identityId longIdentityId toldStart',
  least: 'leastStart',
  start: 'startDate',
  most: 'endDate lastActivity lastEventAt lead',
  last: 'endReasonAt endReason',
  same: 'longSessionID',
})
const pages = makeTable('pages', 'site visitID pageID', {
  first: 'receivedAt sessionID url title referrer category startDate',
  most: 'endDate lastActivity lead',
  last: 'viewedAt viewLead viewUrl viewTitle',
})
const sessionPages = makeTable('session_pages', 'site visitID sessionID pageID', {})
const events = makeTable('events', 'site visitID eventID', {
  first: 'serverTimestamp writer seq eventName category url pageID sessionID data activity eventType timestamp',
})
const writers = makeTable('writers', 'site visitID writer', { most: 'written dropped' })
const refused = makeTable('refused', 'site visitID eventID code', {})
const identities = makeTable('identities', 'site identityId', {
  first: 'receivedAt startDate sessionID',
  same: 'longIdentityId',
})
const traits = makeTable('traits', 'site identityId trait sourceID', { first: 'receivedAt at value' })

/** All tables, in the order in which every collector writes them. One common order prevents deadlocks. */
export const tables: readonly Table[] = [
  visits,
  sessions,
  pages,
  sessionPages,
  events,
  writers,
  refused,
  identities,
  traits,
]

/** The names of `tables`, in their order. */
export type TableName =
  | 'visits'
  | 'sessions'
  | 'pages'
  | 'session_pages'
  | 'events'
  | 'writers'
  | 'refused'
  | 'identities'
  | 'traits'

/** Joins two rows with the same key. The result is one of the two if it is equal to it. */
export function joinRows({ first, most, least, last, start }: Table, a: Row, b: Row): Row {
  let joined = a
  const take = (places: readonly number[]): void => {
    for (const place of places) {
      if (joined[place] === b[place]) continue
      if (joined === a) joined = [...a]
      joined[place] = b[place] as Value
    }
  }
  if (compare(b, a, first) < 0) take(first)
  if (compare(b, a, last) > 0) take(last)
  for (const place of most) if ((b[place] as number) > (a[place] as number)) take([place])
  for (const place of least) if ((b[place] as number) < (a[place] as number)) take([place])
  if (!start || joined === a) return joined
  joined[start.place] = toStart(joined[start.told] as number, joined[start.least] as number)
  return joined
}

function toStart(told: number, least: number): number {
  return told - least <= sameMomentMs ? least : told
}

/** Compares two rows by some of their columns. `null` comes before every value. Texts are in the order of code points. */
function compare(a: Row, b: Row, places: readonly number[]): number {
  for (const place of places) {
    const [ours, theirs] = [a[place] as Value, b[place] as Value]
    if (ours === theirs) continue
    if (ours === null || theirs === null) return ours === null ? -1 : 1
    const isAfter = typeof ours === 'string' ? isTextAfter(ours, theirs as string) : ours > (theirs as number)
    return isAfter ? 1 : -1
  }
  return 0
}

function makeTable(
  name: TableName,
  key: string,
  rules: { first?: string; most?: string; least?: string; last?: string; start?: string; same?: string },
): Table {
  const { first = '', most = '', least = '', last = '', start = '', same = '' } = rules
  const names = (text: string): string[] => text.split(' ').filter(one => one)
  const columns = names([key, start, first, most, least, last, same].join(' '))
  const placesOf = (text: string): number[] => names(text).map(one => columns.indexOf(one))
  return {
    name,
    columns,
    keys: names(key).length,
    first: placesOf(first),
    most: placesOf(most),
    least: placesOf(least),
    last: placesOf(last),
    start: start
      ? { place: columns.indexOf(start), told: columns.indexOf('toldStart'), least: columns.indexOf('leastStart') }
      : null,
  }
}
