import { test as base } from '@playwright/test'
import { findPostgres } from '../../collector/test/helpers/binaries.js'
import { type Cluster, startCluster } from '../../collector/test/helpers/postgres.js'
import { type RunningCollector, startCollector } from './collector.js'

export interface DatabaseOption {
  /** Which database the collectors of the explorer have. Each has a new one. */
  readonly database: 'SQLite' | 'PostgreSQL'
}

export interface WorkerFixtures extends DatabaseOption {
  /** A collector that the tests before it and after it use too. */
  readonly shared: RunningCollector
  /** The server of the databases; `null` for SQLite. */
  readonly cluster: Cluster | null
}

/**
 * A test that may use a collector of all tests of its worker. To start one takes longer than most tests. A test that ends
 * the collector, or reads an identity of which other tests know, starts one of its own.
 *
 * Every test is made of this one, and all that a worker keeps for its tests is here. Playwright ends a worker and its
 * browser before a test that wants other things to be kept, which takes as long as ten tests.
 */
export const test = base.extend<object, WorkerFixtures>({
  shared: [
    // Playwright reads from this pattern that no other fixture is needed.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const collector = await startCollector()
      await use(collector)
      await collector.stop()
    },
    { scope: 'worker' },
  ],
  database: ['SQLite', { option: true, scope: 'worker' }],
  cluster: [
    async ({ database }, use) => {
      const cluster = database === 'PostgreSQL' && findPostgres() ? await startCluster() : null
      await use(cluster)
      await cluster?.stop()
    },
    { scope: 'worker' },
  ],
})
