import { expect, it } from 'vitest'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { checks } from '../src/run.js'
import { collectorOver, reportOf } from './helpers/app.js'

/**
 * Tests that a collector on a store passes every check. With more runs, later runs find the records of earlier ones.
 */
export function keepsEveryPromise(openStore: () => CollectorStore | Promise<CollectorStore>, runs = 1): void {
  it(runs > 1 ? `passes every check, ${runs} times on the same store` : 'passes every check', async () => {
    const app = collectorOver(await openStore())
    for (let n = 0; n < runs; n++) {
      const { results, passed } = await reportOf(app)
      expect(results.filter(({ is }) => is !== 'passed')).toEqual([])
      expect(passed).toBe(checks.length)
    }
  })
}
