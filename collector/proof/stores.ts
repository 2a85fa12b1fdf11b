import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { findPostgres, postgresHint } from '../test/helpers/binaries.js'
import { type Cluster, startCluster } from '../test/helpers/postgres.js'
import { makeFolder } from './process.js'
import { reportNotRun } from './report.js'

/** The stores to prove. `open` makes an empty database and resolves with the value of `--db`. */
export const stores = [
  { store: 'SQLite', open: async (_context: TestContext) => join(makeFolder(), 'proof.db') },
  {
    store: 'PostgreSQL',
    open: async (context: TestContext) => {
      const cluster = await clusterWith(context)
      return cluster.url(await cluster.createDatabase())
    },
  },
] as const

/** Starts a PostgreSQL server that ends with the test. Skips the test, with the reason, if PostgreSQL was not found. */
export async function clusterWith(context: TestContext, settings?: Record<string, string>): Promise<Cluster> {
  needs(context, findPostgres() !== null, `no PostgreSQL: ${postgresHint}`)
  const cluster = await startCluster(settings)
  onTestFinished(cluster.stop)
  return cluster
}

/** Skips a test that this machine cannot run. It is counted as not run, with the reason. */
export function needs(context: TestContext, isHere: boolean, why: string): void {
  if (isHere) return
  reportNotRun(context.task.name, why)
  context.skip(why)
}

/** Whether this is the long form: `npm run proof`. */
export const isLong = process.env.SOJOURN_PROOF === 'long'
/** Whether this is the form of `npm test`. */
export const isShort = process.env.SOJOURN_PROOF === 'short'
