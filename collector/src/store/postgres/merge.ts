import { sameMomentMs } from '../../limits.js'
import type { AddedCounts } from '../added.js'
import { type Row, type Table, type TableName, tables, type Value } from '../tables.js'
import { toArray } from './arrays.js'
import { schema } from './migrations.js'

/** The rules of `tables.ts` in SQL. `ours` is the stored row, `excluded` the new one. The contract tests compare the two. */
interface Joining {
  /** The new value of each column. */
  readonly sets: readonly (readonly [column: string, sql: string])[]
  /** The condition under which the stored row changes. A replay must not write. */
  readonly changes: string
}

// All functions in the statements are immutable and the distribution column is never set, because Citus requires both.
function toJoining({ columns, first, most, least, last, start }: Table): Joining {
  const name = (place: number): string => columns[place] as string
  const isFirst = `${toTurn('excluded', first.map(name))} < ${toTurn('ours', first.map(name))}`
  const isLast = `${toTurn('excluded', last.map(name))} > ${toTurn('ours', last.map(name))}`
  const either = (condition: string) => (place: number) =>
    [name(place), `CASE WHEN ${condition} THEN excluded."${name(place)}" ELSE ours."${name(place)}" END`] as const
  const isLess = (place: number): string => `excluded."${name(place)}" < ours."${name(place)}"`
  const isMore = (place: number): string => `excluded."${name(place)}" > ours."${name(place)}"`
  return {
    sets: [
      ...first.map(either(isFirst)),
      ...last.map(either(isLast)),
      ...most.map(place => [name(place), `greatest(${both(name(place))})`] as const),
      ...least.map(place => [name(place), `least(${both(name(place))})`] as const),
      ...(start ? [[name(start.place), toStart(either(isFirst)(start.told)[1], name(start.least))] as const] : []),
    ],
    changes: [
      ...(first.length ? [isFirst] : []),
      ...(last.length ? [isLast] : []),
      ...most.map(isMore),
      ...least.map(isLess),
    ].join(' OR '),
  }
}

function both(name: string): string {
  return `ours."${name}", excluded."${name}"`
}

/** The start, as `tables.ts` decides it. */
function toStart(told: string, least: string): string {
  return `CASE WHEN ${told} - least(${both(least)}) <= ${sameMomentMs} THEN least(${both(least)}) ELSE ${told} END`
}

// Rows are compared as in `tables.ts`: `null` comes before every value.
function toTurn(row: string, names: readonly string[]): string {
  const nullable = /^(sessionID|pageID|data|idleLimitMs|skew|long\w+)$/
  const values = names.map(name => {
    const value = `${row}."${name}"`
    if (!nullable.test(name)) return value
    return `coalesce(${value}, ${numbers.test(name) ? String(Number.MIN_SAFE_INTEGER) : "''"})`
  })
  return `(${values.join()})`
}

const numbers =
  /^(bare|receivedAt|startDate|toldStart|leastStart|endDate|lastActivity|skew|idleLimitMs|automated|timestamp|seq|serverTimestamp|activity|written|dropped|lead|viewLead|at|\w+At)$/

function toInsert(table: Table, source: string): string {
  const { name, columns, keys } = table
  const { sets, changes } = toJoining(table)
  const list = columns.map(toQuoted).join()
  const key = columns.slice(0, keys).map(toQuoted).join()
  const update = sets.length
    ? `DO UPDATE SET ${sets.map(([column, to]) => `"${column}" = ${to}`).join()} WHERE ${changes}`
    : 'DO NOTHING'
  return `INSERT INTO ${schema}.${name} AS ours (${list}) ${source} ON CONFLICT (${key}) ${update}`
}

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
 * A column of the `SELECT` of a merge. PostgreSQL writes the parts of a `WITH` that are read when it reads them, and the others at
 * last. So the rows of visits are written, and locked, before all others: whoever holds such a lock sees all rows of the visit.
 */
const visitsFirst = `(SELECT count(*) FROM visits) AS visits`

/** The number of the last erasure, as a column of a SELECT. */
export const lastErasure = `(SELECT n FROM ${schema}.erasures) AS n`

/** How many events of each site were new, as a column of the `SELECT` of a merge. */
const newEvents = `(SELECT json_agg(json_build_array(site, records, events)) FROM (SELECT site, count(*) AS records, count(*) FILTER (WHERE "eventType" = 'BUSINESS' AND (site, "visitID") NOT IN (SELECT site, "visitID" FROM robots)) AS events FROM events WHERE "isNew" GROUP BY site) AS sums)::text AS added`

/** The visits of a merge that are of automated browsers. @param source the rows of `visits`. */
function toRobots(source: string): string {
  const columns = tables.find(({ name }) => name === 'visits')?.columns ?? []
  return `robots AS (SELECT site, "visitID" FROM ${source} AS told (${columns.map(toQuoted).join()}) WHERE automated > 0)`
}

/** Reads how many events of each site were new from the rows of a merge. */
export function toAdded([row]: readonly object[]): AddedCounts {
  const sums = JSON.parse((row as { added: string | null }).added ?? '[]') as [string, number, number][]
  return new Map(sums.map(([site, records, events]) => [site, { records, events }]))
}

/**
 * Makes the statement that joins a whole group into all tables. It is a transaction of its own and needs one round
 * trip.
 *
 * @param n the number of the last erasure. If it is another, the statement writes nothing. It returns the number.
 * @param rows a list for each table, ordered by key, each key once. The common order prevents deadlocks between
 *   collectors.
 * @returns `values` contains an array for each column of each table.
 * @throws DataError if a value does not fit its column.
 */
export function toMerge(
  n: number,
  rows: readonly (readonly Row[])[],
): { readonly sql: string; readonly values: (Buffer | number)[] } {
  const lists = [...tables.map((_, place) => rows[place] ?? []), toChanged(rows)]
  const values = lists.flatMap((some, list) =>
    (columnTypes[list] ?? []).map((type, place) => toArray(some, place, type)),
  )
  return { sql: whole, values: [...values, n] }
}

/** The visits of a merge, for `changed`. A replay marks them too: counting them anew changes nothing. */
function toChanged(rows: readonly (readonly Row[])[]): Row[] {
  const place = tables.findIndex(({ name }) => name === 'visits')
  const receivedAt = tables[place]?.columns.indexOf('receivedAt') as number
  return (rows[place] ?? []).map(row => [row[0], row[1], row[receivedAt]] as Row)
}

const change = (source: string): string =>
  `INSERT INTO ${schema}.changed AS ours (site, "visitID", since, n) ${source} ON CONFLICT (site, "visitID") DO UPDATE SET n = ours.n + 1`

const toType = (name: string): 'bigint' | 'text' => (numbers.test(name) ? 'bigint' : 'text')

/** The types of the columns of each of `tables`, and of `changed`. */
const columnTypes = [...tables.map(({ columns }) => columns.map(toType)), ['text', 'text', 'bigint'] as const]

/** What the parts of a merge return that are read by others. A row that was inserted has no `xmax`, others have that of the transaction. */
const tellings: Partial<Record<TableName, string>> = {
  visits: ' RETURNING 1',
  events: ' RETURNING ours.site, ours."visitID", ours."eventType", ours.xmax = 0 AS "isNew"',
}

const whole = (() => {
  let parameters = 0
  const sources = columnTypes.map(some => `unnest(${some.map(type => `$${++parameters}::${type}[]`).join()})`)
  const isPresent = `(SELECT n FROM ${schema}.erasures) = $${parameters + 1}::bigint`
  const parts = tables.map((table, n) => {
    const told = tellings[table.name] ?? ''
    const robots = table.name === 'visits' ? `, ${toRobots(sources[n] as string)}` : ''
    return `${table.name} AS (${toInsert(table, `SELECT * FROM ${sources[n]} WHERE ${isPresent}`)}${told})${robots}`
  })
  parts.push(`changed AS (${change(`SELECT *, 1 FROM ${sources[tables.length]} WHERE ${isPresent}`)})`)
  return `WITH ${parts.join()} SELECT ${visitsFirst}, ${durability}, ${lastErasure}, ${newEvents}`
})()

/**
 * Makes one statement or more for each table that has rows, in a form that Citus supports. Run them in one transaction.
 * Many rows need several statements, because PostgreSQL allows 65,535 values in one.
 */
export function toMerges(rows: readonly (readonly Row[])[]): { readonly sql: string; readonly values: Value[] }[] {
  const changed = toChanged(rows)
  const chunks = Array.from({ length: Math.ceil(changed.length / maxChanged) }, (_, part) =>
    changed.slice(part * maxChanged, (part + 1) * maxChanged),
  )
  const marks = chunks.map(some => {
    const list = some.map((_, n) => `($${3 * n + 1}::text, $${3 * n + 2}::text, $${3 * n + 3}::bigint, 1)`)
    return { sql: change(`VALUES ${list.join()}`), values: some.flat() }
  })
  const writes = tables.flatMap((table, n) => {
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
  return [...writes, ...marks]
}

const maxChanged = 5000

const maxValues = 32_000

function toQuoted(name: string): string {
  return `"${name}"`
}
