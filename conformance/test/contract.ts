import { expect, it } from 'vitest'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { checks } from '../src/run.js'
import { collectorOver, reportOf } from './helpers/house.js'

/** The promise of every store: a collector on it passes each check of the kit, and again on what the first run left. */
export function keepsEveryPromise(openStore: () => CollectorStore | Promise<CollectorStore>): void {
  it('passes every check, and a second time on what the first has left', async () => {
    const app = collectorOver(await openStore())
    for (let n = 0; n < 2; n++) {
      const { results, passed } = await reportOf(app)
      expect(results.filter(({ is }) => is !== 'passed')).toEqual([])
      expect(passed).toBe(checks.length)
    }
  })
}
