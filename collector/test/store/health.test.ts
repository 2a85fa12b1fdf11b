import { describe, expect, it } from 'vitest'
import type { HealthRow } from '../../src/store/health.js'
import type { Added } from '../../src/store/store.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { stores } from '../helpers/stores.js'

const row = (site: string, minute: number, collector = 'one', more: Partial<HealthRow> = {}): HealthRow => ({
  site,
  minute,
  collector,
  refusedAt: 0,
  counts: '{}',
  ...more,
})

describe.each(stores)('what collectors count, on %s', (name, open) => {
  it('is read by site from a minute on, the oldest first, and no site sees that of another', async () => {
    const { health } = await open()
    await health.write([row('b', 2), row('a', 3), row('a', 1), row('a', 2, 'two'), row('a', 2)])
    const read = async (site: string, since: number) =>
      (await health.since(site, since)).map(({ minute, collector }) => `${minute} ${collector}`)
    expect((await read('a', 2)).toSorted()).toEqual(['2 one', '2 two', '3 one'])
    expect((await health.since('a', 0)).map(({ minute }) => minute)).toEqual([1, 2, 2, 3])
    expect(await read('b', 0)).toEqual(['2 one'])
    expect([await read('c', 0), await health.since('', 0)]).toEqual([[], []])
  })

  it('takes the place of what the same collector has written of the minute', async () => {
    const { health } = await open()
    await health.write([row('a', 1, 'one', { counts: '{"stored":1}' }), row('a', 1, 'two')])
    await health.write([row('a', 1, 'one', { counts: '{"stored":5}', refusedAt: 7 })])
    const found = (await health.since('a', 0)).toSorted((a, b) => (a.collector < b.collector ? -1 : 1))
    expect(found).toEqual([row('a', 1, 'one', { counts: '{"stored":5}', refusedAt: 7 }), row('a', 1, 'two')])
  })

  it('tells the newest minutes in which something was refused', async () => {
    const { health } = await open()
    await health.write([1, 2, 3, 4, 5].map(n => row('a', n, 'one', { refusedAt: n % 2 })))
    expect((await health.refused('a', 2)).map(({ minute }) => minute)).toEqual([5, 3])
    expect(await health.refused('b', 2)).toEqual([])
  })

  it('takes any number of rows, and removes old ones of all sites', async () => {
    const { health } = await open()
    await health.write([])
    const many = Array.from({ length: 450 }, (_, n) => row(`site-${n % 3}`, n))
    await health.write(many)
    await health.removeBefore(400)
    for (const site of ['site-0', 'site-1', 'site-2'])
      expect((await health.since(site, 0)).every(({ minute }) => minute >= 400)).toBe(true)
    expect((await health.since('site-0', 0)).length).toBe(16)
  })

  // Citus does not tell what was new.
  it.skipIf(name === 'PostgreSQL, distributed')('knows what of a merge was new, by site', async () => {
    const store = await open()
    const told: [string, Added][][] = []
    const merge = async (...arrivals: Parameters<typeof store.merge>[0][number][]) => {
      await store.merge(arrivals, added => told.push([...added].toSorted(([a], [b]) => (a < b ? -1 : 1))))
      return told.at(-1)
    }
    const both = wireBatch([wireEvent('in', { eventName: 'SignIn' }), wireEvent('a', { seq: 2 })])
    const more = wireBatch([wireEvent('a', { seq: 2 }), wireEvent('b', { seq: 3 })])
    expect(await merge(arrive(both), arrive(both, noon, 'other'))).toEqual([
      ['default', { records: 2, events: 1 }],
      ['other', { records: 2, events: 1 }],
    ])
    expect(await merge(arrive(more, noon + 1), arrive(both, noon + 1, 'other'))).toEqual([
      ['default', { records: 1, events: 1 }],
    ])
    // An earlier version takes the place of what is stored. It is not new.
    const earlier = wireBatch([wireEvent('b', { seq: 3, data: { a: 1 } })])
    expect(await merge(arrive(earlier, noon - 1))).toEqual([])
    expect(await merge()).toEqual([])
    expect(told.length).toBe(4)
  })
})
