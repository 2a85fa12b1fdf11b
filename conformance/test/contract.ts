import { expect, it } from 'vitest'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { checks } from '../src/run.js'
import { type App, collectorOver, reportOf } from './helpers/app.js'

async function expectAllPassed(app: App): Promise<void> {
  const { results, passed } = await reportOf(app)
  expect(results.filter(({ is }) => is !== 'passed')).toEqual([])
  expect(passed).toBe(checks.length)
}

/**
 * Tests that a collector on a store passes every check.
 *
 * @param wrap if given, the checks run once more on the same store, through what it makes of the collector. They find the
 * records of the first time.
 */
export function keepsEveryPromise(
  openStore: () => CollectorStore | Promise<CollectorStore>,
  wrap?: (app: App) => App,
): void {
  it(wrap ? 'passes every check, and again on the same store' : 'passes every check', async () => {
    const app = collectorOver(await openStore())
    await expectAllPassed(app)
    if (wrap) await expectAllPassed(wrap(app))
  })
}
