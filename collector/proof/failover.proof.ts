import { describe, it } from 'vitest'
import { checkBalance } from './balance.js'
import { startLoad, until } from './load.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { clusterWith, isLong, isShort } from './stores.js'
import { atRandom, expectKnownAnswers } from './trouble.js'

describe('a primary with a synchronous standby', () => {
  it.skipIf(isShort)(
    'loses no acknowledged record when the primary is killed and the standby promoted, on PostgreSQL',
    async context => {
      const rounds = isLong ? 10 : 1
      let acknowledged = 0
      for (let n = 0; n < rounds; n++) {
        const settings = { synchronous_standby_names: 'standby', synchronous_commit: 'on' }
        const primary = await clusterWith(context, settings)
        const standby = await primary.makeStandby('standby')
        context.onTestFinished(standby.stop)
        await standby.start()
        const sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"
        await until(
          async () => (await primary.sql(sync)) === '1',
          () => 'the standby does not replicate',
        )
        const database = await primary.createDatabase()
        const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${port}`).join()
        const collector = await startCollector(`postgres://postgres@${hosts}/${database}`)
        const load = startLoad(collector)
        await load.untilMore(200)
        await atRandom(500)
        await primary.crash()
        await standby.promote()
        await load.untilMore(200)
        await load.drain()
        acknowledged += (await checkBalance(load.journal, collector.url)).acknowledged
        expectKnownAnswers(load)
        await Promise.all([collector.kill(), standby.stop(), primary.stop()])
      }
      const trouble = `${rounds} times kill -9 of the primary, promotion of the standby`
      report({ proof: 'failover', store: 'PostgreSQL', trouble, acknowledged, lost: [], doubled: [] })
    },
  )
})
