import { describe, expect, it } from 'vitest'
import { createRetention } from '../../src/ops/retention.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { OldCursor } from '../../src/store/rights.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'

const day = 86_400_000
const site = (name: string, keepMs: number | null) => ({ name, keepMs })

/** Makes a retention of three sites over a store whose bites are noted. */
function retentionWith(
  fails: (name: string) => boolean = () => false,
  uptime = 3_600_000,
  now = noon + 10 * day,
  keepMs = day,
) {
  const store = createMemoryStore()
  const bites: string[] = []
  const removed: [string, number][] = []
  const errors: unknown[] = []
  const doubts: string[] = []
  const jumps: number[] = []
  const time = {
    now,
    uptime,
    pass(ms: number) {
      time.now += ms
      time.uptime += ms
    },
  }
  let task = (): void => undefined
  const rights: typeof store.rights = {
    ...store.rights,
    async removeOld(name, before, after) {
      bites.push(`${name} ${after?.visitID ?? ''}`.trim())
      if (fails(name)) throw new Error('the disk is gone')
      const bite = await store.rights.removeOld(name, before, after)
      const next: OldCursor | null = after ? null : { receivedAt: 0, visitID: 'more' }
      return { ...bite, next }
    },
  }
  const retention = createRetention({
    store: { rights, of: store.of },
    sites: () => [site('short', keepMs), site('long', 400 * day), site('ever', null)],
    now: () => time.now,
    uptime: () => time.uptime,
    onDoubt: name => doubts.push(name),
    onSet: ms => jumps.push(ms),
    every: given => {
      task = given
      return () => (task = () => bites.push('stopped'))
    },
    onRemoved: (name, visits) => removed.push([name, visits]),
    onError: cause => errors.push(cause),
    rest: async () => undefined,
  })
  return { store, retention, bites, removed, errors, doubts, jumps, time, tick: () => task() }
}

describe('the retention of a collector', () => {
  it('removes what is older than each site keeps, in bites, and leaves the other sites alone', async () => {
    const { store, retention, bites, removed } = retentionWith()
    for (const name of ['short', 'long', 'ever']) await store.merge([arrive(wireBatch([]), noon, name)])
    await Promise.all([retention.round(), retention.round()])
    expect(removed).toEqual([['short', 1]])
    expect(bites).toEqual(['short', 'short more', 'long', 'long more'])
    expect(store.state().visits.map(row => row.site)).toEqual(['long', 'ever'])
  })

  it('goes on with the next site, and in the next round, if the store fails', async () => {
    let isBroken = true
    const { store, retention, removed, errors, tick } = retentionWith(name => isBroken && name === 'short')
    await store.merge([arrive(wireBatch([]), noon, 'short')])
    await retention.round()
    expect([errors.length, removed]).toEqual([1, []])
    isBroken = false
    tick()
    await retention.round()
    expect(removed).toEqual([['short', 1]])
  })

  it('waits for an hour if all of a site is too old, because the clock of a machine that has just started may be ahead', async () => {
    const { store, retention, removed, doubts, time } = retentionWith(undefined, 0, noon + 73 * 365 * day)
    const batch = (id: string) => wireBatch([wireEvent(id)], { visitID: id, sessionID: id }, { visitID: id })
    await store.merge([arrive(batch('a'), noon, 'short'), arrive(batch('a'), noon, 'long')])
    // What arrives meanwhile has the time of the same clock.
    await store.merge([arrive(batch('b'), time.now, 'short'), arrive(batch('b'), time.now - 3_000_000, 'long')])
    await retention.round()
    expect([removed, doubts]).toEqual([[], ['short', 'long']])
    expect(store.state().visits).toHaveLength(4)
    time.pass(3_600_000)
    await retention.round()
    expect(store.state().visits.map(row => row.visitID)).toEqual(['b', 'b'])
  })

  it('does not wait after a start if something of the site is not too old', async () => {
    const { store, retention, removed, doubts } = retentionWith(undefined, 0)
    const batch = (id: string) => wireBatch([wireEvent(id)], { visitID: id, sessionID: id }, { visitID: id })
    await store.merge([arrive(batch('a'), noon, 'short'), arrive(batch('b'), noon + 10 * day - 7_200_000, 'short')])
    await retention.round()
    expect([removed, doubts]).toEqual([[['short', 1]], []])
  })

  it('removes nothing for an hour after the clock was set, in which it may be set back', async () => {
    const { store, retention, removed, jumps, time } = retentionWith()
    await store.merge([arrive(wireBatch([]), noon + 10 * day, 'short'), arrive(wireBatch([]), noon + 10 * day, 'long')])
    time.now += 730 * day
    // The clock of another collector has the same time.
    const late = wireBatch([], { visitID: 'late', sessionID: 'late' }, { visitID: 'late' })
    await store.merge([arrive(late, time.now, 'short'), arrive(late, time.now, 'long')])
    await retention.round()
    time.pass(1_800_000)
    await retention.round()
    expect([removed, jumps]).toEqual([[], [730 * day]])
    time.now -= 730 * day
    await retention.round()
    expect([removed, jumps]).toEqual([[], [730 * day, -730 * day]])
    time.pass(3_599_999)
    await retention.round()
    time.pass(day)
    await retention.round()
    expect(removed).toEqual([['short', 1]])
    expect(jumps).toHaveLength(2)
  })

  it('removes what is kept for minutes in time, also after a start, and after the clock was set', async () => {
    const minute = 60_000
    const { store, retention, removed, doubts, time } = retentionWith(undefined, 0, noon, 20 * minute)
    const add = (id: string, at = time.now): Promise<unknown> =>
      store.merge([arrive(wireBatch([wireEvent(id)], { visitID: id, sessionID: id }, { visitID: id }), at, 'short')])
    // The clock may be ahead since. Every two minutes, a tenth of the time, it is looked whether that is over.
    await add('before the start', time.now - 2 * day)
    for (let n = 0; n <= 20; n++) {
      await retention.round()
      time.pass(minute)
    }
    expect([removed, doubts.length]).toEqual([[['short', 1]], 10])
    await add('then')
    time.pass(19 * minute)
    await retention.round()
    expect(removed).toHaveLength(1)
    time.pass(2 * minute)
    await retention.round()
    expect(removed).toHaveLength(2)
    await add('before it was set')
    time.now += day
    for (let n = 0; n < 20; n++) {
      await retention.round()
      time.pass(minute)
    }
    expect(removed).toHaveLength(2)
    await retention.round()
    expect(removed).toHaveLength(3)
  })

  it('ends after the bite under way when it is stopped', async () => {
    const { retention, bites, tick } = retentionWith()
    const round = retention.round()
    await Promise.all([retention.stop(), round])
    expect(bites).toEqual(['short'])
    tick()
    expect(bites).toEqual(['short', 'stopped'])
  })
})
