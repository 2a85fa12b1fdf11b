import { describe, expect, it } from 'vitest'
import { readEvents } from '../../src/export/events.js'
import { chunkBytes, exportPageSize, firstChunk } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore, Range } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

/** A collector with events of 30 KB, whose store notes how much each read of events has given. */
async function notedWith(count: number) {
  const store = createMemoryStore()
  const reads: { items: number; bytes: number }[] = []
  function note<T extends object>(found: readonly T[]): readonly T[] {
    reads.push({ items: found.length, bytes: JSON.stringify(found).length })
    return found
  }
  const noted: CollectorStore = {
    ...store,
    of(site) {
      const own = store.of(site)
      return {
        ...own,
        async events(filter, range?: Range) {
          return note(await own.events(filter, range))
        },
        exported: async range => note(await own.exported(range)),
      }
    },
  }
  const { send, get } = collectorWith({ store: noted })
  for (let n = 0; n < count; n += 10) {
    const events = Array.from({ length: 10 }, (_, at) =>
      wireEvent(`e${n + at}`, { seq: n + at + 1, data: { text: 'x'.repeat(30_000) } }),
    )
    await send(wireBatch(events))
  }
  return { reads, get, store: noted }
}

describe('a reply is read from the store in chunks', () => {
  it.each(['/v1/sessions/session-1/events', '/v1/sessions/session-1?include_events=true&include_events_detail=true'])(
    'of a megabyte, however much it gives: %s',
    async path => {
      const { reads, get } = await notedWith(200)
      const { status, body } = await get(path)
      expect([status, (await new Response(body).text()).length > 4 * chunkBytes]).toEqual([200, true])
      expect(reads.length).toBeGreaterThan(4)
      for (const { items, bytes } of reads) expect(items <= firstChunk || bytes < chunkBytes + 40_000).toBe(true)
    },
  )

  it('of a hundred rows, if it is an export', async () => {
    const { reads, get } = await notedWith(250)
    expect((await (await get('/v1/identities/user-42/export')).text()).length).toBeGreaterThan(7_000_000)
    expect(reads.map(({ items }) => items)).toEqual([exportPageSize, exportPageSize, 50])
    expect(exportPageSize).toBe(100)
  })

  it('of a hundred events, if it is an export of sites', async () => {
    const { reads, store } = await notedWith(250)
    const { parts } = readEvents(store, { sites: ['default'], since: 0, until: noon + 1, positions: {} })
    const given: number[] = []
    for await (const part of parts) given.push(part.length)
    expect(given).toEqual([100, 100, 50])
    expect(reads.map(({ items }) => items)).toEqual(given)
  })
})
