import { describe, it, type TestContext } from 'vitest'
import type { Cluster } from '../test/helpers/postgres.js'
import { settle } from './ledger.js'
import { countOf, type Load, startLoad } from './load.js'
import { clusterWith, isLong } from './place.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { atRandom, expectHonest, untilRefused } from './trouble.js'
import { startWire, type Wire } from './wire.js'

/** A collector under load on PostgreSQL behind a wire; it suffers, nothing is done for it, and then it must go on. */
async function suffer(
  context: TestContext,
  trouble: string,
  once: (house: { readonly cluster: Cluster; readonly wire: Wire; readonly load: Load }) => Promise<void>,
): Promise<void> {
  const cluster = await clusterWith(context)
  const wire = await startWire(cluster.port)
  const collector = await startCollector(`postgres://postgres@127.0.0.1:${wire.port}/${await cluster.createDatabase()}`)
  const load = startLoad(collector)
  const times = isLong ? 10 : 1
  for (let n = 0; n < times; n++) {
    await load.untilMore(100)
    await atRandom(100)
    await once({ cluster, wire, load })
  }
  await load.untilMore(100)
  await load.drain()
  const balance = await settle(load.book, collector.url)
  expectHonest(load)
  const note = `${countOf(load, '503')} times 503`
  report({ proof: 'database gone', store: 'PostgreSQL', trouble: `${trouble}, ${times} times`, ...balance, note })
}

describe('a database that is gone is answered 503, and used again when it is back, on PostgreSQL', () => {
  it('the server stopped, and started', async context => {
    await suffer(context, 'server stopped', async ({ cluster, load }) => {
      await cluster.halt()
      await untilRefused(load)
      await cluster.start()
    })
  })

  it('its connections cut, again and again', async context => {
    await suffer(context, 'connections cut', async ({ cluster, load }) => {
      const others = "datname LIKE 'test_%' AND pid <> pg_backend_pid()"
      for (let n = 0; n < 10; n++) {
        await cluster.sql(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE ${others}`)
        await load.untilMore()
      }
    })
  })

  it('a wire that goes dead without a word', async context => {
    await suffer(context, 'wire dead', async ({ wire, load }) => {
      wire.hang()
      await untilRefused(load, 4)
      wire.mend()
    })
  })
})
