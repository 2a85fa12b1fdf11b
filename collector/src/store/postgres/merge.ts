import { type Table, tables, type Value } from '../sql/tables.js'
import { schema } from './migrations.js'

/** What a row becomes when its key is there already, column by column: `ours` is the row that is there. */
type Sets = Readonly<Record<string, string>>

const least = (name: string): string => `least(ours."${name}", excluded."${name}")`
const greatest = (name: string): string => `greatest(ours."${name}", excluded."${name}")`
const all = (names: string, to: (name: string) => string): Sets =>
  Object.fromEntries(names.split(' ').map(name => [name, to(name)]))

// The joins of `state.ts`, in SQL; the contract of the stores holds the two together. Everything in them is immutable, as
// Citus asks, and what rows are spread by is never set.

const end = `CASE WHEN ${greatest('endDate')} = 0 THEN 0
  ELSE greatest(ours."endDate", excluded."endDate", ours."lastActivity", excluded."lastActivity") END`

const ofEvent = 'timestamp writer seq eventName category url pageID sessionID data'.split(' ')
const toTurn = (row: string): string =>
  `(${ofEvent.map(name => (/pageID|sessionID|data/.test(name) ? `coalesce(${row}."${name}", '')` : `${row}."${name}"`)).join()})`
const isEventAfter = `${toTurn('excluded')} > ${toTurn('ours')}`

const isFirst = '(excluded."startDate", excluded."sessionID") < (ours."startDate", ours."sessionID")'
const isTold = (name: string): string =>
  `(excluded."${name}At", excluded."${name}") > (ours."${name}At", ours."${name}")`
const traits = ['name', 'location', 'userAgent'].flatMap(name =>
  [name, `${name}At`].map(column => [
    column,
    `CASE WHEN ${isTold(name)} THEN excluded."${column}" ELSE ours."${column}" END`,
  ]),
)

const joins: Readonly<Record<string, Sets>> = {
  visits: { ...all('globalVisitID languageCode userAgent lastActivity', greatest), ...all('startDate skew', least) },
  sessions: {
    ...all('identityId lastActivity', greatest),
    startDate: least('startDate'),
    endDate: end,
    duration: `greatest(0, (${end} - ${least('startDate')}) / 1000)`,
  },
  pages: {
    ...all('sessionID identityId url title referrer category lastActivity', greatest),
    startDate: least('startDate'),
    endDate: end,
  },
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

/** Whether the row that is there is changed at all: a replay must not write. */
const changes: Readonly<Record<string, string>> = {
  events: `${isEventAfter} OR excluded."serverTimestamp" < ours."serverTimestamp"`,
}

const numbers = /^(startDate|endDate|lastActivity|skew|duration|timestamp|seq|serverTimestamp|written|dropped|\w+At)$/

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

/** Names of one letter for the columns on their way: they are said once for every row. */
const names = 'abcdefghijklmnopqrstuvwxyz'.split('')

/** What the server says of a commit: whether it is on disk as it is answered. */
export const durability = ['fsync', 'synchronous_commit', 'synchronous_standby_names']
  .map(name => `current_setting('${name}') AS ${name}`)
  .join()

/** @throws if the server does not sync what it commits, for then an answer would promise what nobody keeps. */
export function checkDurable([said]: readonly object[]): void {
  const settings = said as Record<string, string>
  const { fsync, synchronous_commit: synchronous, synchronous_standby_names: standbys } = settings
  if (fsync !== 'on')
    throw new Error('the server runs with fsync off, so nothing that it commits is safe; set fsync = on')
  if (synchronous === 'off')
    throw new Error('synchronous_commit is off, so a commit is not on disk; ALTER ROLE … SET synchronous_commit = on')
  if (standbys && synchronous !== 'on' && synchronous !== 'remote_apply')
    throw new Error(`synchronous_commit is ${synchronous}, so a commit is on no standby's disk; set it to on`)
}

/**
 * One statement that joins a whole group, table by table, and its values: a JSON list for each table. It is a transaction of
 * its own, and one trip to the server. Each key at most once in it, and in order, so that two collectors never wait for each
 * other in a ring.
 */
export function toMerge(rows: readonly (readonly Value[][])[]): { readonly sql: string; readonly values: string[] } {
  return { sql: whole, values: tables.map((_, n) => JSON.stringify((rows[n] ?? []).map(toShortRow))) }
}

// One property after the other, for that is how engines learn the shape of many alike.
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
 * The same as one statement for each table that has rows, as Citus takes them surely; to be run in a transaction. Many rows
 * are several statements, for a statement takes 65,535 values.
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
