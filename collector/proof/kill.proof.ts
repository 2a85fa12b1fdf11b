import { describe, expect, it } from 'vitest'
import { checkBalance } from './balance.js'
import { startLoad } from './load.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { clusterWith, isLong, isShort, stores } from './stores.js'
import { atRandom, expectKnownAnswers, untilUnavailable } from './trouble.js'

describe('every acknowledged record is stored', () => {
  it.for(stores)('although the collector is killed at random moments, on $store', async ({ store, open }, context) => {
    const kills = isLong ? 200 : 3
    const collector = await startCollector(await open(context))
    const load = startLoad(collector)
    let cut = 0
    for (let n = 0; n < kills; n++) {
      await load.untilMore()
      await atRandom(150)
      cut += load.inFlight()
      await collector.kill()
      await collector.start()
    }
    await load.drain()
    const balance = await checkBalance(load.journal, collector.url)
    expectKnownAnswers(load)
    expect(cut, 'requests that a kill interrupted').toBeGreaterThan(kills)
    report({
      proof: 'collector killed',
      store,
      trouble: `${kills} times kill -9`,
      ...balance,
      note: `${cut} requests cut`,
    })
  })

  it.skipIf(isShort)(
    'although the database server is killed; the collector answers 503 until it is back, on PostgreSQL',
    async context => {
      const crashes = isLong ? 50 : 1
      const cluster = await clusterWith(context)
      const collector = await startCollector(cluster.url(await cluster.createDatabase()))
      const load = startLoad(collector)
      for (let n = 0; n < crashes; n++) {
        await load.untilMore()
        await atRandom(150)
        await cluster.crash()
        await untilUnavailable(load)
        await cluster.start()
      }
      await load.untilMore()
      await load.drain()
      const balance = await checkBalance(load.journal, collector.url)
      expectKnownAnswers(load)
      report({ proof: 'database killed', store: 'PostgreSQL', trouble: `${crashes} times kill -9`, ...balance })
    },
  )
})
