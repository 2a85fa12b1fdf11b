import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createErrorLog } from '../../src/ops/error-log.js'
import { createLog, type LogLevel } from '../../src/ops/log.js'
import { toLogError } from '../../src/ops/log-error.js'
import { createHider } from '../../src/ops/secrets.js'
import { toCrashLine } from '../../src/start.js'
import { DataError } from '../../src/store/store.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'

/** Makes a log, and the lines that it has written, parsed. */
function logWith(level: LogLevel = 'info', secrets: readonly string[] = []) {
  const lines: string[] = []
  return {
    log: createLog(level, line => lines.push(line), createHider(secrets)),
    lines,
    read: () => lines.map(line => JSON.parse(line)),
  }
}

/** What no line may contain: an identity, a page, an address, a key, a token. */
const personal = /ada@example|\/cart|198\.51\.100|my-site|other-key|wrong-token|shop\.example|sEcReT/

describe('the log', () => {
  it('has a line of JSON with time, level and text, and no name of the machine or process', () => {
    const { log, read } = logWith()
    log.warn({ count: 2 }, 'something')
    expect(read()).toEqual([
      { level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), count: 2, msg: 'something' },
    ])
  })

  it('leaves out what is less than its level', () => {
    for (const [level, count] of [
      ['silent', 0],
      ['error', 1],
      ['info', 3],
      ['debug', 4],
    ] as const) {
      const { log, lines } = logWith(level)
      log.error('a')
      log.warn('b')
      log.info('c')
      log.debug('d')
      expect(lines).toHaveLength(count)
    }
  })

  it('has of an error its type, text, code, place and causes, and no other field', () => {
    const { log, read } = logWith('info', ['sEcReT'])
    const cause = Object.assign(new Error('no route to sEcReT'), {
      code: 'EHOSTUNREACH',
      client: { password: 'sEcReT' },
    })
    log.error({ err: Object.assign(new TypeError('it failed', { cause }), { detail: 'Key (id)=(ada@example)' }) }, 'x')
    expect(read()[0].err).toEqual({
      type: 'TypeError',
      message: 'it failed',
      stack: expect.stringMatching(/^at /),
      cause: { type: 'Error', message: 'no route to …', code: 'EHOSTUNREACH', stack: expect.stringMatching(/^at /) },
    })
  })

  it('has no text that an error quotes from data', () => {
    const quoting = [
      Object.assign(new Error('invalid input syntax for type json: "ada@example"'), { code: '22P02' }),
      new DataError(Object.assign(new Error('value "ada@example" is too long'), { code: '22001' })),
      new Error('x', { cause: Object.assign(new Error('Key (name)=(ada@example) exists'), { code: '23505' }) }),
      thrownBy(() => JSON.parse('{"name":"ada@example')),
      thrownBy(() => new URL('ada@example /cart')),
      thrownBy(() => decodeURIComponent('ada@example%')),
      'ada@example',
      { identity: 'ada@example' },
    ]
    for (const error of quoting) expect(JSON.stringify(toLogError(error, text => text))).not.toMatch(personal)
    const other = Object.assign(new Error('relation "sojourn.visits" does not exist'), { code: '42P01' })
    expect(toLogError(other, text => text).message).toBe('relation "sojourn.visits" does not exist')
  })

  it('ends with a chain of causes that is a circle', () => {
    const error = new Error('a')
    error.cause = error
    expect(JSON.stringify(toLogError(error, text => text)).match(/"message"/g)).toHaveLength(5)
  })
})

describe('the log of errors', () => {
  function errorsWith() {
    const { log, read } = logWith()
    let tick = (): void => undefined
    const { onError, stop } = createErrorLog(
      log,
      text => text,
      run => {
        tick = run
        return () => (tick = () => undefined)
      },
    )
    return { onError, stop, tick: () => tick(), read }
  }

  it('has an error once, and then how often it came again in a minute', () => {
    const { onError, tick, read } = errorsWith()
    const fail = (): void => onError(Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' }))
    fail()
    fail()
    fail()
    onError(new Error('something else'))
    expect(read()).toMatchObject([
      { level: 'error', err: { message: 'disk full', code: 'SQLITE_FULL', stack: expect.any(String) } },
      { err: { message: 'something else' } },
    ])
    tick()
    expect(read().slice(2)).toMatchObject([{ count: 2, msg: 'again: Error SQLITE_FULL disk full' }])
    fail()
    tick()
    expect(read().slice(3)).toMatchObject([{ err: { message: 'disk full' } }])
  })

  it('says what is left when it stops', () => {
    const { onError, stop, read } = errorsWith()
    onError(new Error('a'))
    onError(new Error('a'))
    stop()
    expect(read()).toHaveLength(2)
  })

  it('keeps few errors in mind', () => {
    const { onError, tick, read } = errorsWith()
    for (let n = 0; n < 200; n++) {
      onError(new Error(`a ${n}`))
      onError(new Error(`a ${n}`))
    }
    tick()
    expect(read()).toHaveLength(100 + 200 + 100)
  })
})

describe('a line about a crash', () => {
  it('has no password and no field of a driver', () => {
    const cause = Object.assign(new Error('of postgres://me:sEcReT@db.example'), { connectionString: 'sEcReT' })
    const line = toCrashLine(new Error('it crashed', { cause }))
    expect(JSON.parse(line)).toMatchObject({
      level: 'fatal',
      err: { message: 'it crashed', cause: { message: 'of postgres://me@db.example' } },
    })
    expect(line).not.toMatch(/sEcReT/)
  })
})

describe('a collector', () => {
  it('says what it refused by code and count, without personal data', async () => {
    const { url, stop, warned } = await runWith([
      '--db',
      databasePath(),
      '--port=0',
      '--key=my-site',
      '--read-token=sEcReT',
    ])
    const post = async (body: unknown, key = 'my-site', headers = {}) =>
      fetch(`${url}/v1/sessions?key=${key}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'X-Forwarded-For': '198.51.100.7', ...headers },
      })
    const bad = wireEvent('a', { eventName: '', url: 'https://shop.example/cart' })
    await post(
      wireBatch([bad, wireEvent('b', { seq: -1 }), wireEvent('c', { seq: -1 })], { identityId: 'ada@example' }),
    )
    await post('{"identityId":"ada@example"')
    await post('{"identityId":"ada@example"')
    await post({}, 'other-key')
    await post({}, 'my-site', { Origin: 'https://shop.example' })
    await fetch(`${url}/v1/identities/ada@example`, { headers: { Authorization: 'Bearer wrong-token' } })
    await fetch(`${url}/v1/identities?page_size=x`, { headers: { Authorization: 'Bearer sEcReT' } })
    await stop()
    const lines = warned.map(line => JSON.parse(line))
    expect(lines).toMatchObject([
      // Who tries tokens is no visitor, and its address is what an operator can act on.
      { level: 'warn', msg: 'a read had a wrong token', failures: 1 },
      {
        level: 'warn',
        requests: { malformed: 2, 'wrong-key': 1, 'unknown-origin': 1, 'wrong-read-token': 1 },
        records: { 'name-invalid': 1, 'writer-invalid': 2 },
      },
      { level: 'info', msg: 'stopped' },
    ])
    expect(warned.join('\n')).not.toMatch(personal)
  })

  // Windows has no signals: the process would be ended before it has said so.
  it.skipIf(process.platform === 'win32')('prints one plain line when it listens, and its log elsewhere', async () => {
    const db = databasePath()
    const { child, listens, ended } = spawnWith(['--db', db, '--port=0', '--log-level=debug'])
    const url = await listens
    child.kill('SIGTERM')
    const { out, err, code } = await ended
    expect([code, out]).toEqual([0, `sojourn-collector listens on ${url} and keeps records in ${db}\n`])
    expect(
      err
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).msg),
    ).toEqual(['listens', 'stops', 'stopped'])
  })

  it('does its work although nobody reads what it prints or logs any more', async () => {
    const help = spawnWith(['--help'])
    help.child.stdout.destroy()
    expect(await help.ended).toMatchObject({ code: 0, err: '' })
    // Node itself forgives the first write that fails, and not the next ones.
    const path = databasePath()
    const store = await sqliteStore(path)
    for (let n = 0; n < 5; n++)
      await store.merge([arrive(wireBatch(Array.from({ length: 200 }, (_, at) => wireEvent(`${n}-${at}`))))])
    chmodSync(path, 0o600)
    const person = spawnWith(['person', 'user-42', '--db', path])
    person.child.stdout.destroy()
    expect(await person.ended).toMatchObject({ code: 0, err: '' })
    const { child, listens } = spawnWith(['--db', databasePath(), '--port=0', '--read-token=right'])
    const url = await listens
    child.stdout.destroy()
    child.stderr.destroy()
    const headers = { Authorization: 'Bearer wrong' }
    // Each is a line of the log.
    for (let n = 0; n < 3; n++) expect((await fetch(`${url}/v1/visits`, { headers })).status).toBe(401)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(child.exitCode).toBe(null)
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}
