import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { checkBalance } from './balance.js'
import { holdableStores } from './held-stores.js'
import { createClient } from './http.js'
import { kindOf, startLoad, toText, until } from './load.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { isLong, isShort } from './stores.js'
import { expectKnownAnswers } from './trouble.js'

/** The memory that a collector may use, whatever is sent to it. */
const mostBytes = 600 * 1024 * 1024

describe('overload', () => {
  it.for(isShort ? holdableStores.slice(0, 1) : holdableStores)(
    'is answered 503 busy at once, in bounded memory, while the store is held up, on $store',
    async (place, context) => {
      const count = isLong ? 4000 : 600
      const { db, hold } = await place.open(context)
      const collector = await startCollector(db)
      const load = startLoad(collector, 4)
      await load.untilMore(100)
      const release = await hold()
      let [busy, sent, most] = [0, 0, 0]
      const kinds = new Map<string, number>()
      // Every second body is zipped. It has a few hundred bytes on the network, and as many as the others when
      // unzipped.
      const bodies = [heavyBatch(), gzipSync(heavyBatch())]
      // The long timeout lets requests wait as long as the store is held up.
      const senders = Array.from({ length: 1200 }, async () => {
        const client = createClient(600_000)
        while (sent < count * 4 && busy < count) {
          sent++
          const kind = kindOf(await client.send('POST', `${collector.url}/v1/sessions?key=demo`, bodies[sent % 2]))
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
          if (kind === '503 busy') busy++
          most = Math.max(most, collector.residentBytes())
        }
        client.close()
      })
      await until(
        () => busy >= count,
        () => `of ${sent} requests: ${toText(kinds)}`,
      )
      expect(kinds.get('200') ?? 0, 'acknowledged while nothing could be kept').toBe(0)
      await release()
      await Promise.all(senders)
      await load.untilMore()
      await load.drain()
      const balance = await checkBalance(load.journal, collector.url)
      expectKnownAnswers(load)
      expect(most, 'resident bytes').toBeLessThan(mostBytes)
      const note = `${busy} answered busy, at most ${Math.ceil(most / 2 ** 20)} MiB resident`
      report({
        proof: 'overload',
        store: place.store,
        trouble: 'the store held up, 1200 connections',
        ...balance,
        note,
      })
    },
  )
})

/**
 * Makes a batch of almost the greatest size. A limit on the number of batches alone would allow 600 MB. Always the
 * same.
 */
function heavyBatch(): string {
  const data = { text: 'x'.repeat(120_000) }
  const events = [1, 2, 3, 4].map(seq => ({
    eventID: `heavy-${seq}`,
    eventName: 'Heavy',
    timestamp: 1,
    writer: 'w',
    seq,
    data,
  }))
  const session = { sessionID: 'heavy', identityId: 'heavy', visitID: 'heavy', startDate: 1, events, pages: [] }
  return JSON.stringify({ v: 1, sentAt: 1, visits: [], sessions: [session] })
}
