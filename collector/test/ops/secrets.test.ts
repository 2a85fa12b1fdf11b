import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/commands/open-store.js'
import { parseDatabase } from '../../src/ops/database.js'
import { createHider, readSecretFile } from '../../src/ops/secrets.js'
import { parseOptions } from '../../src/options.js'
import { hasSecret, start } from '../../src/start.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath } from '../helpers/collector.js'
import { spawnWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

/** The password of every URL below. Parts of it may not be printed either. */
const password = /hunter|2Hx|tiger/i

/** What people mistype: signs that are not encoded, a missing part, a wrong scheme, an extra quote. */
const mistyped = [
  'postgres://u:hunter2Hx',
  'postgres://u:hunter2Hx/records',
  'postgres://u:hunter2Hx@',
  'postgres://u:hunter2Hx@/records',
  'postgres://u:hunter2Hx@:5432/records',
  'postgres://u:hunter2Hx@127.0.0.1:x/records',
  'postgres://u:hunter2Hx@127.0.0.1:123456/records',
  'postgres://u:hunter@2Hx@127.0.0.1:1/records',
  'postgres://u:hunter/2Hx@127.0.0.1:1/records',
  'postgres://u:1/hunter2Hx@127.0.0.1:1/records',
  'postgres://u:1?hunter2Hx@127.0.0.1:1/records',
  'postgres://u:1#hunter2Hx@127.0.0.1:1/records',
  'postgres://u:hunter?2Hx@127.0.0.1:1/records',
  'postgres://u:hunter#2Hx@127.0.0.1:1/records',
  'postgres://u:hunter,2Hx@tiger@127.0.0.1:1/records',
  'postgres://u:hunter 2Hx@127.0.0.1:1/records',
  'postgres://u:hunter%2Hx@127.0.0.1:1/records',
  'postgres://u:hunter%@127.0.0.1:1/records',
  'postgres://u:hunter2Hx@@127.0.0.1:1/records',
  'postgres://u:hunter2Hx@127.0.0.1:1,tiger@127.0.0.1:1/records',
  'postgres://u:hunter2Hx@127.0.0.1:1/records?a=b@tiger',
  'postgres://u:hunter2Hx@127.0.0.1 :1/records',
  'postgres:/u:hunter2Hx@127.0.0.1/records',
  'postgres:u:hunter2Hx@127.0.0.1/records',
  'postgres//u:hunter2Hx@127.0.0.1/records',
  'postgre://u:hunter2Hx@127.0.0.1/records',
  'Postgres://u:hunter2Hx@127.0.0.1/records',
  'mysql://u:hunter2Hx@127.0.0.1/records',
  'jdbc:postgresql://u:hunter2Hx@127.0.0.1/records',
  '//u:hunter2Hx@127.0.0.1/records',
  '://u:hunter2Hx@127.0.0.1/records',
  'u:hunter2Hx@127.0.0.1/records',
  ':hunter2Hx',
  ' postgres://u:hunter2Hx@127.0.0.1/records',
  '"postgres://u:hunter2Hx@127.0.0.1/records"',
  "'postgres://u:hunter2Hx@127.0.0.1/records'",
  'postgres://u:hunter2Hx@127.0.0.1/records\n',
  'host=127.0.0.1 user=u password=hunter2Hx',
  './u:hunter2Hx@127.0.0.1/nowhere/records',
]

/** URLs that are right, and whose server does not answer. */
const unreachable = [
  'postgres://u:hunter2Hx@127.0.0.1:1/records',
  'postgresql://u:hunter2Hx@127.0.0.1:1,[::1]:1/records',
  'postgres://u:%68unter2Hx@127.0.0.1:1/records',
  'postgres://u:hunter%402Hx@127.0.0.1:1/records',
  'postgres://u@127.0.0.1:1/records?password=hunter2Hx',
  'postgres://u@127.0.0.1:1/records?user=a&password=hunter%402Hx&sslmode=verify-full',
  'postgres://u:hunter2Hx@127.0.0.1:1/records?sslmode=verify-full&sslrootcert=/nowhere',
  'postgres://u:my@hunter2Hx',
  'postgres://u:my@hunter2Hx.invalid',
  'postgres://u:hunter2Hx@nowhere.invalid/records',
]

/** Runs the command, and returns its exit code and all that it says. */
async function runWith(args: readonly string[], env: Record<string, string> = {}) {
  const said: string[] = []
  const code = await start({
    args,
    env,
    print: line => said.push(line),
    warn: line => said.push(line),
    onStop: stop => onTestFinished(stop),
  })
  return { code, said }
}

/** Everything that an error can show: its text, its stack, its causes and its fields. */
function shown(error: unknown): string {
  return `${String(error)} ${inspect(error, { depth: 10, showHidden: true })} ${JSON.stringify(error)}`
}

describe('a password', () => {
  for (const db of mistyped)
    it(`is not printed if the database is mistyped: ${db.replace(/\n/, '\\n')}`, async () => {
      for (const [args, env] of [
        [['--db', db], {}],
        [['serve', `--db=${db}`], {}],
        [[], { SOJOURN_DB: db }],
      ] as const) {
        const { code, said } = await runWith([...args, '--port=0'], env)
        expect(said).toHaveLength(1)
        expect(said[0]).not.toMatch(password)
        expect(said[0]).toMatch(/^sojourn-collector: --db\b/)
        expect(code).toBeGreaterThan(0)
      }
      const error = await openStore(db).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(Error)
      expect(shown(error).replaceAll(import.meta.url, '')).not.toMatch(password)
      expect(existsSync(db)).toBe(false)
    })

  for (const db of unreachable)
    it(`is not printed if the server does not answer: ${db}`, async () => {
      const { code, said } = await runWith(['--db', db, '--port=0'])
      expect([code, said]).toEqual([1, [expect.stringMatching(/^sojourn-collector: --db\b/)]])
      expect(said[0]).not.toMatch(password)
      const error = await openStore(db).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(Error)
      expect(shown(error)).not.toMatch(password)
    })

  it('is not printed if its flag was forgotten or mistyped', async () => {
    const url = 'postgres://u:hunter2Hx@127.0.0.1/records'
    for (const args of [[url], ['serve', url], [`--db${url}`], [`-db${url}`], ['--port', url], ['--dbb', url]]) {
      const { code, said } = await runWith(args)
      expect([code, said]).toEqual([2, [expect.stringMatching(/^sojourn-collector: /)]])
      expect(said[0]).not.toMatch(password)
    }
  })

  it.skipIf(!hasPostgres)('is not printed of a server that answers', async () => {
    const given = new URL(await databaseUrl())
    given.password = 'hunter2Hx'
    const good = await runWith(['--db', given.href, '--port=0'])
    expect([good.code, good.said]).toEqual([
      0,
      [expect.stringContaining(`postgres://${given.username}@${given.host}/`)],
    ])
    given.pathname = '/nowhere'
    const { code, said } = await runWith(['--db', given.href, '--port=0'])
    expect([code, said]).toEqual([1, [expect.stringMatching(/nowhere" does not exist$/)]])
    given.username = 'nobody'
    const unknown = await openStore(given.href).catch((cause: unknown) => cause)
    for (const text of [...good.said, ...said, shown(unknown)]) expect(text).not.toMatch(password)
  })

  it('that may be taken for a port is not printed', async () => {
    const { said } = await runWith(['--db', 'postgres://127.0.0.1:65431', '--port=0'])
    expect(said.join()).not.toMatch(/65431/)
  })
})

describe.skipIf(!existsSync('/proc/self/cmdline'))('the arguments of a process', () => {
  it('are not shown to other users if they contain a secret', async () => {
    for (const secret of [['--read-token', 'hunter2Hx'], ['--read-token=hunter2Hx']]) {
      const { child, listens } = spawnWith(['--db', databasePath(), '--port=0', ...secret])
      await listens
      const shown = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')
      expect(shown.replaceAll('\0', '').trim()).toBe('sojourn-collector')
    }
    expect(hasSecret(['--db', 'postgres://u:hunter2Hx@h/d'])).toBe(true)
    expect(hasSecret(['--db=./a.db', '--read-token-file', '/run/secrets/token'])).toBe(false)
  })
})

describe('the database', () => {
  it('has a name for people, with user, hosts and database', () => {
    for (const [db, name] of [
      ['postgres://me:secret@db.example:5432/records?sslmode=require', 'postgres://me@db.example:5432/records'],
      ['postgresql://me:a:b@[::1]:5432,other:1/records', 'postgres://me@[::1]:5432,other:1/records'],
      ['postgres://db.example/records', 'postgres://db.example/records'],
      ['postgres://me@%2Fvar%2Frun%2Fpostgresql/records', 'postgres://me@%2Fvar%2Frun%2Fpostgresql/records'],
      ['/var/lib/a b@c/sojourn.db', '/var/lib/a b@c/sojourn.db'],
      ['C:\\data\\sojourn.db', 'C:\\data\\sojourn.db'],
    ] as const)
      expect(parseDatabase(db).name).toBe(name)
  })
})

describe('a secret', () => {
  const fileWith = (text: string): string => {
    const path = `${databasePath()}.secret`
    writeFileSync(path, text)
    return path
  }

  it('is read from a file, whose line break at the end does not count', () => {
    const env = {
      SOJOURN_DB_FILE: fileWith('postgres://u:p@h/d\r\n'),
      SOJOURN_READ_TOKEN_FILE: fileWith('token\n'),
    }
    expect(parseOptions([], env)).toMatchObject({ db: 'postgres://u:p@h/d', readToken: 'token' })
    const flags = ['--db-file', fileWith('a.db'), `--read-token-file=${fileWith('other')}`]
    expect(parseOptions(flags, env)).toMatchObject({ db: 'a.db', readToken: 'other' })
  })

  it('that a flag gives overrides a file that a variable names', () => {
    const env = { SOJOURN_DB_FILE: '/nowhere', SOJOURN_READ_TOKEN_FILE: '/nowhere' }
    expect(parseOptions(['--db=a.db', '--read-token=t'], env)).toMatchObject({ db: 'a.db', readToken: 't' })
  })

  it('that is given twice or whose file is no good is named in one line, without its content', async () => {
    for (const [args, env, line] of [
      [['--db=a', '--db-file=b'], {}, '--db, --db-file: give one of them'],
      [[], { SOJOURN_DB: 'a', SOJOURN_DB_FILE: 'b' }, 'SOJOURN_DB, SOJOURN_DB_FILE: give one of them'],
      [['--db-file=/nowhere'], {}, '--db-file: the file cannot be read (ENOENT)'],
      [['--read-token-file', fileWith('')], {}, '--read-token-file: the file must contain one line'],
      [['--read-token-file', fileWith('hunter\n2Hx')], {}, '--read-token-file: the file must contain one line'],
      [
        [],
        { SOJOURN_READ_TOKEN_FILE: fileWith('hunter 2Hx') },
        '--read-token: a token is visible ASCII characters, without spaces',
      ],
    ] as const)
      expect(await runWith(args, env)).toEqual({ code: 2, said: [`sojourn-collector: ${line}`] })
    expect(() => readSecretFile('/')).toThrow('the file cannot be read (EISDIR)')
  })

  it('is taken out of texts in each of its forms', () => {
    const hide = createHider(['p@ss/word', 'a%40bcd', 'ab'])
    expect(hide('p@ss/word p%40ss%2Fword a@bcd a%40bcd ab')).toBe('… … … … ab')
    expect(hide('see ftp://me:other@host/ and me@host')).toBe('see ftp://me@host/ and me@host')
    expect(hide('FTP://me:one@a/ ftp://me:two@b/')).toBe('FTP://me@a/ ftp://me@b/')
    // A part of another secret, more than once, and with a percent sign that encodes nothing.
    const others = createHider(['tiger', 'tiger-hunter', '100%sure'])
    expect(others('tiger-hunter tiger tiger 100%sure 100%25sure')).toBe('… … … … …')
  })
})

// Windows has no such permissions.
describe.skipIf(process.platform === 'win32')('the files of a database', () => {
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

  it('may be read by nobody else', async () => {
    const db = databasePath()
    const { said } = await runWith(['--db', db, '--port=0'])
    expect(said).toHaveLength(1)
    const body = JSON.stringify(wireBatch([wireEvent('a')]))
    const url = /http:\S+/.exec(said.join())?.[0] ?? ''
    expect((await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })).status).toBe(200)
    expect([db, `${db}-wal`, `${db}-shm`].map(modeOf)).toEqual(['600', '600', '600'])
  })

  it('that others may read stay as they are, with one line that says so', async () => {
    const db = join(dirname(databasePath()), 'sub', 'old.db')
    mkdirSync(dirname(db))
    writeFileSync(db, '')
    chmodSync(db, 0o644)
    const { said } = await runWith(['--db', db, '--port=0'])
    expect(said).toEqual([
      `sojourn-collector: other users of this machine may read the database: chmod 600 ${db}`,
      expect.stringContaining('listens on'),
    ])
    expect(modeOf(db)).toBe('644')
  })
})
