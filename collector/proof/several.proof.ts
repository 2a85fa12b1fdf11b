import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { checkBalance } from './balance.js'
import { startLoad } from './load.js'
import { makeCollector, startCollector } from './process.js'
import { report } from './report.js'
import { startRoundRobin } from './round-robin.js'
import { isLong, isShort, stores } from './stores.js'
import { expectKnownAnswers } from './trouble.js'

describe('several collectors on one database', () => {
  it.for(isShort ? stores.slice(0, 1) : stores)(
    'lose and double no record while one is killed each second, on $store',
    async (place, context) => {
      const kills = isLong ? 60 : 2
      const db = await place.open(context)
      const collectors = await Promise.all([1, 2, 3].map(() => startCollector(db)))
      const balancer = await startRoundRobin(collectors)
      const load = startLoad(balancer)
      for (let n = 0; n < kills; n++) {
        await Promise.all([load.untilMore(), sleep(1000)])
        const one = collectors[n % 3]
        await one?.kill()
        await one?.start()
      }
      await load.untilMore()
      await load.drain()
      const balance = await checkBalance(load.journal, balancer.url)
      expectKnownAnswers(load, /^502 a collector broke off$/)
      const trouble = `one of 3 killed each second, ${kills} times`
      report({ proof: 'several collectors', store: place.store, trouble, ...balance })
    },
  )

  it.for(isShort ? stores.slice(1) : stores)(
    'all start when they start at the same time on an empty database, on $store',
    async (place, context) => {
      const rounds = isLong ? 20 : 1
      for (let n = 0; n < rounds; n++) {
        const db = await place.open(context)
        const collectors = await Promise.all([1, 2, 3, 4].map(() => makeCollector(db)))
        await Promise.all(collectors.map(({ start }) => start()))
        for (const { url } of collectors) expect((await fetch(`${url}/healthz`)).status).toBe(200)
        await Promise.all(collectors.map(({ kill }) => kill()))
      }
      const nothing = { acknowledged: 0, lost: [], doubled: [] }
      report({
        proof: 'several started at once',
        store: place.store,
        trouble: `${rounds} times 4 collectors`,
        ...nothing,
      })
    },
  )
})
