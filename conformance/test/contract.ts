import { expect, it } from 'vitest'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { checks } from '../src/run.js'
import { type App, collectorOver, reportOf } from './helpers/app.js'

async function expectPassed(app: App, only: readonly string[] = []): Promise<void> {
  const { results, passed } = await reportOf(app, { only })
  expect(results.filter(({ is }) => is !== 'passed')).toEqual([])
  expect(passed).toBe(only.length || checks.length)
}

/** Checks of what depends on the database: writes at the same time, copies, and lists. */
const some = ['v1-good-beside-bad', 'concurrent', 'duplicates', 'paging', 'filters', 'identities']

type Open = () => CollectorStore | Promise<CollectorStore>

/** Tests that a collector on a store passes every check. */
export function keepsEveryPromise(openStore: Open): void {
  it('passes every check', async () => {
    await expectPassed(collectorOver(await openStore()))
  })
}

/** The same for some checks, where the others see no difference between the stores. */
export function keepsSomePromises(openStore: Open): void {
  it('passes the checks that depend on the database', async () => {
    await expectPassed(collectorOver(await openStore()), some)
  })
}

/**
 * Tests that a collector on a store passes every check through what `wrap` makes of it.
 *
 * @param isTwice whether every check runs again on the same store, where it finds the records of the first time.
 */
export function keepsEveryPromiseThrough(openStore: Open, wrap: (app: App) => App, isTwice: boolean): void {
  it(`passes every check${isTwice ? ', and again on the same store' : ''}`, async () => {
    const app = collectorOver(await openStore())
    await expectPassed(wrap(app))
    if (isTwice) await expectPassed(app)
  })
}
