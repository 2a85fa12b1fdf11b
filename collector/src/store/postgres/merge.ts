import { type Table, tables, type Value } from '../sql/tables.js'
import { schema } from './migrations.js'

/** The new value of each column when the key is stored already. `ours` is the stored row, `excluded` the new one. */
type Sets = Readonly<Record<string, string>>

const least = (name: string): string => `least(ours."${name}", excluded."${name}")`
const greatest = (name: string): string => `greatest(ours."${name}", excluded."${name}")`
const all = (names: string, to: (name: string) => string): Sets =>
  Object.fromEntries(names.split(' ').map(name => [name, to(name)]))

// The joins of `fold.ts` in SQL. The contract tests of the stores compare the two. All functions in them are immutable
// and the distribution column is never set, because Citus requires both.

const end = `CASE WHEN ${greatest('endDate')} = 0 THEN 0
  ELSE greatest(ours."endDate", excluded."endDate", ours."lastActivity", excluded."lastActivity") END`

const ofEvent = 'timestamp writer seq eventName category url pageID sessionID data activity'.split(' ')
const toTurn = (row: string): string =>
  `(${ofEvent.map(name => (/pageID|sessionID|data/.test(name) ? `coalesce(${row}."${name}", '')` : `${row}."${name}"`)).join()})`
const isEventAfter = `${toTurn('excluded')} > ${toTurn('ours')}`

const isFirst = '(excluded."startDate", excluded."sessionID") < (ours."startDate", ours."sessionID")'
const isTold = (name: string): string =>
  `(excluded."${name}At", excluded."${name}") > (ours."${name}At", ours."${name}")`
const toLater = (name: string, at: string): string =>
  `CASE WHEN excluded."${at}" > ours."${at}" THEN excluded."${name}"
    WHEN excluded."${at}" < ours."${at}" THEN ours."${name}" ELSE ${greatest(name)} END`
const traits = ['name', 'location', 'userAgent'].flatMap(name =>
  [name, `${name}At`].map(column => [
    column,
    `CASE WHEN ${isTold(name)} THEN excluded."${column}" ELSE ours."${column}" END`,
  ]),
)

const joins: Readonly<Record<string, Sets>> = {
  visits: {
    ...all('globalVisitID languageCode userAgent lastActivity idleLimitMs', greatest),
    ...all('startDate skew', least),
  },
  sessions: {
    ...all('identityId lastActivity lastEventAt endReasonAt', greatest),
    endReason: toLater('endReason', 'endReasonAt'),
    startDate: least('startDate'),
    endDate: end,
    duration: `greatest(0, (${end} - ${least('startDate')}) / 1000)`,
  },
  pages: {
    ...all('sessionID identityId referrer category lastActivity viewedAt', greatest),
    ...all('url title', name => toLater(name, 'viewedAt')),
    startDate: least('startDate'),
    endDate: end,
  },
  session_pages: {},
  events: {
    ...all(
      [...ofEvent, 'eventType'].join(' '),
      name => `CASE WHEN ${isEventAfter} THEN excluded."${name}" ELSE ours."${name}" END`,
    ),
    serverTimestamp: least('serverTimestamp'),
  },
  writers: all('written dropped', greatest),
  refused: {},
  identities: {
    ...all('startDate sessionID', name => `CASE WHEN ${isFirst} THEN excluded."${name}" ELSE ours."${name}" END`),
    ...Object.fromEntries(traits),
  },
}

/** The condition under which the stored row changes. A replay must not write. Other tables compare all columns. */
const changes: Readonly<Record<string, string>> = {
  events: `${isEventAfter} OR excluded."serverTimestamp" < ours."serverTimestamp"`,
}

const numbers =
  /^(startDate|endDate|lastActivity|skew|idleLimitMs|duration|timestamp|seq|serverTimestamp|activity|written|dropped|\w+At)$/

function toInsert({ name, columns, keys }: Table<object>, source: string): string {
  const sets = Object.entries(joins[name] ?? {})
  const list = columns.map(toQuoted).join()
  const key = columns.slice(0, keys).map(toQuoted).join()
  const isChanged =
    changes[name] ??
    `(${sets.map(([column]) => `ours."${column}"`).join()}) IS DISTINCT FROM (${sets.map(([, to]) => to).join()})`
  const update = sets.length
    ? `DO UPDATE SET ${sets.map(([column, to]) => `"${column}" = ${to}`).join()} WHERE ${isChanged}`
    : 'DO NOTHING'
  return `INSERT INTO ${schema}.${name} AS ours (${list}) ${source} ON CONFLICT (${key}) ${update}`
}

/** Short names for the columns in JSON, because each row repeats them. */
const names = 'abcdefghijklmnopqrstuvwxyz'.split('')

/** The columns of a SELECT that tell whether a commit is on disk when the server confirms it. */
export const durability = ['fsync', 'synchronous_commit', 'synchronous_standby_names']
  .map(name => `current_setting('${name}') AS ${name}`)
  .join()

/**
 * Checks the rows of a SELECT of `durability`.
 *
 * @throws if the server would confirm a commit before it is on disk, because the answer would then promise too much.
 */
export function checkDurable([row]: readonly object[]): void {
  const settings = row as Record<string, string>
  const { fsync, synchronous_commit: synchronous, synchronous_standby_names: standbys } = settings
  if (fsync !== 'on') throw new Error('fsync is off, so a crash of the server may lose commits; set fsync = on')
  if (synchronous === 'off')
    throw new Error(
      'synchronous_commit is off, so a commit is confirmed before it is on disk; ALTER ROLE … SET synchronous_commit = on',
    )
  if (standbys && synchronous !== 'on' && synchronous !== 'remote_apply')
    throw new Error(
      `synchronous_commit is ${synchronous}, so a commit is confirmed before a standby has it on disk; set it to on`,
    )
}

/**
 * Makes the statement that joins a whole group into all tables. It is a transaction of its own and needs one round
 * trip.
 *
 * @param rows a list for each table, ordered by key, each key once. The common order prevents deadlocks between
 *   collectors.
 * @returns `values` contains a JSON list for each table.
 */
export function toMerge(rows: readonly (readonly Value[][])[]): { readonly sql: string; readonly values: string[] } {
  return { sql: whole, values: tables.map((_, n) => JSON.stringify((rows[n] ?? []).map(toShortRow))) }
}

// Properties are added in one fixed order, because V8 then gives all rows one hidden class.
function toShortRow(row: readonly Value[]): object {
  const short: Record<string, Value> = {}
  for (let place = 0; place < row.length; place++) short[names[place] as string] = row[place] as Value
  return short
}

const whole = (() => {
  const parts = tables.map((table, n) => {
    const list = table.columns.map((_, place) => names[place]).join()
    const types = table.columns.map((name, place) => `${names[place]} ${toType(name)}`).join()
    return `${table.name} AS (${toInsert(table, `SELECT ${list} FROM json_to_recordset($${n + 1}::json) AS came(${types})`)})`
  })
  return `WITH ${parts.join()} SELECT ${durability}`
})()

/**
 * Makes one statement or more for each table that has rows, in a form that Citus supports. Run them in one transaction.
 * Many rows need several statements, because PostgreSQL allows 65,535 values in one.
 */
export function toMerges(rows: readonly (readonly Value[][])[]): { readonly sql: string; readonly values: Value[] }[] {
  return tables.flatMap((table, n) => {
    const { columns } = table
    const most = Math.floor(maxValues / columns.length)
    const some = rows[n] ?? []
    return Array.from({ length: Math.ceil(some.length / most) }, (_, part) => {
      const taken = some.slice(part * most, (part + 1) * most)
      let place = 0
      const list = taken.map(() => `(${columns.map(name => `$${++place}::${toType(name)}`).join()})`)
      return { sql: toInsert(table, `VALUES ${list.join()}`), values: taken.flat() }
    })
  })
}

const maxValues = 32_000

function toQuoted(name: string): string {
  return `"${name}"`
}

function toType(name: string): string {
  return numbers.test(name) ? 'bigint' : 'text'
}
