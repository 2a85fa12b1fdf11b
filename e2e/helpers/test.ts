import { test as base } from '@playwright/test'
import { type RunningCollector, startCollector } from './collector.js'

/**
 * A test with a collector that the tests before it and after it use too. To start one takes longer than most tests. A
 * test that ends the collector, or reads an identity of which other tests know, starts one of its own.
 */
export const test = base.extend<object, { shared: RunningCollector }>({
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
})
