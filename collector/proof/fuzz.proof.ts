import { describe, expect, it } from 'vitest'
import { startInnocent } from './fuzz/innocent.js'
import { createKept } from './fuzz/kept.js'
import { makeRequest } from './fuzz/requests.js'
import { sendRaw } from './fuzz/send.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { isLong, stores } from './stores.js'

/** The memory that a collector may use, whatever is sent to it. */
const mostBytes = 512 * 1024 * 1024
const seed = Number(process.env.SOJOURN_FUZZ_SEED ?? 1)
const count = Number(process.env.SOJOURN_FUZZ_COUNT ?? (isLong ? 200_000 : 5000))
const senders = 8
/** The codes that a 503 may have. */
const named = ['busy', 'store-failed', 'disk-full']

describe('odd requests', () => {
  it.for(isLong ? stores : stores.slice(0, 1))(
    'do no harm: no crash, no 500, bounded memory, and all that was stored can be read, on $store',
    async ({ store, open }, context) => {
      const collector = await startCollector(await open(context), ['--key', 'demo'])
      const pid = collector.pid()
      const description = await (await fetch(`${collector.url}/openapi.json`)).json()
      const paths = Object.keys((description as { paths: object }).paths)
      const kept = createKept()
      const innocent = startInnocent(collector.url)
      const harm: string[] = []
      const statuses = new Map<number, number>()
      let [next, most] = [0, 0]

      async function sendNext(n: number): Promise<void> {
        const request = makeRequest(seed, n, paths)
        try {
          const { status, body } = await sendRaw(collector.port, request)
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          const isNamed = status === 503 && named.some(code => body.includes(`"error":"${code}"`))
          if (status >= 500 && !isNamed) harm.push(`request ${n}: ${status} ${body.slice(0, 200)}`)
          if (status === 200 && request.batch !== null && request.method === 'POST' && body.includes('"stored":'))
            kept.note(request.batch, body)
        } catch (error) {
          harm.push(`request ${n}: ${(error as Error).message}`)
        }
      }

      const sending = Array.from({ length: senders }, async () => {
        while (next < count && harm.length < 10) {
          const n = next++
          await sendNext(n)
          if (n % 50 === 0) most = Math.max(most, collector.residentBytes())
        }
      })
      await Promise.all(sending)
      const { writes, slowestMs, troubles } = await innocent.stop()
      const unreadable = await kept.findUnreadable(collector.url)
      const again = `repeat it with SOJOURN_FUZZ_SEED=${seed} SOJOURN_FUZZ_COUNT=${count} npm run proof -- fuzz; ${collector.log().slice(-2000)}`
      expect(harm, again).toEqual([])
      expect(troubles, again).toEqual([])
      expect(unreadable.slice(0, 20), again).toEqual([])
      expect(collector.pid(), again).toBe(pid)
      expect(most, 'resident bytes').toBeLessThan(mostBytes)
      // The requests must reach what they are made for.
      for (const status of [200, 204, 400, 404, 413])
        expect(statuses.get(status), `status ${status}`).toBeGreaterThan(0)
      expect(statuses.get(200), 'requests that were taken').toBeGreaterThan(count / 4)
      expect(writes).toBeGreaterThan(10)
      report({
        proof: 'odd requests',
        store,
        trouble: `${count} requests, seed ${seed}`,
        acknowledged: kept.records(),
        lost: [],
        doubled: [],
        note: `slowest write beside them ${Math.round(slowestMs)} ms, at most ${Math.ceil(most / 2 ** 20)} MiB resident`,
      })
    },
  )
})
