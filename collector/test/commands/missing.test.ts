import { existsSync, writeFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { databasePath } from '../helpers/collector.js'
import { runWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

/** Commands that need a database, and would do nothing in a new one. */
const needing = [
  ['erase', 'user-42'],
  ['person', 'user-42'],
  ['export'],
  ['types'],
  ['tombstones', 'save', 'never.json'],
  ['site', 'list'],
  ['site', 'keep', 'default', '30d'],
  ['site', 'origin', 'remove', 'default', 'https://shop.example'],
  ['token', 'list'],
  ['token', 'end', 'reports'],
]

describe('a database that is not there, because its name is mistyped', () => {
  it.each(needing)('is not made by %s %s, which says so', async (...args) => {
    const db = databasePath()
    const { code, printed, warned } = await runWith([...args, '--db', db])
    expect([code, printed, warned]).toEqual([1, [], [`sojourn-collector: --db ${db}: there is no such file`]])
    expect(existsSync(db)).toBe(false)
  })

  it('is not taken for that of a collector if it is empty', async () => {
    const db = databasePath()
    writeFileSync(db, '')
    const { code, warned } = await runWith(['erase', 'user-42', '--db', db])
    expect([code, warned]).toEqual([1, [`sojourn-collector: --db ${db}: it is not the database of a collector`]])
  })

  it.skipIf(!hasPostgres)('gets no tables in PostgreSQL if it has none, but from what may come first', async () => {
    const db = await databaseUrl()
    for (const args of needing) {
      const { code, warned } = await runWith([...args, '--db', db])
      expect([code, warned]).toEqual([1, [expect.stringMatching(/: it is not the database of a collector$/)]])
    }
    expect((await runWith(['token', 'add', 'reports', '--db', db])).code).toBe(0)
    expect((await runWith(['token', 'list', '--db', db])).code).toBe(0)
  })

  it('is made by site add and token add, because they may come first', async () => {
    for (const args of [
      ['site', 'add', 'shop'],
      ['token', 'add', 'reports'],
    ])
      expect((await runWith([...args, '--db', databasePath()])).code).toBe(0)
  })

  it('keeps its tables if it is that of another program, also when a collector starts', async () => {
    const db = databasePath()
    const other = new Database(db)
    other.exec('CREATE TABLE visits (place TEXT)')
    other.close()
    for (const args of [['serve', '--port', '0'], ['site', 'add', 'shop'], ['export']]) {
      const { code, warned } = await runWith([...args, '--db', db])
      expect([code, warned.at(-1)]).toEqual([1, `sojourn-collector: --db ${db}: it is not the database of a collector`])
    }
    const names = new Database(db).prepare('SELECT name FROM sqlite_master').all()
    expect(names).toEqual([{ name: 'visits' }])
  })
})
