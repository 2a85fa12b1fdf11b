import { describe, expect, it } from 'vitest'
import { settle } from './ledger.js'
import { startLoad } from './load.js'
import { clusterWith, isLong, stores } from './place.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { atRandom, expectHonest, untilRefused } from './trouble.js'

describe('acknowledged means stored', () => {
  it.for(stores)('though the collector is killed at random moments, on $store', async ({ store, open }, context) => {
    const kills = isLong ? 200 : 5
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
    const balance = await settle(load.book, collector.url)
    expectHonest(load)
    expect(cut, 'requests that a kill has cut').toBeGreaterThan(kills)
    report({
      proof: 'collector killed',
      store,
      trouble: `${kills} times kill -9`,
      ...balance,
      note: `${cut} requests cut`,
    })
  })

  it('though the database server is killed: 503 meanwhile, and recovery by itself, on PostgreSQL', async context => {
    const crashes = isLong ? 50 : 2
    const cluster = await clusterWith(context)
    const collector = await startCollector(cluster.url(await cluster.createDatabase()))
    const load = startLoad(collector)
    for (let n = 0; n < crashes; n++) {
      await load.untilMore()
      await atRandom(150)
      await cluster.crash()
      await untilRefused(load)
      await cluster.start()
    }
    await load.untilMore()
    await load.drain()
    const balance = await settle(load.book, collector.url)
    expectHonest(load)
    report({ proof: 'database killed', store: 'PostgreSQL', trouble: `${crashes} times kill -9`, ...balance })
  })
})
