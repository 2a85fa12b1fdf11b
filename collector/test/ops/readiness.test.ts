import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createReadiness, type NotReady } from '../../src/ops/readiness.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, databasePath, failingStore } from '../helpers/collector.js'
import { runWith, spawnWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

/** Makes the readiness of a store that can fail, with a clock that the test moves. */
function readinessWith() {
  const clock = { now: 1_000_000 }
  const state = { fails: false, isFrozen: false, thaw: (_cause: Error): void => undefined }
  const { store, merges } = failingStore(createMemoryStore(), () => state.fails && new Error('disk full'))
  const rests: (() => void)[] = []
  const readiness = createReadiness(
    { merge: arrivals => (state.isFrozen ? new Promise((_, reject) => (state.thaw = reject)) : store.merge(arrivals)) },
    () => clock.now,
    (_, signal) => new Promise<void>(resolve => (signal.onabort = rests[rests.push(resolve) - 1] as () => void)),
  )
  /** Lets those who wait for the store wait no longer. */
  const passTime = (): void => rests.splice(0).forEach(end => end())
  return { readiness, store, merges, clock, state, passTime }
}

/** Locks what every commit reads. @returns the undo. */
async function holdTables(db: string): Promise<() => Promise<void>> {
  const client = new Client(db)
  await client.connect()
  onTestFinished(() => client.end())
  await client.query('BEGIN; LOCK TABLE sojourn.erasures IN ACCESS EXCLUSIVE MODE')
  return async () => void (await client.query('ROLLBACK'))
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

  it('is gone within a moment while the store does not answer, which is asked no second time, and back when it does', async () => {
    const { readiness, merges, state, clock, passTime } = readinessWith()
    readiness.start()
    state.isFrozen = true
    const all = [readiness.whyNot(), readiness.whyNot()]
    passTime()
    expect(await Promise.all(all)).toEqual(['store-failed', 'store-failed'])
    // Nobody waits for the question that is still under way.
    clock.now += 5000
    state.isFrozen = false
    expect([await readiness.whyNot(), merges]).toEqual(['store-failed', []])
    state.thaw(new Error('timeout'))
    await new Promise(resolve => setImmediate(resolve))
    clock.now += 5000
    expect([await readiness.whyNot(), merges]).toEqual([null, [[]]])
  })

  it('stays while batches are stored, which says more than a question', async () => {
    const { readiness, merges, state, clock } = readinessWith()
    readiness.start()
    state.isFrozen = true
    for (let n = 0; n < 5; n++) {
      readiness.group({ batches: 1, durationMs: 1, isStored: true })
      clock.now += 999
      expect(await readiness.whyNot()).toBe(null)
    }
    expect(merges).toEqual([])
  })

  it('is 503 at /readyz with its reason, and 200 without one', async () => {
    let why: NotReady | null = 'stopping'
    const { get } = collectorWith({ readiness: { ...readinessWith().readiness, whyNot: async () => why } })
    const not = await get('/readyz')
    expect([not.status, not.headers.get('Retry-After'), (await bodyOf(not)).error]).toEqual([503, '10', 'stopping'])
    why = null
    const ready = await get('/readyz')
    expect([ready.status, await bodyOf(ready)]).toEqual([200, { v: 1, status: 'ready' }])
  })

  it('is gone after a batch could not be stored', async () => {
    const { readiness, store, state } = readinessWith()
    readiness.start()
    const { send, get } = collectorWith({ store, readiness })
    expect((await get('/readyz')).status).toBe(200)
    state.fails = true
    expect((await send(wireBatch([wireEvent('a')]))).status).toBe(503)
    expect((await get('/readyz')).status).toBe(503)
  })

  // What is frozen is a transaction that holds a lock, so that no commit ends.
  it.skipIf(!hasPostgres)(
    'is told while PostgreSQL holds up every commit, with the figures and the life of the process',
    async () => {
      const db = await databaseUrl()
      const { url } = await runWith(['--db', db, '--port=0'])
      const release = await holdTables(db)
      const body = JSON.stringify(wireBatch([wireEvent('a')]))
      const batch = fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body })
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503)
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
      expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/sojourn_waiting_batches/)
      await release()
      expect((await batch).status).toBe(200)
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200)
    },
  )

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
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
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
