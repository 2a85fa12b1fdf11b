import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toOpenError } from '../../src/commands/open-store.js'
import { parseDatabase } from '../../src/ops/database.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'

const isWindows = process.platform === 'win32'

/** A database with an event that is old enough for an export. */
async function databaseWith(): Promise<string> {
  const db = databasePath()
  const { url, stop } = await runWith(['--db', db, '--port=0'])
  const body = JSON.stringify(wireBatch([wireEvent('a')]))
  await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
  await stop()
  return db
}

describe('a file that a command cannot write', () => {
  it.each([
    ['export', '--out'],
    ['tombstones', 'save'],
  ])('is named by %s, and nothing is left under its name', async (...args) => {
    const db = await databaseWith()
    const file = `${databasePath()}/x`
    const { code, printed, warned } = await runWith([...args, file, '--db', db])
    expect([code, printed, warned]).toEqual([1, [], [expect.stringContaining(`${file}: ENOENT`)]])
  })

  // `/dev/full` is a disk without room.
  it.skipIf(!existsSync('/dev/full')).each([
    ['export', '--format=csv', '--out'],
    ['tombstones', 'save'],
  ])('because its disk is full leaves no part that fills the disk, with %s', async (...args) => {
    const db = await databaseWith()
    const file = databasePath()
    symlinkSync('/dev/full', `${file}.part`)
    const { code, printed, warned } = await runWith([...args, file, '--db', db])
    expect([code, printed, warned]).toEqual([1, [], [expect.stringContaining(`${file}: ENOSPC`)]])
    expect([existsSync(file), existsSync(`${file}.part`)]).toEqual([false, false])
    expect((await runWith([...args, file, '--db', db])).code).toBe(0)
  })

  it('is not replaced by tombstones save if it is there', async () => {
    const db = await databaseWith()
    const { code, warned } = await runWith(['tombstones', 'save', db, '--db', db])
    expect([code, warned]).toEqual([1, [`sojourn-collector: ${db}: it exists already`]])
  })

  it('because the reader of the output has ended is said in words', async () => {
    const db = await databaseWith()
    const { child, ended } = spawnWith(['export', '--format=csv', '--db', db])
    child.stdout.destroy()
    const { code, err } = await ended
    expect([code, err]).toEqual([
      1,
      'sojourn-collector: --out -: the program that reads it has ended before all was written\n',
    ])
  })
})

describe('a database that cannot be opened', () => {
  it('is said to be a folder, if it is one', async () => {
    const db = databasePath()
    mkdirSync(db)
    const { code, warned } = await runWith(['--db', db, '--port=0'])
    expect([code, warned]).toEqual([1, [`sojourn-collector: --db ${db}: it is a folder, or this user may not open it`]])
  })

  it('because nothing may be written beside it is said in words', () => {
    const error = Object.assign(new Error('attempt to write a readonly database'), {
      code: 'SQLITE_READONLY_DIRECTORY',
    })
    expect(toOpenError(parseDatabase('./a.db'), error).message).toBe(
      '--db ./a.db: this user may not write into the file and its folder, which SQLite needs for reads too',
    )
  })

  it.skipIf(isWindows)('because it is no database keeps its permissions: no line advises to change them', async () => {
    const db = databasePath()
    writeFileSync(db, 'root:x:0:0:root:/root:/bin/bash\n'.repeat(100))
    chmodSync(db, 0o644)
    const { code, warned } = await runWith(['--db', db, '--port=0'])
    expect([code, warned]).toEqual([1, [`sojourn-collector: --db ${db}: file is not a database`]])
    expect(statSync(db).mode & 0o777).toBe(0o644)
  })
})

describe('an address that cannot be listened on', () => {
  it('is said with the flag to change', async () => {
    const { code, warned } = await runWith(['--db', databasePath(), '--port=0', '--host=192.0.2.1'])
    expect([code, warned]).toEqual([
      1,
      [expect.stringMatching(/EADDRNOTAVAIL.*; name an address of this machine with --host$/)],
    ])
  })
})

describe('a PostgreSQL server that accepts connections and says nothing', () => {
  it('is told by what was waited for, without the password', async () => {
    const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { code, warned } = await runWith(['check', '--db', `postgres://u:hunter2@127.0.0.1:${port}/d`])
    expect([code, warned]).toEqual([
      1,
      [
        expect.stringMatching(
          /^sojourn-collector: --db postgres:\/\/u@127\.0\.0\.1:\d+\/d: waited 5 s for the server to open a connection; look whether/,
        ),
      ],
    ])
  })

  it('in the middle of the work is told too', () => {
    const db = 'postgres://u:hunter2@db.example/d'
    const { message } = toOpenError(parseDatabase(db), new Error('Query read timeout'))
    expect(message).toBe(
      '--db postgres://u@db.example/d: the server opened a connection, but did not answer a statement in time',
    )
  })
})
