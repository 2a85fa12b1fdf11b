import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parseBatch } from 'sojourn/record'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { numbersTableNames } from '../../src/store/numbers-tables.js'
import { rightsTableNames } from '../../src/store/rights-tables.js'
import type { Select } from '../../src/store/sql/select.js'
import { migrations } from '../../src/store/sqlite/migrations.js'
import { openSqlite, sqliteDialect } from '../../src/store/sqlite/sqlite.js'
import type { Arrival, CollectorStore } from '../../src/store/store.js'
import { tables } from '../../src/store/tables.js'
import type { Implementation } from '../contracts/implementation.js'
import { mergeContract } from '../contracts/merge.js'
import { readContract } from '../contracts/reads.js'
import { rightsContract } from '../contracts/rights.js'
import { storeContract } from '../contracts/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { isLong } from '../helpers/long.js'
import { expectMigrated, olderRows } from '../helpers/older.js'
import { everySelect } from '../helpers/selects.js'
import { dumpOf } from '../helpers/sqlite-state.js'

const thread = new URL('../../dist/thread.js', import.meta.url)

function rightsOf(name: string, file?: URL): void {
  rightsContract(name, async () => {
    const path = databasePath()
    return {
      store: await sqliteStore(path, file),
      dump: async () => dumpOf(path),
      another: () => sqliteStore(path, file),
      everything: async () => {
        const db = open(path)
        const names = [...tables.map(one => one.name), ...numbersTableNames, ...rightsTableNames]
        const all = names.map(one => db.prepare(`SELECT * FROM ${one}`).all())
        db.close()
        return JSON.stringify(all)
      },
    }
  })
}

const openWith = (file?: URL) => async (): Promise<Implementation> => {
  const path = databasePath()
  return { store: await sqliteStore(path, file), dump: async () => dumpOf(path) }
}

storeContract('SQLite', openWith(), isLong ? 12 : 6)
rightsOf('SQLite')

// Merges are grouped and sent to a thread in their own way. All other tasks take one way, which tests below take too.
mergeContract('SQLite in threads', openReused, isLong ? 5 : 3)
if (isLong) {
  readContract('SQLite in threads', openWith(thread), 5)
  rightsOf('SQLite in threads', thread)
}

/** A store in threads that tests use one after another. */
interface Reused {
  readonly path: string
  readonly store: CollectorStore
}

const folder = mkdtempSync(join(tmpdir(), 'sojourn-'))
const free: Reused[] = []
let opened = 0

/** Opens an empty store in threads. To start them takes longer than most tests, so that those of an earlier test are used. */
async function openReused(): Promise<Implementation> {
  const used = free.pop() ?? (await openLasting())
  const { path, store } = used
  const db = open(path)
  db.exec(tables.map(({ name }) => `DELETE FROM ${name}`).join(';'))
  db.close()
  let isClosed = false
  async function close(): Promise<void> {
    if (!isClosed) free.push(used)
    isClosed = true
  }
  onTestFinished(close)
  return { store: { ...store, close }, dump: async () => dumpOf(path) }
}

async function openLasting(): Promise<Reused> {
  const path = join(folder, `${++opened}.db`)
  return { path, store: await openSqlite(path, thread) }
}

afterAll(async () => {
  await Promise.all(free.map(({ store }) => store.close()))
  rmSync(folder, { recursive: true })
})

const arrival = (...ids: string[]): Arrival => ({
  site: 'default',
  receivedAt: noon,
  batch: parseBatch(JSON.stringify(wireBatch(ids.map(id => wireEvent(id))))),
})

describe('an SQLite store', () => {
  it('uses WAL, and does not open a database in memory', async () => {
    const path = databasePath()
    await sqliteStore(path)
    const db = open(path)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    await expect(openSqlite(':memory:')).rejects.toThrow(/journal_mode = WAL/)
    db.close()
  })

  it('is not migrated again when it is opened again', async () => {
    const path = databasePath()
    const first = await openSqlite(path)
    await first.close()
    const db = open(path)
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length)
    db.close()
    expect(await (await sqliteStore(path)).of('default').visits({})).toEqual([])
  })

  it('is shared by several collectors that open it at the same time', async () => {
    const path = databasePath()
    const stores = await Promise.all([1, 2, 3].map(() => openSqlite(path, thread)))
    onTestFinished(async () => void (await Promise.all(stores.map(store => store.close()))))
    await Promise.all(stores.map((store, n) => store.merge([arrival(`event-${n}`)])))
    for (const store of stores) expect(await store.of('default').events({ visitID: 'visit-1' })).toHaveLength(3)
  })

  it('does not open a file that a newer version wrote', async () => {
    const path = databasePath()
    const db = open(path)
    db.pragma('user_version = 99', { simple: true })
    db.close()
    await expect(openSqlite(path)).rejects.toThrow(/newer sojourn-collector/)
    await expect(openSqlite(path, thread)).rejects.toThrow(/newer sojourn-collector/)
  })

  it('keeps every record of the first schema when it migrates', async () => {
    const path = databasePath()
    const db = open(path)
    db.exec(migrations[0] as string)
    db.exec(`
      PRAGMA user_version = 1;
      INSERT INTO visits VALUES ('v1', 'g', 100, 'de', 'old', 900, 5), ('v2', 'g', 1000, 'de', 'new', 1900, NULL);
      INSERT INTO sessions VALUES ('s1', 'anna', 'v1', 110, 800, 0, 800), ('s2', 'anna', 'v2', 1010, 0, 0, 1900);
      INSERT INTO pages VALUES ('p1', 'v1', 's1', 'anna', '/', 'Home', '', '', 120, 0, 130);
      INSERT INTO events VALUES
        ('e1', 'SYSTEM', 'UserInfo', '', 130, 'w', 1, '/', '{"name":"Anna","location":"Oslo"}', 'v1', 's1', 'p1', 140),
        ('e2', 'SYSTEM', 'UserInfo', '', 1130, 'w', 2, '/', '{"name":"Anna B."}', 'v2', 's2', NULL, 1140);
      INSERT INTO writers VALUES ('v1', 'w', 1, 0);
      INSERT INTO refused VALUES ('bad', 'id-invalid', NULL), ('worse', 'data-invalid', 'v1');`)
    db.close()
    const store = await sqliteStore(path)
    expect(await store.of('default').identities({})).toEqual([
      {
        identityId: 'anna',
        startDate: 110,
        sessionID: 's1',
        name: 'Anna B.',
        location: 'Oslo',
        userAgent: 'new',
        nameAt: 1130,
        locationAt: 130,
        userAgentAt: 1010,
      },
    ])
    const { events, pages, sessions, visits, writers, refused } = dumpOf(path)
    expect([events, pages, sessions, visits, writers, refused].map(list => list.length)).toEqual([2, 1, 2, 2, 1, 1])
    expect(events[0]).toMatchObject({
      eventID: 'e1',
      visitID: 'v1',
      sessionID: 's1',
      data: '{"name":"Anna","location":"Oslo"}',
    })
    // What was refused of no visit is not kept any more.
    expect(refused[0]).toEqual({ site: 'default', visitID: 'v1', eventID: 'worse', code: 'data-invalid' })
  })

  it.each([1, 3] as const)(
    'answers after the migration from version %i as if it had taken every record itself',
    async version => {
      const path = databasePath()
      const db = open(path)
      // The second step of SQLite made the tables of version 1 that PostgreSQL began with.
      const steps = version === 1 ? 2 : 3
      for (const step of migrations.slice(0, steps)) db.exec(step)
      db.pragma(`user_version = ${steps}`, { simple: true })
      for (const { sql, values } of olderRows(version, '')) db.prepare(sql).run(...(values as never[]))
      db.close()
      await expectMigrated(await sqliteStore(path), version)
    },
  )

  it.each([
    ['this thread', 'was erased', undefined],
    ['threads of its own', 'was erased', thread],
    ['this thread', 'is too old', undefined],
    ['threads of its own', 'is too old', thread],
  ])('keeps nothing in the file, not even in its free pages, or in the log, in %s, of what %s', async (_, why, at) => {
    const path = databasePath()
    const store = await openSqlite(path, at)
    const people = ['Zebulon Quist', 'Anna']
    for (const [n, name] of people.entries()) {
      const events = Array.from({ length: 50 }, (_, m) =>
        wireEvent(`e${n}-${m}`, {
          eventName: m ? 'Search' : 'SignIn',
          data: { name, note: `${name} ${m} `.repeat(40) },
        }),
      )
      const visit = { visitID: `visit-${n}` }
      const batch = wireBatch(events, { ...visit, sessionID: `session-${n}`, identityId: name }, visit)
      await store.merge([{ ...arrival(), receivedAt: noon + n, batch: parseBatch(JSON.stringify(batch)) }])
    }
    // Reads under way hold nothing back.
    const reads = Array.from({ length: 20 }, () => store.of('default').events({ visitID: 'visit-1' }, {}))
    if (why === 'was erased') await store.rights.erase('default', 'Zebulon Quist', noon + 1)
    else expect(await store.rights.removeOld('default', noon + 1, null)).toMatchObject({ visits: 1, next: null })
    await Promise.all(reads)
    const text = [path, `${path}-wal`].map(one => readFileSync(one, 'latin1')).join('')
    await store.close()
    expect([text.includes('Zebulon'), text.includes('Anna')]).toEqual([false, true])
  })

  it('stores nothing while its file is moved away, and continues when the file is back', async () => {
    const path = databasePath()
    const store = await sqliteStore(path, thread)
    await store.merge([arrival('a')])
    for (const end of ['', '-wal']) {
      renameSync(path + end, `${path}.away`)
      await expect(store.merge([arrival('b')])).rejects.toThrow(/was moved or replaced/)
      await expect(store.of('default').visit('visit-1')).rejects.toThrow(/was moved or replaced/)
      renameSync(`${path}.away`, path + end)
      await store.merge([arrival('a')])
    }
    expect(await store.of('default').events({ visitID: 'visit-1' })).toHaveLength(1)
  })

  it('is not begun anew beside the log of a file that is gone, which has records', async () => {
    const [path, other] = [databasePath(), databasePath()]
    const store = await sqliteStore(path)
    await store.merge([arrival('a')])
    // As after a crash.
    copyFileSync(`${path}-wal`, `${other}-wal`)
    await expect(openSqlite(other)).rejects.toThrow(/^the file is gone, and its log .*-wal has records of it/)
    // The command makes the file before it opens it.
    writeFileSync(other, '')
    await expect(openSqlite(other)).rejects.toThrow(/^the file is gone/)
    copyFileSync(path, other)
    const found = await sqliteStore(other)
    expect(await found.of('default').events({ visitID: 'visit-1' })).toHaveLength(1)
  })

  it('does not use another file in the place of its own, because the log belongs to the first', async () => {
    const path = databasePath()
    const store = await sqliteStore(path, thread)
    rmSync(path)
    open(path).close()
    await expect(store.merge([arrival('a')])).rejects.toThrow(/restart the collector/)
  })
})

describe('every query', () => {
  const all = everySelect(sqliteDialect)

  it('uses an index, with ten sessions and with many thousand', async () => {
    const path = databasePath()
    await sqliteStore(path)
    const db = open(path)
    const plans = () => all.map(([name, select]) => [name, planOf(db, select)] as const)
    fill(db, 10)
    const small = plans()
    for (const [name, plan] of small) {
      // The list of all identities scans an index in its order, and stops at the end of the page.
      const isWhole = name.startsWith('identities by  ')
      // What was found is a page of keys, and the newest sessions of an identity are bounded.
      const isBounded = /^SCAN (found|ends|sessions|CONSTANT ROW)$/
      expect([name, ...plan.filter(step => step.startsWith('SCAN') && !isBounded.test(step))]).toEqual(
        isWhole ? [name, ...plan.filter(step => /^SCAN identities USING (COVERING )?INDEX/.test(step))] : [name],
      )
      // Identities are never sorted, because there may be any number of them. A visit has few.
      if (/^identities by (?!visitID)/.test(name)) expect([name, ...plan].join()).not.toContain('TEMP B-TREE')
      // What belongs to a visit or an identity is not looked for in the list of the site, nor in all traits.
      if (/^(sessions|identities) by .*(visitID|identityId)|^(one of|whether|suspect|the open)/.test(name))
        expect([name, ...plan.filter(step => /\(site=\? AND startDate/.test(step))]).toEqual([name])
      expect([name, ...plan.filter(step => /\(site=\?( AND trait=\?)?\)$/.test(step))]).toEqual([name])
      // Neither are the lists of a whole site.
      if (/^(visits|sessions|receipts) by (automated|eventName)? /.test(name))
        expect([name, ...plan].join()).not.toContain('TEMP B-TREE')
      if (name.startsWith('visits by globalVisitID ')) expect([name, ...plan].join()).toContain('visits_of_browser')
      if (/^(visits|receipts) by identityId/.test(name))
        expect([name, ...plan].join()).not.toMatch(/in_order|by_receipt/)
      if (/of the site with an identity/.test(name))
        expect([name, ...plan].join()).not.toMatch(/TEMP B-TREE|of_identity/)
      if (/^(events|pages) by visitID/.test(name)) expect(plan).not.toContain('USE TEMP B-TREE FOR ORDER BY')
      // A range is read to its end and no further. SQLite would use only one of two ends.
      if (/^events by visitID.*newest/.test(name))
        expect([name, ...plan].join()).toContain('visitID=? AND timestamp>? AND timestamp<?')
      // An index alone is read to find out how much there is.
      if (/^(horizon of|whether an identity has)/.test(name)) {
        expect([
          name,
          ...plan.filter(step => /^SEARCH (?!theirs|ends|ending)/.test(step) && !/COVERING/.test(step)),
        ]).toEqual([name])
        if (!name.includes('identityId')) expect([name, ...plan].join()).not.toContain('TEMP B-TREE')
      }
      // The visit of each session is not looked for, because it is the same.
      if (name.startsWith('the open session'))
        expect([name, ...plan.slice(0, plan.indexOf('SCAN found'))].join()).not.toMatch(/SEARCH visits/)
      if (name.startsWith('whether an identity is')) expect([name, ...plan].join()).toContain('sessions_of_identity')
    }
    fill(db, isLong ? 100_000 : 20_000)
    expect(plans()).toEqual(small)
    db.close()
  })
})

function planOf(db: Database, { sql, values }: Select): string[] {
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  return steps.map(({ detail }) => String(detail))
}

/** Fills a database with sessions, each with a visit of its own. */
function fill(db: Database, sessions: number): void {
  db.exec(`
    DELETE FROM visits; DELETE FROM sessions; DELETE FROM pages; DELETE FROM session_pages; DELETE FROM events; DELETE FROM identities;
    DELETE FROM traits;
    CREATE TEMP TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY);
    INSERT OR IGNORE INTO numbers
      WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${sessions}) SELECT n FROM up;
    INSERT INTO visits
      SELECT 'default', 'v' || n, n, 0, n, 'g' || n, 'de', 'agent ' || n % 9, NULL, 0, n, 0, n, 0, n, NULL FROM numbers;
    INSERT INTO sessions
      SELECT 'default', 'v' || n, 's' || n, n, n, 'i' || n / 3, NULL, n, 0, n, n, 0, n, 0, '', NULL FROM numbers;
    INSERT INTO pages
      SELECT 'default', 'v' || n, 'p' || n, n, 's' || n, '/', '', '', '', n, 0, n, 0, 0, 0, '', '' FROM numbers;
    INSERT INTO session_pages SELECT 'default', 'v' || n, 's' || n, 'q' || n FROM numbers;
    INSERT INTO events
      SELECT 'default', 'v' || n, 'e' || n, n, 'w', 1, 'Search', '', '/', 'p' || n, 's' || n, NULL, 1, 'BUSINESS', n FROM numbers;
    INSERT OR IGNORE INTO identities SELECT 'default', 'i' || n / 3, n, n, 's' || n, NULL FROM numbers;
    INSERT OR IGNORE INTO traits SELECT 'default', 'i' || n / 3, 'location', 'e' || n, n, n, 'place ' || n % 7 FROM numbers;
    INSERT OR IGNORE INTO traits SELECT 'default', 'i' || n / 3, 'userAgent', 'v' || n, n, n, 'agent ' || n % 9 FROM numbers;`)
}

function open(path: string): Database {
  return new Database(path)
}
