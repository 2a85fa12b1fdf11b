import { columnsOf, type NumbersTable } from '../numbers-tables.js'
import type { Value } from '../tables.js'
import type { ChangeStatement, RightsDatabase } from './change.js'
import type { Difference } from './difference.js'

/** How many rows one statement writes. There are few lengths, because each text of a statement is kept. */
const lengths = [100, 10, 1]

/** A visit with what is remembered of it; `null` if it is gone. */
interface Text {
  readonly visitID: string
  readonly text: string | null
}

type Rows = readonly object[]

/** Makes statements that write many rows of a site. */
export interface RowStatements {
  /** Inserts rows; of those that are there, runs `update`. No two of the rows may have one key. */
  readonly put: (table: NumbersTable, rows: Rows, update: string) => ChangeStatement[]
  /** Deletes rows by these columns (default: the key), if a condition on `ours` holds. */
  readonly remove: (table: NumbersTable, rows: Rows, condition?: string, names?: readonly string[]) => ChangeStatement[]
  /** Makes queries for columns of the rows that have these keys. */
  readonly find: (table: NumbersTable, rows: Rows, columns: string) => ChangeStatement[]
}

/**
 * Makes the functions for a site. Where one text takes many rows, it does; else each of a few texts takes so many.
 *
 * SQLite would read all rows of the site for several conditions with OR, and Citus does not push down a list of rows.
 */
export function createRowStatements(
  { schema, takesJson, isDistributed }: Pick<RightsDatabase, 'schema' | 'takesJson' | 'isDistributed'>,
  site: string,
): RowStatements {
  const own = (table: NumbersTable) => columnsOf(table).key.slice(1)
  const conflict = (table: NumbersTable, update: string): string =>
    `ON CONFLICT (${columnsOf(table).key.map(toQuoted).join()}) DO UPDATE SET ${update}`
  const into = (table: NumbersTable): string =>
    `INSERT INTO ${schema}${table} AS ours (${columnsOf(table).all.map(toQuoted).join()})`

  if (takesJson)
    return {
      put(table, rows, update) {
        if (!rows.length) return []
        const names = columnsOf(table).all.slice(1)
        const list = names.map(name => `came.${toQuoted(name)}`).join()
        const sql = `${into(table)} SELECT ?, ${list} FROM ${toCame(names)} ${conflict(table, update)}`
        return [{ sql, values: [site, JSON.stringify(rows)], isKept: true }]
      },
      remove(table, rows, condition = '', names = own(table)) {
        if (!rows.length) return []
        const sql = `DELETE FROM ${schema}${table} AS ours USING ${toCame(names)} WHERE ours.site = ?${toSame(names)}${condition}`
        return [{ sql, values: [JSON.stringify(rows), site], isKept: true }]
      },
      find(table, rows, list) {
        if (!rows.length) return []
        const names = own(table)
        const sql = `SELECT ${list} FROM ${schema}${table} AS ours JOIN ${toCame(names)} ON ours.site = ?${toSame(names)}`
        return [{ sql, values: [JSON.stringify(rows), site] }]
      },
    }

  /** The condition that a row has one of these keys. */
  function isOne(rows: Rows, names: readonly string[]): string {
    const columns = names.map(name => `ours.${toQuoted(name)}`)
    if (isDistributed) return `(${rows.map(() => `(${columns.map(one => `${one} = ?`).join(' AND ')})`).join(' OR ')})`
    const marks = `(${names.map(() => '?').join()})`
    return `(${columns.join()}) IN (VALUES ${rows.map(() => marks).join()})`
  }

  return {
    put: (table, rows, update) =>
      chunk(rows).map(some => {
        const names = columnsOf(table).all
        const marks = some.map(() => `(${names.map(() => '?').join()})`).join()
        return {
          sql: `${into(table)} VALUES ${marks} ${conflict(table, update)}`,
          values: valuesOf(some, names, site),
        }
      }),
    remove: (table, rows, condition = '', names = own(table)) =>
      chunk(rows).map(some => ({
        sql: `DELETE FROM ${schema}${table} AS ours WHERE ours.site = ? AND ${isOne(some, names)}${condition}`,
        values: [site, ...valuesOf(some, names, site)],
      })),
    find: (table, rows, list) =>
      chunk(rows).map(some => ({
        sql: `SELECT ${list} FROM ${schema}${table} AS ours WHERE ours.site = ? AND ${isOne(some, own(table))}`,
        values: [site, ...valuesOf(some, own(table), site)],
      })),
  }
}

/** Makes the statements that write a difference. */
export function toFoldStatements(
  { put, remove }: RowStatements,
  difference: Difference,
  texts: readonly Text[],
): ChangeStatement[] {
  const { totals, words, visitors, unlisted, listed, unmarked, marks } = difference
  const isLess = ({ n }: { readonly n: number }): boolean => n < 0
  const toRows = (some: readonly Text[]) => some.map(({ visitID, text }) => ({ visitID, text }))
  const [gone, kept] = [false, true].map(isKept => toRows(texts.filter(one => (one.text !== null) === isKept)))
  return [
    ...put('totals', totals, 'n = ours.n + excluded.n, ms = ours.ms + excluded.ms'),
    ...remove('totals', totals.filter(isLess), ' AND ours.n = 0'),
    ...put('words', words, 'n = ours.n + excluded.n'),
    ...remove('words', words.filter(isLess), ' AND ours.n = 0'),
    ...put('visitors', visitors, 'n = ours.n + excluded.n'),
    ...remove('visitors', visitors.filter(isLess), ' AND ours.n = 0'),
    ...remove(
      'listed',
      unlisted.map(ref => ({ ref })),
    ),
    ...put('listed', listed, 'ref = excluded.ref'),
    ...remove('marks', unmarked),
    ...put('marks', marks, 'automated = excluded.automated, first = excluded.first, last = excluded.last'),
    ...remove('digests', gone as Rows),
    ...put('digests', kept as Rows, 'text = excluded.text'),
  ]
}

function valuesOf(rows: Rows, names: readonly string[], site: string): Value[] {
  const values: Value[] = []
  for (const row of rows)
    for (const name of names) values.push(name === 'site' ? site : ((row as Record<string, Value>)[name] ?? null))
  return values
}

const texts = /^(visitID|sessionID|identityId|endReason|text)$/

function toSame(names: readonly string[]): string {
  return names.map(name => ` AND ours.${toQuoted(name)} = came.${toQuoted(name)}`).join('')
}

/** Rows of a JSON text, as a table of PostgreSQL. What else the objects have is ignored. */
function toCame(names: readonly string[]): string {
  const types = names.map(name => `${toQuoted(name)} ${texts.test(name) ? 'text' : 'bigint'}`).join()
  return `json_to_recordset(?::json) AS came(${types})`
}

function toQuoted(name: string): string {
  return `"${name}"`
}

/** Splits rows into parts of a few lengths. */
export function chunk<T>(rows: readonly T[]): T[][] {
  const chunks: T[][] = []
  for (let from = 0; from < rows.length; ) {
    const length = lengths.find(one => one <= rows.length - from) ?? 1
    chunks.push(rows.slice(from, from + length))
    from += length
  }
  return chunks
}
