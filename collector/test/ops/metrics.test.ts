import { describe, expect, it } from 'vitest'
import { joinMeasures, type Measure, noMeasure, toDelaySeconds } from '../../src/ops/measure.js'
import { createMetrics } from '../../src/ops/metrics.js'
import { createTally } from '../../src/ops/tally.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { DataError } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, failingStore, noon } from '../helpers/collector.js'

/** Reads the figures as Prometheus does: one value for each name with its labels. */
async function figuresOf(metrics: { text(): Promise<string> }): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter(line => line && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

describe('metrics', () => {
  it('are given without what the database does not tell in time', async () => {
    const never = new Promise<never>(() => undefined)
    let asked = 0
    const metrics = createMetrics({
      version: '1.2.3',
      diskBytes: async () => 4096,
      changedVisits: () => (asked++, never),
      rest: async () => undefined,
    })
    for (let n = 0; n < 3; n++) {
      const figures = await figuresOf(metrics)
      expect(figures).toHaveProperty('sojourn_waiting_batches', 0)
      expect(figures).not.toHaveProperty('sojourn_numbers_behind_visits')
    }
    expect(asked).toBe(1)
  })

  it('count what a collector does', async () => {
    const metrics = createMetrics({ version: '1.2.3', diskBytes: async () => 4096, changedVisits: async () => 7 })
    let now = noon
    const { send, get } = collectorWith({ measure: metrics, metrics, now: () => now++ })
    const body = JSON.stringify(wireBatch([wireEvent('a'), wireEvent('b'), wireEvent('c', { seq: -1 })]))
    await send(body)
    await send('{')
    await send('{}', { key: 'other' })
    await get('/v1/sessions/a?include_events=maybe')
    const response = await get('/metrics')
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const figures = await figuresOf({ text: async () => response.text() })
    expect(figures).toMatchObject({
      'sojourn_build_info{version="1.2.3"}': 1,
      sojourn_stored_batches_total: 1,
      sojourn_stored_body_bytes_total: body.length,
      // Two events, one visit, one session, one refused record.
      sojourn_stored_rows_total: 5,
      sojourn_failed_commits_total: 0,
      sojourn_waiting_batches: 0,
      sojourn_disk_bytes: 4096,
      sojourn_numbers_behind_visits: 7,
      sojourn_replayed_records_total: 0,
      'sojourn_error_replies_total{code="malformed"}': 1,
      'sojourn_error_replies_total{code="wrong-key"}': 1,
      'sojourn_refused_records_total{code="writer-invalid"}': 1,
      sojourn_group_batches_count: 1,
      sojourn_group_batches_sum: 1,
      sojourn_commit_seconds_count: 1,
      sojourn_event_to_stored_seconds_count: 1,
    })
    expect(figures.process_cpu_seconds_total).toBeGreaterThan(0)
    metrics.records({ site: 'default', stored: 0, events: 0, repeated: 3 })
    metrics.records({ site: 'default', stored: 5, events: 5, repeated: 1 })
    expect(await figuresOf(metrics)).toMatchObject({ sojourn_replayed_records_total: 4 })
  })

  it('need the read token, as other reads do', async () => {
    const metrics = createMetrics({ version: '1' })
    const { get } = collectorWith({ metrics, readToken: 'secret' })
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', { Authorization: 'Bearer secret' })).status).toBe(200)
    const open = collectorWith({ metrics })
    const foreign = await open.app.fetch(new Request('http://stats.example/metrics'))
    expect([(await open.get('/metrics')).status, foreign.status]).toEqual([200, 403])
    expect((await collectorWith().get('/metrics')).status).toBe(404)
  })

  it('count a failed commit, but not data that the store cannot keep', async () => {
    const metrics = createMetrics({ version: '1' })
    for (const [cause, failed] of [
      [new DataError('too long'), 0],
      [new Error('disk full'), 1],
    ] as const) {
      const { store } = failingStore(createMemoryStore(), () => cause)
      const { send } = collectorWith({ store, measure: metrics })
      expect((await send(wireBatch([wireEvent('a')]))).status).toBe(503)
      expect(await figuresOf(metrics)).toMatchObject({ sojourn_failed_commits_total: failed })
    }
  })

  it('give no size of a database that does not answer, and all other figures', async () => {
    let fails = true
    const diskBytes = async () => {
      if (fails) throw new Error('no answer')
      return 7
    }
    const metrics = createMetrics({ version: '1', diskBytes })
    const found = await figuresOf(metrics)
    expect(found).not.toHaveProperty('sojourn_disk_bytes')
    expect(found).toHaveProperty('sojourn_stored_rows_total')
    fails = false
    expect(await figuresOf(metrics)).toMatchObject({ sojourn_disk_bytes: 7 })
  })

  it('have few labels, whatever codes they are told', async () => {
    const metrics = createMetrics({ version: '1' })
    for (let n = 0; n < 1000; n++) metrics.errorReply(`code-${n}`)
    const found = Object.keys(await figuresOf(metrics)).filter(name => name.startsWith('sojourn_error_replies_total'))
    expect(found).toHaveLength(101)
  })
})

describe('the time from an event to its storage', () => {
  const batch = { bytes: 1, rows: 1, receivedAt: 100_000, storedAt: 100_500 }

  it('is without the clock error of the browser, if the batch says when it was sent', () => {
    expect(toDelaySeconds({ ...batch, sentAt: 3_600_000, earliest: 3_598_000 })).toBe(2.5)
    expect(toDelaySeconds({ ...batch, sentAt: null, earliest: 98_000 })).toBe(2.5)
  })

  it('is never negative, and unknown without an event', () => {
    expect(toDelaySeconds({ ...batch, sentAt: null, earliest: 200_000 })).toBe(0)
    expect(toDelaySeconds({ ...batch, sentAt: 5, earliest: null })).toBe(null)
  })

  it('is that of the earliest event', async () => {
    const delays: (number | null)[] = []
    const measure = { ...noMeasure, batch: (one: Parameters<Measure['batch']>[0]) => delays.push(toDelaySeconds(one)) }
    const { send } = collectorWith({ measure })
    await send(
      wireBatch([
        wireEvent('a', { timestamp: noon - 1000 }),
        wireEvent('b', { timestamp: noon - 9000 }),
        wireEvent('c'),
      ]),
    )
    expect(delays).toEqual([9])
  })
})

describe('measures that are joined', () => {
  it('are all told everything', () => {
    const told: unknown[][] = []
    const makeOne = (name: string): Measure =>
      Object.fromEntries(
        Object.keys(noMeasure).map(key => [key, (value: unknown) => void told.push([name, key, value])]),
      ) as unknown as Measure
    const joined = joinMeasures(makeOne('a'), makeOne('b'))
    for (const key of Object.keys(noMeasure) as (keyof Measure)[]) (joined[key] as (value: unknown) => void)(key)
    expect(told).toEqual(
      Object.keys(noMeasure).flatMap(key => [
        ['a', key, key],
        ['b', key, key],
      ]),
    )
  })
})

describe('the tally', () => {
  function tallyWith() {
    const lines: object[] = []
    let tick = (): void => undefined
    let isOn = true
    const tally = createTally({ warn: (line: object) => lines.push(line) } as never, (run, ms) => {
      expect(ms).toBe(60_000)
      tick = run
      return () => (isOn = false)
    })
    return { tally, lines, tick: () => tick(), isOn: () => isOn }
  }

  it('says once a minute what was refused meanwhile, and nothing if nothing was', () => {
    const { tally, lines, tick } = tallyWith()
    tick()
    tally.errorReply('busy')
    tally.errorReply('busy')
    tally.refused('too-large', 'default')
    expect(lines).toEqual([])
    tick()
    tick()
    tally.errorReply('busy')
    tick()
    expect(lines).toEqual([
      { requests: { busy: 2 }, records: { 'too-large': 1 } },
      { requests: { busy: 1 }, records: {} },
    ])
  })

  it('says what is left when it stops', () => {
    const { tally, lines, isOn } = tallyWith()
    tally.refused('too-large', 'default')
    tally.stop()
    expect([lines, isOn()]).toEqual([[{ requests: {}, records: { 'too-large': 1 } }], false])
  })
})
