import { expect, it } from 'vitest'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { checks } from '../src/run.js'
import { collectorOver, reportOf } from './helpers/house.js'

/** The promise of every store: a collector on it passes each check of the kit, as often as it is run on what was left. */
export function keepsEveryPromise(openStore: () => CollectorStore | Promise<CollectorStore>, runs = 1): void {
  it(runs > 1 ? 'passes every check, and again on what the first run has left' : 'passes every check', async () => {
    const app = collectorOver(await openStore())
    for (let n = 0; n < runs; n++) {
      const { results, passed } = await reportOf(app)
      expect(results.filter(({ is }) => is !== 'passed')).toEqual([])
      expect(passed).toBe(checks.length)
    }
  })
}
