import { describe, it, type TestContext } from 'vitest'
import type { Cluster } from '../test/helpers/postgres.js'
import { checkBalance } from './balance.js'
import { type Link, startLink } from './link.js'
import { countOf, type Load, startLoad } from './load.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { clusterWith, isLong, isShort } from './stores.js'
import { atRandom, expectKnownAnswers, untilUnavailable } from './trouble.js'

/**
 * Runs a collector under load on PostgreSQL behind a link. The trouble begins and ends several times. The collector
 * must then go on by itself.
 */
async function runTrouble(
  context: TestContext,
  trouble: string,
  once: (scene: { readonly cluster: Cluster; readonly link: Link; readonly load: Load }) => Promise<void>,
): Promise<void> {
  const cluster = await clusterWith(context)
  const link = await startLink(cluster.port)
  const collector = await startCollector(`postgres://postgres@127.0.0.1:${link.port}/${await cluster.createDatabase()}`)
  const load = startLoad(collector)
  const times = isLong ? 10 : 1
  for (let n = 0; n < times; n++) {
    await load.untilMore(100)
    await atRandom(100)
    await once({ cluster, link, load })
  }
  await load.untilMore(100)
  await load.drain()
  const balance = await checkBalance(load.journal, collector.url)
  expectKnownAnswers(load)
  const note = `${countOf(load, '503')} times 503`
  report({ proof: 'database gone', store: 'PostgreSQL', trouble: `${trouble}, ${times} times`, ...balance, note })
}

describe('while its database is gone, the collector answers 503; it goes on when the database is back, on PostgreSQL', () => {
  it('the server is stopped and started', async context => {
    await runTrouble(context, 'server stopped', async ({ cluster, load }) => {
      await cluster.halt()
      await untilUnavailable(load)
      await cluster.start()
    })
  })

  it.skipIf(isShort)('the connections are cut repeatedly', async context => {
    await runTrouble(context, 'connections cut', async ({ cluster, load }) => {
      const others = "datname LIKE 'test_%' AND pid <> pg_backend_pid()"
      for (let n = 0; n < 10; n++) {
        await cluster.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE ${others}`)
        await load.untilMore()
      }
    })
  })

  it.skipIf(isShort)('the network hangs without an error', async context => {
    await runTrouble(context, 'wire dead', async ({ link, load }) => {
      link.hang()
      await untilUnavailable(load, 4)
      link.restore()
    })
  })
})
