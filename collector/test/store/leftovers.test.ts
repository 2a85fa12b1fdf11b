import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { makeLeftoversStep, postgresLeftoversStep } from '../../src/store/leftovers-step.js'
import { migrations as postgresMigrations } from '../../src/store/postgres/migrations.js'
import { migrations as sqliteMigrations } from '../../src/store/sqlite/migrations.js'
import type { CollectorStore } from '../../src/store/store.js'
import type { State } from '../contracts/implementation.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { digestAll } from '../helpers/numbers.js'
import { dumpAt, query, storeAt } from '../helpers/postgres-store.js'
import { dumpOf } from '../helpers/sqlite-state.js'

// The step of the migrations that mends what earlier versions have left. It changes no table, so it can be run again.

interface Kept {
  readonly store: CollectorStore
  readonly schema: string
  readonly step: string
  readonly run: (sql: string) => Promise<void>
  readonly dump: () => Promise<State>
}

const sqliteStep = makeLeftoversStep('', 'unixepoch() * 1000').join(';\n')

async function inSqlite(): Promise<Kept> {
  const path = databasePath()
  const run = async (sql: string): Promise<void> => {
    const db = new Database(path)
    db.exec(sql)
    db.close()
  }
  return { store: await sqliteStore(path), schema: '', step: sqliteStep, run, dump: async () => dumpOf(path) }
}

async function inPostgres(): Promise<Kept> {
  const url = await databaseUrl()
  const run = async (sql: string): Promise<void> => void (await query(url, sql))
  const step = postgresLeftoversStep.join(';\n')
  return { store: await storeAt(url), schema: 'sojourn.', step, run, dump: () => dumpAt(url) }
}

it.each([['SQLite', inSqlite], ...(hasPostgres ? [['PostgreSQL', inPostgres] as const] : [])] as const)(
  'mends in %s what earlier versions have left of an erased person, and of no visit',
  async (_, make) => {
    const { store, schema, step, run, dump } = await make()
    for (const [n, who] of ['ada', 'bob', 'ada'].entries()) {
      // The last visit is that of Ada alone.
      const visitID = n < 2 ? 'shared' : 'own'
      const session = { visitID, sessionID: `session-${n}`, identityId: who, startDate: noon + n }
      await store.merge([arrive(wireBatch([wireEvent(`event-${n}`)], session, { visitID }))])
    }
    await digestAll(store)
    for (const table of ['sessions', 'events'])
      await run(`DELETE FROM ${schema}${table} WHERE "sessionID" IN ('session-0', 'session-2')`)
    await run(`DELETE FROM ${schema}visits WHERE "visitID" = 'own'`)
    await run(
      `INSERT INTO ${schema}refused (site, "visitID", "eventID", code) VALUES ('default', '', 'bad', 'id-invalid')`,
    )
    await run(step)
    const { numbers } = store.of('default')
    const asked = { now: noon, order: 'start', isDescending: false, limit: 9 } as const
    expect((await numbers.sessions(asked)).items).toHaveLength(3)
    expect((await numbers.behind()).visits).toBe(2)
    await digestAll(store)
    expect((await numbers.sessions(asked)).items).toMatchObject([{ identityId: 'bob' }])
    const day = noon - (noon % 86_400_000)
    const counted = { visits: 1, visitors: 1, sessions: 1, events: 1 }
    expect(await numbers.days({ since: day, until: day + 86_400_000 })).toMatchObject([counted])
    expect((await dump()).refused).toEqual([])
  },
)

it('is a step of the migrations', () => {
  expect(sqliteMigrations).toContain(sqliteStep)
  expect(postgresMigrations).toContain(postgresLeftoversStep)
})
