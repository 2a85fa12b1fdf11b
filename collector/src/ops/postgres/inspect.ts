import { migrationTimeoutMs } from '../../limits.js'
import { migrations, schema } from '../../store/postgres/migrations.js'
import { createServers } from '../../store/postgres/servers.js'

const columnsOfEvents = `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = '${schema}' AND table_name = 'events'`
const noCollector = 'it is not the database of a collector'

/**
 * Does nothing if a PostgreSQL database has the tables of a collector.
 *
 * @throws (rejects) if it has none, or if no server answers.
 */
export async function expectPostgres(url: string): Promise<void> {
  const servers = createServers(url)
  try {
    const columns = await servers.read(run => run(columnsOfEvents, [], { once: true }))
    if (!columns.length) throw new Error(noCollector)
  } finally {
    await servers.close()
  }
}

import { countedTables, type Findings, makeNumbersCounts, makeOrphanCounts } from '../consistency.js'

/**
 * Looks at the version and the counts of a PostgreSQL database, and for rows whose visit, session or identity is missing.
 * Changes nothing in it. What is damaged on disk is found by PostgreSQL's own `pg_amcheck`.
 *
 * @throws (rejects) if no server answers, or if the database has no tables of a collector.
 */
export async function inspectPostgres(url: string): Promise<Findings> {
  const servers = createServers(url)
  const all = (sql: string): Promise<Record<string, unknown>[]> =>
    servers.read(run => run(sql, [], { once: true, maxMs: migrationTimeoutMs })) as Promise<Record<string, unknown>[]>
  const countOf = async (sql: string): Promise<number> => Number((await all(sql))[0]?.count)
  try {
    const columns = await all(columnsOfEvents)
    if (!columns.length) throw new Error(noCollector)
    const version = Number((await all(`SELECT version FROM ${schema}.schema`))[0]?.version)
    const problems = version > migrations.length ? [`a newer sojourn-collector wrote it (version ${version})`] : []
    const hasSite = columns.some(({ name }) => name === 'site')
    const isDistributed = (await all(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`)).length > 0
    const [row] = await all(`SELECT to_regclass('${schema}.listed') IS NOT NULL AS there`)
    const numbers = String(row?.there) === 't' ? makeNumbersCounts(`${schema}.`, isDistributed) : []
    for (const { sql, toProblem } of [...makeOrphanCounts(`${schema}.`, hasSite, isDistributed), ...numbers]) {
      const count = await countOf(sql)
      if (count) problems.push(toProblem(count))
    }
    const counts: Record<string, number> = {}
    for (const table of countedTables) counts[table] = await countOf(`SELECT count(*) AS count FROM ${schema}.${table}`)
    return { version, counts, problems }
  } finally {
    await servers.close()
  }
}
