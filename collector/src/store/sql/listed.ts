import { toRef } from '../../numbers/digest.js'
import { toAddress, toID } from '../../numbers/keys.js'
import { maxKeyBytes, toKey } from '../keys.js'
import type { ListedSession, Numbers, SessionOrder, SessionPart, SessionQuery } from '../numbers.js'
import { fewListedLooked, maxListedLooked } from '../numbers-limits.js'
import type { Value } from '../tables.js'
import { both, type Condition } from './bites.js'
import type { RightsDatabase } from './change.js'

const columns: Readonly<Record<SessionOrder, string>> = {
  start: 'l."startDate"',
  duration: 'l.duration',
  lastActivity: 'l."lastActivity"',
  pages: 'l.pages',
  events: 'l.events',
}

const own =
  'ref visitID sessionID identityId startDate endDate lastActivity duration endReason idleAt pages events complete entry exit'
    .split(' ')
    .map(name => `l."${name}"`)
    .join()

type ListedRow = Omit<ListedSession, 'complete' | 'automated'> & {
  readonly complete: number
  readonly told: number
}

/** Makes the list of sessions of a site. */
export function createListed(
  { schema, all }: Pick<RightsDatabase, 'schema' | 'all'>,
  site: string,
): Numbers['sessions'] {
  /** Whether at most `maxListedLooked` rows match. */
  async function isFew(table: string, { sql, values }: Condition): Promise<boolean> {
    const edge = `SELECT 1 AS one FROM ${schema}${table} WHERE ${sql} LIMIT 1 OFFSET ${maxListedLooked}`
    return !(await all(edge, values)).length
  }

  function toIsMarked(id: number): Condition {
    const sql = `EXISTS (SELECT 1 FROM ${schema}marks AS has WHERE has.site = ? AND has.mark = ? AND has."startDate" = l."startDate" AND has.ref = l.ref)`
    return { sql, values: [site, id] }
  }

  async function read(from: string, conditions: readonly Condition[], order: string, limit: number) {
    const where = both(...conditions)
    const words = ['entry', 'exit'].map(
      name => `LEFT JOIN ${schema}words AS ${name} ON ${name}.site = ? AND ${name}.id = found."${name}"`,
    )
    const inner = `SELECT ${own}, l.automated AS told FROM ${from} WHERE ${where.sql} ORDER BY ${order} LIMIT ${limit}`
    const sql = `SELECT found.*, entry.text AS "entryText", exit.text AS "exitText" FROM (${inner}) AS found ${words.join(' ')} ORDER BY ${order.replaceAll('l.', 'found.')}`
    return (await all(sql, [...where.values, site, site])) as ListedRow[]
  }

  async function toSession(row: ListedRow): Promise<ListedSession> {
    const {
      complete,
      told,
      ref: _,
      entryText,
      exitText,
      ...session
    } = row as ListedRow & {
      ref: number
      entryText: string | null
      exitText: string | null
    }
    const { visitID, sessionID, identityId } = session
    let ids = { visitID, sessionID, identityId }
    if ([visitID, sessionID, identityId].some(id => id.length > maxKeyBytes)) ids = await toLong(ids)
    return {
      ...session,
      ...ids,
      complete: complete === 1,
      automated: told === 1,
      entry: entryText ?? '',
      exit: exitText ?? '',
    }
  }

  async function toLong(keys: Pick<ListedSession, 'visitID' | 'sessionID' | 'identityId'>) {
    const { visitID, sessionID, identityId } = keys
    const of = [site, visitID, sessionID]
    const [session] = (await all(
      `SELECT "longSessionID", "longIdentityId" FROM ${schema}sessions WHERE site = ? AND "visitID" = ? AND "sessionID" = ?`,
      of,
    )) as Record<string, string | null>[]
    const [visit] = (await all(
      `SELECT "longVisitID" FROM ${schema}visits WHERE site = ? AND "visitID" = ?`,
      of.slice(0, 2),
    )) as Record<string, string | null>[]
    return {
      visitID: visit?.longVisitID ?? visitID,
      sessionID: session?.longSessionID ?? sessionID,
      identityId: session?.longIdentityId ?? identityId,
    }
  }

  return async query => {
    const { order, isDescending, limit } = query
    const column = columns[order]
    const [sign, turn] = isDescending ? ['<', ' DESC'] : ['>', '']
    const { range, identity, marks, filters, position } = toConditions(query, site)
    const marked = marks.map(toIsMarked)

    /** Sorts all sessions that are found in another way than by the order. */
    async function sort(from: string, found: Condition, others = marked): Promise<SessionPart> {
      // The `+` keeps the database from reading all sessions in the order instead.
      const later = position ? [{ sql: `(+${column}, l.ref) ${sign} (?, ?)`, values: position }] : []
      const rows = await read(
        from,
        [found, ...filters, ...others, ...later],
        `+${column}${turn}, l.ref${turn}`,
        limit + 1,
      )
      return toPart(rows, rows.length > limit)
    }

    /** Looks at some sessions in the order. */
    async function look(): Promise<SessionPart> {
      const bounds =
        order === 'start'
          ? [range(columns.start), ...(identity === null ? [] : [isOf(identity)])]
          : order === 'duration'
            ? toDurations(query, '')
            : []
      const later = position ? [{ sql: `(${column}, l.ref) ${sign} (?, ?)`, values: position }] : []
      const some = both({ sql: 'l.site = ?', values: [site] }, ...bounds, ...later)
      const inOrder = `ORDER BY ${column}${turn}, l.ref${turn}`
      const conditions = [...filters, ...marked, range(columns.start)]
      const where = both(...conditions)
      let rows: readonly ListedRow[] = []
      // PostgreSQL looks at all rows before it gives the first, and most questions find a page in a few.
      for (const most of [fewListedLooked, maxListedLooked]) {
        const looked = `(SELECT l.* FROM ${schema}listed AS l WHERE ${some.sql} ${inOrder} LIMIT ${most}) AS l`
        rows = await read(
          looked,
          [{ sql: where.sql, values: [...some.values, ...where.values] }],
          `${column}${turn}, l.ref${turn}`,
          limit + 1,
        )
        if (rows.length > limit) return toPart(rows, true)
      }
      const edge = `SELECT ${own}, l.automated AS told FROM ${schema}listed AS l WHERE ${some.sql} ${inOrder} LIMIT 1 OFFSET ${maxListedLooked - 1}`
      const [last] = (await all(edge, some.values)) as ListedRow[]
      const part = await toPart(rows, false)
      return { items: part.items, next: last ? toPosition(await toSession(last)) : null }
    }

    async function toPart(rows: readonly ListedRow[], hasMore: boolean): Promise<SessionPart> {
      const items = await Promise.all(rows.slice(0, limit).map(toSession))
      const last = items.at(-1)
      return { items, next: hasMore && last ? toPosition(last) : null }
    }

    function toPosition(one: ListedSession): readonly [number, string, string] {
      return [order === 'start' ? one.startDate : one[order], one.sessionID, one.visitID]
    }

    // The cross join makes SQLite read those that are found first, by an index that has all of them.
    const listed = `CROSS JOIN ${schema}listed AS l`
    const isSame = (table: 'm' | 'i') => ({ sql: `l.site = ${table}.site AND l.ref = ${table}.ref`, values: [] })
    if (identity !== null) {
      const theirs = both(
        { sql: 'i.site = ? AND i."identityId" = ?', values: [site, identity] },
        range('i."startDate"'),
      )
      if (await isFew('listed AS i', theirs)) return sort(`${schema}listed AS i ${listed}`, both(theirs, isSame('i')))
    }
    const [mark] = marks
    if (mark !== undefined) {
      const isMarked = both({ sql: 'm.site = ? AND m.mark = ?', values: [site, mark] }, range('m."startDate"'))
      if (await isFew('marks AS m', isMarked)) {
        const found = both(isMarked, isSame('m'), { sql: 'l."startDate" = m."startDate"', values: [] })
        return sort(`${schema}marks AS m ${listed}`, found, marked.slice(1))
      }
    }
    if (order !== 'start') {
      const within = both({ sql: 'l.site = ?', values: [site] }, range(columns.start))
      if (await isFew('listed AS l', within)) return sort(`${schema}listed AS l`, within)
    }
    return look()
  }
}

/** @param sign `+` keeps the database from reading all sessions in the order of their duration. */
function toDurations({ minDuration, maxDuration }: SessionQuery, sign: '+' | ''): Condition[] {
  return [
    ...(minDuration === undefined ? [] : [{ sql: `${sign}l.duration >= ?`, values: [minDuration] }]),
    ...(maxDuration === undefined ? [] : [{ sql: `${sign}l.duration <= ?`, values: [maxDuration] }]),
  ]
}

/** @param identity its key. */
function isOf(identity: string): Condition {
  return { sql: 'l."identityId" = ?', values: [identity] }
}

/** What a query asks for, as conditions on `l`. */
function toConditions(query: SessionQuery, site: string) {
  const { since = 0, until = Number.MAX_SAFE_INTEGER, automated, open, now, endReason, complete, after } = query
  const filters: Condition[] = toDurations(query, '+')
  const where = (sql: string, ...values: Value[]): number => filters.push({ sql, values })
  const identity = query.identityId === undefined ? null : toKey(query.identityId)
  if (identity !== null) filters.push(isOf(identity))
  const isOpen = 'l."endDate" = 0 AND l."idleAt" > ?'
  if (automated !== undefined) where('l.automated = ?', automated === 'only' ? 1 : 0)
  if (open !== undefined) where(open ? isOpen : `NOT (${isOpen})`, now)
  // An end of the year 1970 is none, whatever its reason.
  const ended = 'l."endDate" > 0 AND'
  if (endReason === 'abandoned')
    where(`(${ended} l."endReason" = ? OR l."endDate" = 0 AND l."idleAt" <= ?)`, endReason, now)
  else if (endReason === 'unknown') where(`${ended} l."endReason" IN (?, '')`, endReason)
  else if (endReason !== undefined) where(`${ended} l."endReason" = ?`, endReason)
  if (complete !== undefined) where('l.complete = ?', complete ? 1 : 0)
  const marks = [
    ...(query.url === undefined ? [] : [toID('address', toAddress(query.url))]),
    ...(query.eventName === undefined ? [] : [toID('name', query.eventName)]),
  ]
  return {
    filters,
    identity,
    marks,
    range: (start: string): Condition => ({ sql: `${start} >= ? AND ${start} <= ?`, values: [since, until] }),
    position: after ? [after[0], toRef(site, toKey(after[2]), toKey(after[1]))] : null,
  }
}
