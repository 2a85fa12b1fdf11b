import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createReadiness } from '../../src/ops/readiness.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, databasePath, failingStore } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

/** Makes the readiness of a store that can fail, with a clock that the test moves. */
function readinessWith() {
  const clock = { now: 1_000_000 }
  const state = { fails: false }
  const { store, merges } = failingStore(createMemoryStore(), () => state.fails && new Error('disk full'))
  const readiness = createReadiness(store, () => clock.now)
  return { readiness, store, merges, clock, state }
}

describe('readiness', () => {
  it('is there from the start to the stop, and never again after it', async () => {
    const { readiness } = readinessWith()
    expect(await readiness.whyNot()).toBe('starting')
    readiness.start()
    expect(await readiness.whyNot()).toBe(null)
    readiness.stop()
    expect(await readiness.whyNot()).toBe('stopping')
    readiness.start()
    expect(await readiness.whyNot()).toBe('stopping')
  })

  it('is gone while the store cannot write', async () => {
    const { readiness, state, clock } = readinessWith()
    readiness.start()
    state.fails = true
    expect(await readiness.whyNot()).toBe('store-failed')
    state.fails = false
    clock.now += 1000
    expect(await readiness.whyNot()).toBe(null)
  })

  it('is gone for ten seconds after a failed commit, or until one succeeds', async () => {
    const { readiness, clock } = readinessWith()
    readiness.start()
    const group = { batches: 1, durationMs: 1 }
    readiness.group({ ...group, isStored: false })
    clock.now += 9999
    expect(await readiness.whyNot()).toBe('store-failed')
    clock.now++
    expect(await readiness.whyNot()).toBe(null)
    readiness.group({ ...group, isStored: false })
    readiness.group({ ...group, isStored: true })
    expect(await readiness.whyNot()).toBe(null)
  })

  it('does not last because the clock was set back', async () => {
    const { readiness, clock, state } = readinessWith()
    readiness.start()
    expect(await readiness.whyNot()).toBe(null)
    clock.now -= 1_000_000
    state.fails = true
    expect(await readiness.whyNot()).toBe('store-failed')
  })

  it('asks the store once a second at most', async () => {
    const { readiness, merges, clock } = readinessWith()
    readiness.start()
    await Promise.all([readiness.whyNot(), readiness.whyNot()])
    clock.now += 999
    await readiness.whyNot()
    expect(merges).toEqual([[]])
    clock.now++
    await readiness.whyNot()
    expect(merges).toEqual([[], []])
  })

  it('is 503 at /readyz with its reason, and 200 without one', async () => {
    let why: string | null = 'stopping'
    const { get } = collectorWith({ whyNotReady: async () => why })
    const not = await get('/readyz')
    expect([not.status, not.headers.get('Retry-After'), (await bodyOf(not)).error]).toEqual([503, '10', 'stopping'])
    why = null
    const ready = await get('/readyz')
    expect([ready.status, await bodyOf(ready)]).toEqual([200, { v: 1, status: 'ready' }])
  })

  it('is gone after a batch could not be stored', async () => {
    const { readiness, store, state } = readinessWith()
    readiness.start()
    const { send, get } = collectorWith({ store, measure: readiness, whyNotReady: readiness.whyNot })
    expect((await get('/readyz')).status).toBe(200)
    state.fails = true
    expect((await send(wireBatch([wireEvent('a')]))).status).toBe(503)
    expect((await get('/readyz')).status).toBe(503)
  })

  it.skipIf(!hasPostgres)('is there on SQLite and on PostgreSQL', async () => {
    for (const db of [databasePath(), await databaseUrl()]) {
      const { url } = await runWith(['--db', db, '--port=0'])
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    }
  })
})

// Windows has no signals: a process is ended at once.
describe.skipIf(process.platform === 'win32')('a stop', () => {
  it('makes /readyz 503 first, while requests are still taken, and a second signal ends it at once', async () => {
    const { child, listens, ended } = spawnWith(['--db', databasePath(), '--port=0', '--drain=3600'])
    const url = await listens
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503)
    const body = JSON.stringify(wireBatch([wireEvent('a')]))
    const response = await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
    expect(await response.json()).toMatchObject({ stored: ['a'] })
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' })
  })

  it('answers the requests in flight, closes the store and ends with 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const db = databasePath()
      const { child, listens, ended } = spawnWith(['--db', db, '--port=0'])
      const url = await listens
      const text = JSON.stringify(wireBatch([wireEvent('a')]))
      const sent = request(`${url}/v1/sessions?key=demo`, {
        method: 'POST',
        headers: { Expect: '100-continue', 'Content-Length': text.length },
      })
      sent.flushHeaders()
      const answered = once(sent, 'response') as Promise<[IncomingMessage]>
      // The collector says so when it has begun to handle the request.
      await once(sent, 'continue')
      sent.write(text.slice(0, 50))
      child.kill(signal)
      await expect
        .poll(() =>
          fetch(`${url}/healthz`).then(
            () => 'taken',
            () => 'refused',
          ),
        )
        .toBe('refused')
      sent.end(text.slice(50))
      const [response] = await answered
      expect(JSON.parse(Buffer.concat(await response.toArray()).toString())).toMatchObject({ stored: ['a'] })
      expect(await ended).toMatchObject({ code: 0, err: expect.stringMatching(/"msg":"stopped"\}\n$/) })
      expect((await runWith(['check', '--db', db])).printed).toContain('  events     1')
    }
  })
})
