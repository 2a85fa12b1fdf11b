import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath } from '../helpers/collector.js'
import { runWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

/** Signs persons in and out, at a collector that runs meanwhile. Returns the answers to their records. */
async function visit(db: string, ...persons: string[]): Promise<any[]> {
  const { url, stop } = await runWith(['--db', db, '--port=0'])
  const answers: any[] = []
  for (const identityId of persons) {
    const visitID = `visit-of-${identityId}`
    const session = { sessionID: `session-of-${identityId}`, identityId, visitID }
    const batch = wireBatch([wireEvent(`event-of-${identityId}`)], session, { visitID })
    const response = await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body: JSON.stringify(batch) })
    answers.push(await response.json())
  }
  await stop()
  return answers
}

/** The identities that a database has, in order. */
async function persons(db: string): Promise<string[]> {
  const { url, stop } = await runWith(['--db', db, '--port=0'])
  const { items } = (await (await fetch(`${url}/v1/identities`)).json()) as { items: { identityId: string }[] }
  await stop()
  return items.map(({ identityId }) => identityId).sort()
}

/** A database in which two persons were erased after a backup, and one came in. */
async function databaseWith() {
  const [db, backup] = [databasePath(), databasePath()]
  await visit(db, 'ada', 'bob')
  expect((await runWith(['backup', backup, '--db', db])).code).toBe(0)
  await visit(db, 'eve')
  for (const one of ['ada', 'eve']) expect((await runWith(['erase', one, '--db', db])).code).toBe(0)
  return { db, backup }
}

describe('restore', () => {
  it('brings back nobody whom the replaced database had erased, and answers their late records as gone', async () => {
    const { db, backup } = await databaseWith()
    const { code, printed, warned } = await runWith(['restore', backup, '--db', db, '--replace'])
    expect([code, warned]).toEqual([0, []])
    expect(printed.at(-1)).toBe('erased again: 1 sessions, 1 events and 1 whole visits')
    expect(printed).toContain('  identities 1')
    expect([existsSync(`${db}.part`), existsSync(`${db}.part-wal`)]).toEqual([false, false])
    expect(readFileSync(db).includes('event-of-ada')).toBe(false)
    expect(await persons(db)).toEqual(['bob'])
    // Of eve, the backup has nothing.
    expect(await visit(db, 'ada', 'eve')).toMatchObject([{ gone: ['event-of-ada'] }, { gone: ['event-of-eve'] }])
    expect((await runWith(['check', '--db', db])).warned).toEqual([])
  })

  it('says that it erased nobody where no database is replaced, and changes nothing where it cannot know', async () => {
    const { db, backup } = await databaseWith()
    const other = databasePath()
    const { printed } = await runWith(['restore', backup, '--db', other])
    expect(printed.at(-1)).toMatch(/^nobody was erased again/)
    expect(await persons(other)).toEqual(['ada', 'bob'])
    const broken = new Database(db)
    broken.exec('ALTER TABLE erased RENAME COLUMN hash TO unknown')
    broken.close()
    const { code, warned } = await runWith(['restore', backup, '--db', db, '--replace'])
    expect([code, warned]).toEqual([1, [expect.stringMatching(/not known whom it had erased; move it away/)]])
    expect(existsSync(`${db}.part`)).toBe(false)
  })
})

describe('tombstones', () => {
  it('that were saved erase again after a restore without the old database, for its user alone', async () => {
    const { db, backup } = await databaseWith()
    const [file, restored] = [`${databasePath()}.json`, databasePath()]
    const saved = await runWith(['tombstones', 'save', file, '--db', db])
    expect([saved.code, saved.printed]).toEqual([0, [expect.stringMatching(/^saved \d+ tombstones to /)]])
    if (process.platform !== 'win32') expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(readFileSync(file, 'utf8')).not.toMatch(/ada|eve/)
    await runWith(['restore', backup, '--db', restored])
    for (const line of [/^erased again: 1 sessions/, /^erased again: 0 sessions/]) {
      const { code, printed } = await runWith(['tombstones', 'apply', file, '--db', restored])
      expect([code, printed]).toEqual([0, [expect.stringMatching(line)]])
    }
    expect(await persons(restored)).toEqual(['bob'])
    expect(await visit(restored, 'ada', 'eve')).toMatchObject([{ gone: ['event-of-ada'] }, { gone: ['event-of-eve'] }])
  })

  it.skipIf(!hasPostgres)('of one database erase in another kind of database too', async () => {
    const restored = await databaseUrl()
    await visit(restored, 'ada', 'bob')
    const { db } = await databaseWith()
    const file = `${databasePath()}.json`
    await runWith(['tombstones', 'save', file, '--db', db])
    expect((await runWith(['tombstones', 'apply', file, '--db', restored])).code).toBe(0)
    expect(await persons(restored)).toEqual(['bob'])
    expect(await visit(restored, 'eve')).toMatchObject([{ gone: ['event-of-eve'] }])
  })

  it('of another secret erase whom they can, and say what is left', async () => {
    const [file, other] = [`${databasePath()}.json`, databasePath()]
    await visit(other, 'ada', 'zoe')
    const { db } = await databaseWith()
    await runWith(['tombstones', 'save', file, '--db', db])
    await runWith(['erase', 'zoe', '--db', other])
    const { code, warned } = await runWith(['tombstones', 'apply', file, '--db', other])
    expect([code, warned]).toEqual([1, [expect.stringMatching(/are of another database/)]])
    expect(await persons(other)).toEqual([])
  })

  it('are not overwritten, and a wrong file is refused in one line without its content', async () => {
    const { db } = await databaseWith()
    const file = `${databasePath()}.json`
    for (const text of ['{"v":1,"secret":"s3cr3t', '{"v":2}', '{"v":1,"secret":"","tombstones":[{"site":"a"}]}']) {
      writeFileSync(file, text)
      expect(await runWith(['tombstones', 'apply', file, '--db', db])).toMatchObject({
        code: 1,
        printed: [],
        warned: [`sojourn-collector: ${file}: it is not a file of tombstones`],
      })
    }
    const { code, warned } = await runWith(['tombstones', 'save', file, '--db', db])
    expect([code, warned]).toEqual([1, [expect.stringMatching(/EEXIST|exists already/)]])
    expect((await runWith(['tombstones', 'drop', file, '--db', db])).code).toBe(2)
  })
})
