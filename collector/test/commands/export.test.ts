import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { columns } from '../../src/export/columns.js'
import { toCell } from '../../src/export/lines.js'
import { exportMarginMs } from '../../src/limits.js'
import { lockFile } from '../../src/ops/sqlite/file-lock.js'
import type { CollectorStore } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { runWith } from '../helpers/command.js'

/** Stores events of one visit as received at a time. */
async function receive(store: CollectorStore, receivedAt: number, events: readonly object[], more: object = {}) {
  const batch = parseBatch(JSON.stringify({ ...wireBatch(events, {}, { userAgent: 'an agent' }), ...more }))
  await store.merge([{ site: 'default', receivedAt, batch }])
}

/** A database, and a function that exports it into a new file and returns the file and the cursor. */
async function exportOf() {
  const db = databasePath()
  const store = await sqliteStore(db)
  const folder = dirname(db)
  let files = 0
  async function run(...args: string[]) {
    const out = join(folder, `out-${++files}`)
    const { code, printed, warned } = await runWith(['export', '--db', db, '--out', out, ...args])
    const cursor = /^cursor: (\S+)$/m.exec(printed.join('\n'))?.[1] ?? ''
    return { code, out, cursor, printed, warned, text: existsSync(out) ? readFileSync(out, 'utf8') : '' }
  }
  const idsOf = (text: string): string[] => text.split('\n').flatMap(line => (line ? JSON.parse(line).eventID : []))
  return { db, store, folder, run, idsOf }
}

describe('export', () => {
  it('writes each event with what its visit and its session say', async () => {
    const { store, run } = await exportOf()
    await receive(store, noon, [wireEvent('a', { data: { n: [1, null] }, category: 'x;y' })])
    const { code, text } = await run()
    expect(code).toBe(0)
    expect(JSON.parse(text)).toEqual({
      site: 'default',
      eventID: 'a',
      eventType: 'BUSINESS',
      eventName: 'Search',
      category: 'x;y',
      timestamp: noon,
      serverTimestamp: noon,
      url: '',
      pageID: null,
      visitID: 'visit-1',
      sessionID: 'session-1',
      identityId: 'user-42',
      globalVisitID: 'browser-1',
      languageCode: '',
      userAgent: 'an agent',
      automated: true,
      activity: true,
      visitStartDate: noon,
      sessionStartDate: noon,
      skew: 0,
      writer: 'writer-1',
      seq: 1,
      data: { n: [1, null] },
    })
  })

  it('has each event once over several exports, also one that an offline browser made long ago', async () => {
    const { store, folder, run, idsOf } = await exportOf()
    const ids = Array.from({ length: 700 }, (_, n) => `e${String(n).padStart(3, '0')}`)
    await receive(
      store,
      noon,
      ids.slice(0, 400).map(id => wireEvent(id)),
    )
    const cursor = join(folder, 'cursor')
    const first = await run('--cursor', cursor)
    expect(readFileSync(cursor, 'utf8').trim()).toBe(first.cursor)
    await receive(
      store,
      noon + 5,
      ids.slice(400).map(id => wireEvent(id, { timestamp: noon - 1e9 })),
    )
    // A replay is no new event.
    await receive(
      store,
      noon + 9,
      ids.slice(0, 9).map(id => wireEvent(id)),
    )
    const second = await run('--cursor', cursor)
    const third = await run('--since', second.cursor)
    expect([...idsOf(first.text), ...idsOf(second.text)]).toEqual(ids)
    expect([third.text, third.cursor]).toEqual(['', second.cursor])
  })

  it('goes on after a file whose export ended before its cursor had a name, and repeats one that has gone', async () => {
    const { store, folder, run, idsOf } = await exportOf()
    await receive(store, noon, [wireEvent('a')])
    const cursor = join(folder, 'cursor')
    const first = await run('--cursor', cursor)
    rmSync(cursor)
    const leave = (out: string): void => writeFileSync(`${cursor}.part`, `${first.cursor}\n${out}\n`)
    leave(first.out)
    await receive(store, noon + 5, [wireEvent('b')])
    expect(idsOf((await run('--cursor', cursor)).text)).toEqual(['b'])
    expect(existsSync(`${cursor}.part`)).toBe(false)
    rmSync(cursor)
    leave(join(folder, 'nothing'))
    expect(idsOf((await run('--cursor', cursor)).text)).toEqual(['a', 'b'])
    expect(statSync(cursor).mode & 0o777).toBe(0o600)
  })

  it('leaves what was received in the last two minutes to the next export', async () => {
    const { store, run, idsOf } = await exportOf()
    const now = Date.now()
    await receive(store, now, [wireEvent('young')])
    await receive(store, now - exportMarginMs - 1000, [wireEvent('old')])
    expect(idsOf((await run()).text)).toEqual(['old'])
    expect(idsOf((await run('--until', String(now + 1e9))).text)).toEqual(['old'])
  })

  it('takes times, and sites by name', async () => {
    const { store, run, idsOf } = await exportOf()
    for (const n of [0, 1, 2]) await receive(store, noon + n * 1000, [wireEvent(`e${n}`)])
    expect(idsOf((await run('--since', String(noon + 1000))).text)).toEqual(['e1', 'e2'])
    const [from, to] = [noon + 1000, noon + 1999].map(at => new Date(at).toISOString())
    expect(idsOf((await run('--since', from as string, '--until', to as string)).text)).toEqual(['e1'])
    expect(idsOf((await run('--site', 'default')).text)).toHaveLength(3)
    for (const wrong of [
      ['--site', 'other'],
      ['--format', 'xml'],
      ['--since', 'yesterday'],
      ['--until', '2026-02-31'],
      ['--cursor', import.meta.filename],
      ['--out', import.meta.filename],
    ])
      expect((await run(...wrong)).code).toBe(2)
  })

  it('begins at no time ahead of now, because it would leave out what is received until then', async () => {
    const { store, folder, run } = await exportOf()
    await receive(store, noon, [wireEvent('a')])
    const file = join(folder, 'cursor')
    const ahead = Buffer.from(JSON.stringify({ default: [Date.now() + 86_400_000, 'v', 'e'] })).toString('base64url')
    writeFileSync(file, ahead)
    for (const wrong of [
      ['--since', '2099-01-01'],
      ['--since', '2099-01-01T00:00:00Z'],
      ['--since', String(Date.now() + 86_400_000)],
      ['--since', ahead],
      ['--cursor', file],
    ]) {
      const { code, out, cursor, warned } = await run(...wrong)
      expect([wrong, code, existsSync(out), cursor]).toEqual([wrong, 2, false, ''])
      expect(warned).toEqual([expect.stringMatching(/^sojourn-collector: --\w+.*: it begins at a time ahead of now/)])
    }
    expect(readFileSync(file, 'utf8')).toBe(ahead)
    expect((await run('--since', String(Date.now() - 1000))).code).toBe(0)
  })

  it('writes no file that another export is writing, and begins with no cursor that another one will write', async () => {
    const { db, store, folder, run } = await exportOf()
    await receive(store, noon, [wireEvent('a')])
    const [out, cursor] = [join(folder, 'out'), join(folder, 'cursor')]
    for (const [flag, file] of [
      ['--out', out],
      ['--cursor', cursor],
    ] as const) {
      const { free } = lockFile(file)
      const { code, warned } = await runWith(['export', '--db', db, '--out', out, '--cursor', cursor])
      expect([code, warned]).toEqual([1, [`sojourn-collector: ${flag} ${file}: another command is writing ${file}`]])
      free()
    }
    const both = await Promise.all([run('--cursor', cursor), run('--cursor', cursor)])
    expect(both.filter(({ code }) => code === 0)).toHaveLength(1)
    // One that was killed left its lock and what it had written.
    for (const end of ['lock', 'part']) writeFileSync(`${out}.${end}`, '')
    expect((await run('--out', out)).code).toBe(0)
    expect(readdirSync(folder).filter(one => /\.(lock|part)$/.test(one))).toEqual([])
  })

  it('names the file that has no cursor, and does not write a cursor over what it exports', async () => {
    const { db, folder } = await exportOf()
    const file = join(folder, 'empty.cursor')
    writeFileSync(file, '')
    const { warned } = await runWith(['export', '--db', db, '--cursor', file])
    expect(warned).toEqual([expect.stringContaining(`--cursor ${file}: there is no cursor in this file`)])
    const both = await runWith(['export', '--db', db, '--cursor', `${file}.new`, '--out', `${file}.new`])
    expect([both.code, existsSync(`${file}.new`)]).toEqual([2, false])
  })

  it('writes CSV in which no text is a formula, and a reader finds every text again', async () => {
    const { store, run } = await exportOf()
    await receive(store, noon, [wireEvent('a', { eventName: '=1+1', category: 'a,"b"\r\nc' })])
    const { text } = await run('--format', 'csv')
    expect(
      text.startsWith(`${columns.map(({ name }) => name).join()}\r\ndefault,a,BUSINESS,'=1+1,"a,""b""\r\nc",`),
    ).toBe(true)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(['-1', '@x', '+', '\tx', 'a=1', ''].map(toCell)).toEqual(["'-1", "'@x", "'+", "'\tx", 'a=1', ''])
  })

  it('writes CSV in which no part of a text is a formula for a spreadsheet that divides at semicolons', () => {
    expect(['a;=1', 'a; =1', 'a\n=1', '＝1', 'a;＋1', 'a;b', '1;2'].map(toCell)).toEqual([
      "a;'=1",
      "a; '=1",
      `"a\n'=1"`,
      "'＝1",
      "a;'＋1",
      'a;b',
      '1;2',
    ])
  })

  it('writes no control character that would command a terminal', async () => {
    const { store, run } = await exportOf()
    const odd = '\u001b]0;x\u0007\u009b2J\u007f\b'
    await receive(store, noon, [wireEvent('a', { eventName: `n${odd}`, data: { [odd]: odd } })])
    for (const format of ['csv', 'ndjson']) {
      const { text } = await run('--format', format)
      expect([format, /[^\P{Cc}\t\r\n]/u.test(text)]).toEqual([format, false])
    }
    const { eventName, data } = JSON.parse((await run()).text)
    expect([eventName, data]).toEqual([`n${odd}`, { [odd]: odd }])
    expect(toCell('a\u001b[2Jb\tc')).toBe('a\ufffd[2Jb\tc')
  })

  it('writes JSON that every reader takes, also if data has NUL or half a character', async () => {
    const { store, run } = await exportOf()
    const odd = { 'k\ud800': 'v\udc00\0', path: 'C:\\ud800\\u0000', cart: '🛒' }
    await receive(store, noon, [wireEvent('a', { data: odd })])
    const mended = { 'k\ufffd': 'v\ufffd\ufffd', path: odd.path, cart: odd.cart }
    const { text } = await run()
    expect(JSON.parse(text).data).toEqual(mended)
    const { out } = await run('--format', 'parquet')
    const [row] = await parquetReadObjects({ file: await asyncBufferFromFile(out) })
    expect(JSON.parse(row?.data)).toEqual(mended)
    expect((await run('--format', 'csv')).text).toContain(JSON.stringify(mended).replaceAll('"', '""'))
  })

  it('writes Parquet with the same values, in groups of rows', async () => {
    const { db, run } = await exportOf()
    const file = new Database(db)
    file.exec(`WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 21000) INSERT INTO events
      SELECT 'default', 'v' || n / 20, 'e' || n, ${noon} + n / 50, 'w', n, 'Search', '🛒', '/', NULL, NULL,
        iif(n % 2, NULL, '{"n":' || n || '}'), 1, 'BUSINESS', ${noon} + n FROM up;`)
    file.close()
    const lines = (await run()).text.split('\n').flatMap(line => (line ? [JSON.parse(line)] : []))
    const { out } = await run('--format', 'parquet')
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(out) })
    expect(rows).toHaveLength(21_000)
    const toLine = (row: Record<string, unknown>): object =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          if (name === 'data') return [name, typeof value === 'string' ? JSON.parse(value) : null]
          return [name, typeof value === 'bigint' ? Number(value) : (value ?? null)]
        }),
      )
    expect(rows.map(toLine)).toEqual(lines)
  })
})
