import { columnsOf, type NumbersTable } from '../numbers-tables.js'
import type { Value } from '../tables.js'
import type { ChangeStatement } from './change.js'
import type { Difference } from './difference.js'

/** How many rows one statement writes. There are few lengths, because each text of a statement is kept. */
const lengths = [50, 10, 1]

/** A visit with what is remembered of it; `null` if it is gone. */
interface Text {
  readonly visitID: string
  readonly text: string | null
}

/** Makes the statements that write a difference. */
export function toFoldStatements(
  schema: string,
  site: string,
  difference: Difference,
  texts: readonly Text[],
): ChangeStatement[] {
  const { totals, words, visitors, unlisted, listed, unmarked, marks } = difference

  /** Inserts rows; of those that are there, runs `update`. */
  function put(table: NumbersTable, rows: readonly object[], update: string): ChangeStatement[] {
    const { all, key } = columnsOf(table)
    const [list, keys] = [all, key].map(names => names.map(name => `"${name}"`).join())
    return chunk(rows).map(some => {
      const marks = some.map(() => `(${all.map(() => '?').join()})`).join()
      return {
        sql: `INSERT INTO ${schema}${table} AS ours (${list}) VALUES ${marks} ON CONFLICT (${keys}) DO UPDATE SET ${update} RETURNING 1 AS one`,
        values: some.flatMap(row => valuesOf({ ...row, site }, all)),
      }
    })
  }

  /** Deletes rows by their keys, if a condition holds. */
  function remove(table: NumbersTable, rows: readonly object[], condition = ''): ChangeStatement[] {
    const own = columnsOf(table).key.slice(1)
    return chunk(rows).map(some => {
      const one = `(${own.map(name => `"${name}" = ?`).join(' AND ')})`
      return {
        sql: `DELETE FROM ${schema}${table} WHERE site = ? AND (${some.map(() => one).join(' OR ')})${condition} RETURNING 1 AS one`,
        values: [site, ...some.flatMap(row => valuesOf(row, own))],
      }
    })
  }

  const isLess = ({ n }: { readonly n: number }): boolean => n < 0
  const [gone, kept] = [texts.filter(one => one.text === null), texts.filter(one => one.text !== null)]
  return [
    ...put('totals', totals, 'n = ours.n + excluded.n, ms = ours.ms + excluded.ms'),
    ...remove('totals', totals.filter(isLess), ' AND n = 0'),
    ...put('words', words, 'n = ours.n + excluded.n'),
    ...remove('words', words.filter(isLess), ' AND n = 0'),
    ...put('visitors', visitors, 'n = ours.n + excluded.n'),
    ...remove('visitors', visitors.filter(isLess), ' AND n = 0'),
    ...remove(
      'listed',
      unlisted.map(ref => ({ ref })),
    ),
    ...put('listed', listed, 'ref = excluded.ref'),
    ...remove('marks', unmarked),
    ...put('marks', marks, 'automated = excluded.automated, first = excluded.first, last = excluded.last'),
    ...remove('digests', gone),
    ...put('digests', kept, 'text = excluded.text'),
  ]
}

function valuesOf(row: object, names: readonly string[]): Value[] {
  return names.map(name => (row as Record<string, Value>)[name] ?? null)
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
