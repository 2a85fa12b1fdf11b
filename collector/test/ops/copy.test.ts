import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { lockFile } from '../../src/ops/sqlite/file-lock.js'
import { openSqlite } from '../../src/store/sqlite/sqlite.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { digestAll } from '../helpers/numbers.js'

/** Sends a batch with one event. Resolves when it is acknowledged. */
async function send(url: string, id: string): Promise<void> {
  const body = JSON.stringify(wireBatch([wireEvent(id)]))
  const response = await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
  expect(await response.json()).toMatchObject({ stored: [id] })
}

/** Makes a database with these events, which no process has open. */
async function databaseWith(...ids: string[]): Promise<string> {
  const db = databasePath()
  const { url, stop } = await runWith(['--db', db, '--port=0'])
  for (const id of ids) await send(url, id)
  await stop()
  return db
}

function eventsIn(path: string): unknown[] {
  const db = new Database(path, { readonly: true })
  try {
    return db
      .prepare('SELECT eventID FROM events ORDER BY eventID')
      .all()
      .map(({ eventID }) => eventID)
  } finally {
    db.close()
  }
}

/** Windows has no such permissions. */
const isWindows = process.platform === 'win32'
const modeOf = (path: string): string => (isWindows ? '600' : (statSync(path).mode & 0o777).toString(8))

describe('backup', () => {
  it('of a collector that takes batches holds what was acknowledged before, and restores to a whole database', async () => {
    const [db, copy, again] = [databasePath(), databasePath(), databasePath()]
    const url = await spawnWith(['--db', db, '--port=0']).listens
    const acknowledged: string[] = []
    const stop = new AbortController()
    const load = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !stop.signal.aborted; n++) {
        await send(url, `${writer}-${n}`)
        acknowledged.push(`${writer}-${n}`)
      }
    })
    await expect.poll(() => acknowledged.length).toBeGreaterThan(100)
    const before = [...acknowledged]
    expect(await spawnWith(['backup', copy, '--db', db]).ended).toMatchObject({ code: 0, err: '' })
    const during = acknowledged.length
    await expect.poll(() => acknowledged.length).toBeGreaterThan(during)
    stop.abort()
    await Promise.all(load)

    expect(during).toBeGreaterThan(before.length)
    expect(modeOf(copy)).toBe('600')
    const restored = await runWith(['restore', copy, '--db', again])
    expect([restored.code, restored.warned]).toEqual([0, []])
    const found = eventsIn(again)
    expect(found).toEqual(expect.arrayContaining(before))
    const checked = await runWith(['check', '--db', again])
    expect([checked.code, checked.warned]).toEqual([0, []])
    expect(checked.printed).toEqual(
      expect.arrayContaining([`  events     ${found.length}`, '  visits     1', 'all is well']),
    )
  })

  it('holds what is still in the log of a collector that was killed', async () => {
    const [db, copy] = [databasePath(), databasePath()]
    const { listens, child, ended } = spawnWith(['--db', db, '--port=0'])
    await send(await listens, 'a')
    child.kill('SIGKILL')
    await ended
    expect((await runWith(['backup', copy, '--db', db])).code).toBe(0)
    expect([existsSync(`${copy}-wal`), eventsIn(copy)]).toEqual([false, ['a']])
  })

  it('overwrites nothing', async () => {
    const [db, copy] = [await databaseWith('a'), databasePath()]
    writeFileSync(copy, 'mine')
    const { code, warned } = await runWith(['backup', copy, '--db', db])
    expect([code, warned]).toEqual([1, [`sojourn-collector: --db ${db} to ${copy}: ${copy} exists already`]])
    expect(readFileSync(copy, 'utf8')).toBe('mine')
    const part = `${copy}2.part`
    for (const path of [part, `${part}-journal`]) {
      writeFileSync(path, 'mine')
      const { code, warned } = await runWith(['backup', `${copy}2`, '--db', db])
      const found = path === part ? part : `${part} and ${part}-journal`
      const said = `${found} would be written over; if an interrupted copy has left it, delete it`
      expect([code, warned]).toEqual([1, [`sojourn-collector: --db ${db} to ${copy}2: ${said}`]])
      expect(readFileSync(path, 'utf8')).toBe('mine')
    }
    expect(existsSync(`${copy}2.lock`)).toBe(false)
  })

  it.each(['backup', 'restore'])('removes what one that was killed has left: %s', async name => {
    const [db, copy] = [await databaseWith('a'), databasePath()]
    for (const end of ['lock', 'part', 'part-journal']) writeFileSync(`${copy}.${end}`, end === 'lock' ? '' : 'half')
    const args = name === 'backup' ? [copy, '--db', db] : [db, '--db', copy]
    expect(await runWith([name, ...args])).toMatchObject({ code: 0, warned: [] })
    expect(eventsIn(copy)).toEqual(['a'])
    expect(readdirSync(dirname(copy)).filter(one => !/-(wal|shm)$/.test(one))).toEqual([basename(copy)])
  })

  it.each(['backup', 'restore'])('writes no file that another command is writing: %s', async name => {
    const [db, copy] = [await databaseWith('a'), databasePath()]
    const { free } = lockFile(copy)
    writeFileSync(`${copy}.part`, 'of the other')
    const args = name === 'backup' ? [copy, '--db', db] : [db, '--db', copy]
    const { code, warned } = await runWith([name, ...args])
    expect([code, warned]).toEqual([1, [expect.stringContaining(`another command is writing ${copy}`)]])
    expect(readFileSync(`${copy}.part`, 'utf8')).toBe('of the other')
    free()
  })

  it('of no database of a collector fails in one line, and leaves no file', async () => {
    const [nowhere, text, empty, copy] = [databasePath(), databasePath(), databasePath(), databasePath()]
    writeFileSync(text, 'no database, but long enough to be looked at '.repeat(30))
    writeFileSync(empty, '')
    for (const [db, line] of [
      [nowhere, /there is no such file$/],
      [text, /file is not a database$/],
      [empty, /it is not the database of a collector$/],
    ] as const) {
      const { code, warned } = await runWith(['backup', copy, '--db', db])
      expect([code, warned]).toEqual([1, [expect.stringMatching(line)]])
      expect([existsSync(copy), existsSync(`${copy}.part`)]).toEqual([false, false])
    }
    expect(existsSync(nowhere)).toBe(false)
  })

  it('needs the name of a file', async () => {
    for (const name of ['backup', 'restore'])
      expect(await runWith([name])).toMatchObject({ code: 2, warned: [expect.stringMatching(/name the/)] })
  })

  it('names the program of PostgreSQL, and the database without its password', async () => {
    const db = 'postgres://me:hunter2Hx@db.example/records'
    for (const [name, program] of [
      ['backup', 'pg_dump --format=custom --schema=sojourn --file=a.dump --dbname=postgres://me@db.example/records'],
      ['restore', 'pg_restore --exit-on-error --dbname=postgres://me@db.example/records a.dump'],
    ] as const)
      expect(await runWith([name, 'a.dump', '--db', db])).toMatchObject({
        code: 1,
        warned: [`sojourn-collector: PostgreSQL has its own program for this: ${program}`],
      })
    // What may be a password is not printed, and must not be left out of the command.
    const { warned } = await runWith(['backup', 'a.dump', '--db', 'postgres://db.example:5433/records'])
    expect(warned[0]).toMatch(/--dbname="\$SOJOURN_DB"$/)
  })
})

describe('restore', () => {
  it('replaces a database only with --replace, and keeps the backup', async () => {
    const [db, backup] = [await databaseWith('now'), await databaseWith('then')]
    const { code, warned } = await runWith(['restore', backup, '--db', db])
    expect([code, warned]).toEqual([1, [expect.stringMatching(/exists already; --replace replaces the database$/)]])
    expect(eventsIn(db)).toEqual(['now'])
    const replaced = await runWith(['restore', backup, '--db', db, '--replace'])
    expect([replaced.code, replaced.printed[0]]).toEqual([0, `restored ${backup} to ${db}`])
    expect([eventsIn(db), eventsIn(backup), modeOf(db)]).toEqual([['then'], ['then'], '600'])
    const { url } = await runWith(['--db', db, '--port=0'])
    await send(url, 'later')
    expect(eventsIn(db)).toEqual(['later', 'then'])
  })

  it('replaces the file and not the link to it', async () => {
    const [db, backup, link] = [await databaseWith('now'), await databaseWith('then'), databasePath()]
    symlinkSync(db, link)
    expect((await runWith(['restore', backup, '--db', link, '--replace'])).code).toBe(0)
    expect([eventsIn(db), eventsIn(link)]).toEqual([['then'], ['then']])
  })

  it('changes nothing while a collector has the database open', async () => {
    const [db, backup] = [databasePath(), await databaseWith('then')]
    const url = await spawnWith(['--db', db, '--port=0']).listens
    await send(url, 'now')
    const { code, warned } = await runWith(['restore', backup, '--db', db, '--replace'])
    expect([code, warned]).toEqual([
      1,
      [expect.stringMatching(/is open in another process; stop the collector first$/)],
    ])
    await send(url, 'still')
    expect(eventsIn(db)).toEqual(['now', 'still'])
    expect(existsSync(`${db}.part`)).toBe(false)
  })

  it('replaces the database of a collector that was killed, with its log', async () => {
    const [db, backup] = [databasePath(), await databaseWith('then')]
    const { listens, child, ended } = spawnWith(['--db', db, '--port=0'])
    await send(await listens, 'now')
    child.kill('SIGKILL')
    await ended
    expect((await runWith(['restore', backup, '--db', db, '--replace'])).code).toBe(0)
    expect(eventsIn(db)).toEqual(['then'])
  })

  it('does not let the log of a lost database play into the restored one', async () => {
    const [db, backup] = [databasePath(), await databaseWith('then')]
    writeFileSync(`${db}-wal`, 'of another database')
    expect((await runWith(['restore', backup, '--db', db])).warned).toEqual([
      expect.stringMatching(/-wal exists already/),
    ])
    expect((await runWith(['restore', backup, '--db', db, '--replace'])).code).toBe(0)
    expect([existsSync(`${db}-wal`), eventsIn(db)]).toEqual([false, ['then']])
  })

  it('refuses a backup that is damaged, foreign or newer', async () => {
    const ids = Array.from({ length: 200 }, (_, n) => `event-${n}`)
    const [good, target] = [await databaseWith(), databasePath()]
    const store = await openSqlite(good)
    await store.close()
    const { url, stop } = await runWith(['--db', good, '--port=0'])
    const body = JSON.stringify(wireBatch(ids.map(id => wireEvent(id))))
    await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
    await stop()
    const [cut, newer, foreign] = [databasePath(), databasePath(), databasePath()]
    copyFileSync(good, cut)
    truncateSync(cut, statSync(good).size - 8192)
    copyFileSync(good, newer)
    const db = new Database(newer)
    db.pragma('user_version = 1000', { simple: true })
    db.close()
    const other = new Database(foreign)
    other.exec('CREATE TABLE a (b); PRAGMA user_version = 1')
    other.close()
    for (const [backup, line] of [
      [cut, /not restored: damaged: |malformed/],
      [newer, /not restored: a newer sojourn-collector wrote it \(version 1000\)$/],
      [foreign, /it is not the database of a collector$/],
    ] as const) {
      const { code, warned } = await runWith(['restore', backup, '--db', target])
      expect([code, warned]).toEqual([1, [expect.stringMatching(line)]])
      expect(existsSync(target)).toBe(false)
    }
  })
})

describe('check', () => {
  it('counts the records of a running collector, and finds rows whose visit is missing', async () => {
    const db = databasePath()
    const { url } = await runWith(['--db', db, '--port=0'])
    await send(url, 'a')
    const { code, printed } = await runWith(['check', '--db', db])
    expect(code).toBe(0)
    expect(printed).toEqual([
      expect.stringMatching(new RegExp(`^${db}, version \\d+$`)),
      '  visits     1',
      '  sessions   1',
      '  pages      0',
      '  events     1',
      '  identities 1',
      'all is well',
    ])
    const other = new Database(db)
    other.exec('DELETE FROM visits; DELETE FROM identities')
    other.close()
    const found = await runWith(['check', '--db', db])
    expect(found.code).toBe(1)
    expect(found.warned).toEqual(
      expect.arrayContaining([
        'sojourn-collector: 1 of events without their row in visits',
        'sojourn-collector: 1 of sessions without their row in identities',
      ]),
    )
    expect(found.printed.at(-1)).toMatch(/^problems: \d$/)
  })

  it('finds sessions that are listed although they are gone, and totals that are not their sum', async () => {
    const db = await databaseWith('a')
    const store = await sqliteStore(db)
    await digestAll(store)
    expect((await runWith(['check', '--db', db])).code).toBe(0)
    const other = new Database(db)
    other.exec('DELETE FROM sessions; UPDATE totals SET n = n + 1')
    other.close()
    expect((await runWith(['check', '--db', db])).warned).toEqual(
      expect.arrayContaining([
        'sojourn-collector: 1 of listed without their row in sessions',
        'sojourn-collector: the totals of 1 sites are not the sums of their sessions',
      ]),
    )
  })

  it('finds damage', async () => {
    const db = await databaseWith('a')
    const bytes = readFileSync(db)
    bytes.fill(0xff, 4096 * 3 + 8, 4096 * 5)
    writeFileSync(db, bytes)
    const { code, printed, warned } = await runWith(['check', '--db', db])
    expect(code).toBe(1)
    expect([...printed, ...warned].join()).toMatch(/damaged|malformed/)
  })

  it.skipIf(!hasPostgres)('counts in PostgreSQL too, and migrates nothing', async () => {
    const db = await databaseUrl()
    const empty = await runWith(['check', '--db', db])
    expect(empty).toMatchObject({ code: 1, warned: [expect.stringMatching(/it is not the database of a collector$/)] })
    const { url } = await runWith(['--db', db, '--port=0'])
    await send(url, 'a')
    const { code, printed, warned } = await runWith(['check', '--db', db])
    expect([code, warned, printed.slice(1)]).toEqual([
      0,
      [],
      ['  visits     1', '  sessions   1', '  pages      0', '  events     1', '  identities 1', 'all is well'],
    ])
  })
})
