// Fills a database with many visits, independent of its schema. The collector stores the templates first. Then each row
// with a mark is written again for every visit, with fresh ids and times in place of the marks.

import Database from 'better-sqlite3'
import { createFresh, createIds, cutAtMarks, makeTemplate, templateCount } from './batches.mjs'
import { startCollector } from './servers.mjs'
import { recordsPerBatch } from './settings.mjs'

export const eventsPerVisit = 2 * recordsPerBatch
/** The visits of a filled database are spread over the year before this time, in order. Unix epoch, ms. */
const end = Date.now() - 86_400_000
const yearMs = 365 * 86_400_000

/** Makes the values for the marks of visit `n` of `visits`. Each identity has two visits. */
export function freshOf(n, visits) {
  const ids = createIds(n)
  return createFresh(ids, Math.floor(end - yearMs + (yearMs * n) / visits), ids.makeIdentity(n >> 1))
}

/** What fills a database, unless a part of the benchmark needs something else. */
export const plainFill = { make: n => makeTemplate(n), fresh: freshOf }

/** Stores the templates with a collector on this `--db`. */
export async function storeTemplates(db, { make } = plainFill) {
  const { url, stop } = await startCollector(db)
  for (let n = 0; n < templateCount; n++)
    for (const body of make(n)) {
      const answer = await fetch(`${url}/v1/sessions?key=bench`, { method: 'POST', body })
      const { stored, refused } = await answer.json()
      if (!stored?.length || refused.length) throw new Error(`the collector did not store a template: ${answer.status}`)
    }
  await stop()
}

/** Groups rows by template. A row whose key is only the identity belongs to both of its visits, and is written once. */
function toSets(rows) {
  const sets = Array.from({ length: templateCount }, () => [])
  for (const row of rows) {
    const template = row.marks.find(mark => mark.template !== null)?.template
    if (template === undefined) continue
    sets[template].push({ row, isShared: !row.keyMarks.some(({ kind }) => kind === 'id') })
  }
  return sets
}

function* eachRow(sets, visits, { fresh: toFresh }) {
  for (let n = 0; n < visits; n++) {
    // Both visits of an identity use one template, because rows of the identity belong to both.
    const set = sets[(n >> 1) % templateCount]
    const fresh = toFresh(n, visits)
    for (const { row, isShared } of set) if (!isShared || n % 2 === 0) yield { row, fresh }
  }
}

function join({ literals, marks }, fresh) {
  let text = literals[0]
  for (let n = 0; n < marks.length; n++) text += fresh(marks[n]) + literals[n + 1]
  return text
}

/** Multiplies the templates in an SQLite file that contains nothing else. The templates themselves are removed. */
export function multiplySqlite(path, visits, filling = plainFill) {
  const db = new Database(path)
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'locking_mode = EXCLUSIVE', 'cache_size = -1000000'])
    db.pragma(pragma)
  const tables = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all()
  const indexes = db.prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`).all()
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  for (const { name } of tables) {
    const columns = db.prepare(`SELECT name, pk FROM pragma_table_xinfo('${name}') WHERE hidden = 0`).all()
    const names = columns.map(column => `"${column.name}"`)
    const rows = db
      .prepare(`SELECT ${names.join()} FROM ${name}`)
      .raw()
      .all()
      .map(values => toCutRow(values, columns))
    const sets = toSets(rows)
    if (!sets.some(set => set.length)) continue
    db.exec(`DELETE FROM ${name}`)
    const insert = db.prepare(`INSERT INTO ${name} (${names.join()}) VALUES (${names.map(() => '?').join()})`)
    db.exec('BEGIN')
    for (const { row, fresh } of eachRow(sets, visits, filling))
      insert.run(row.cells.map(({ toValue }) => toValue(fresh)))
    db.exec('COMMIT')
  }
  for (const { sql } of indexes) db.exec(sql)
  db.close()
}

function toCutRow(values, columns) {
  const cells = values.map(toCell)
  const keys = cells.filter((_, place) => columns[place].pk > 0)
  return { cells, marks: cells.flatMap(({ marks }) => marks), keyMarks: keys.flatMap(({ marks }) => marks) }
}

function toCell(value) {
  const cut = cutAtMarks(Buffer.isBuffer(value) ? value.toString('latin1') : String(value))
  if (!cut.marks.length) return { marks: [], toValue: () => value }
  const toText = fresh => join(cut, fresh)
  if (typeof value === 'string') return { marks: cut.marks, toValue: toText }
  const toValue = Buffer.isBuffer(value)
    ? fresh => Buffer.from(toText(fresh), 'latin1')
    : fresh => Number(toText(fresh))
  return { marks: cut.marks, toValue }
}

/** Multiplies the templates in a PostgreSQL database that contains nothing else. */
export async function multiplyPostgres(cluster, database, visits, filling = plainFill) {
  const ask = sql => cluster.ask(database, sql)
  const lines = text => (text ? text.split('\n') : [])
  const tables = lines(
    ask(`SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND relnamespace::regnamespace::text NOT LIKE 'pg_toast%'`),
  )
  const indexes = lines(
    ask(`SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
      WHERE indrelid = ANY (ARRAY['${tables.join("','")}']::regclass[]) AND relkind = 'r' AND NOT indisunique`),
  ).map(line => line.split('\t'))
  for (const [name] of indexes) ask(`DROP INDEX ${name}`)
  for (const table of tables) {
    const columns = lines(
      ask(`SELECT quote_ident(attname), coalesce(attnum = ANY (indkey), false) FROM pg_attribute
        LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
        WHERE attrelid = '${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`),
    ).map(line => line.split('\t'))
    const names = columns.map(([name]) => name).join()
    const rows = lines(ask(`COPY (SELECT ${names} FROM ${table}) TO STDOUT`)).map(line => toCutLine(line, columns))
    const sets = toSets(rows)
    if (!sets.some(set => set.length)) continue
    ask(`TRUNCATE ${table}`)
    await cluster.copy(database, `COPY ${table} (${names}) FROM STDIN`, toChunks(eachRow(sets, visits, filling)))
  }
  for (const [, sql] of indexes) ask(`SET maintenance_work_mem = '1GB'; ${sql}`)
  ask('VACUUM (ANALYZE)')
  ask('CHECKPOINT')
}

function toCutLine(line, columns) {
  const keys = line.split('\t').filter((_, place) => columns[place][1] === 't')
  return { ...cutAtMarks(`${line}\n`), keyMarks: keys.flatMap(key => cutAtMarks(key).marks) }
}

function* toChunks(rows) {
  let chunk = ''
  for (const { row, fresh } of rows) {
    chunk += join(row, fresh)
    if (chunk.length > 1 << 18) {
      yield chunk
      chunk = ''
    }
  }
  yield chunk
}
