import { expect } from '@playwright/test'
import { groupInEngines } from './case.js'
import type { Tab } from './engine.js'
import type { EngineHouse } from './house.js'

// Firefox stops scripts in `pagehide` when it closes a tab. Without storage there is no other way to record the exit.
const mayLackExit = { firefox: 'only a request from pagehide could carry the exit' }

const inEngines = groupInEngines('5 storage goes wrong')

/** Makes ten events in each task, as pages do. */
async function makeInTasks(house: EngineHouse, tab: Tab): Promise<void> {
  for (let n = 0; n < house.n; n += 10)
    await tab.run(([from, to]) => window.make(from, to), [n, Math.min(n + 10, house.n)] as const)
}

const untilStored = (house: EngineHouse): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])

inEngines('quota used up: all events are sent from memory', { expect: 'stored', mayLackExit }, async house => {
  await house.launch({ quota: { origin: house.site.url, bytes: 1 } })
  const tab = await house.open()
  await makeInTasks(house, tab)
  await untilStored(house)
  const failures = (): Promise<number> => tab.run(() => window.tracker.status().errors['store-failed'] ?? 0, null)
  await expect.poll(failures, 'the quota is used up').toBeGreaterThan(0)
  await tab.close()
  // The exit leaves with a request, because it could not be stored. A browser that ends now may end the request.
  if (!(house.engine in mayLackExit)) await expect.poll(house.unended, { timeout: 20_000 }).toEqual([])
  await house.launch()
})

inEngines(
  'site data blocked: all events are sent from memory',
  { expect: 'stored without a revisit', isShort: 'webkit', mayLackExit },
  async house => {
    await house.launch({ isBlocked: true })
    const tab = await house.open()
    expect(await tab.run(() => window.tracker.status().store, null)).toBe('memory')
    await makeInTasks(house, tab)
    await untilStored(house)
    expect(await tab.run(() => window.errors, null)).toEqual(['store-failed'])
    await tab.close()
  },
)

inEngines(
  'site data blocked, and the tab closes at once',
  { expect: 'stored without a revisit', mayLackExit },
  async house => {
    await house.launch({ isBlocked: true })
    const tab = await house.open()
    await tab.run(n => window.make(0, n), house.n)
    await tab.close()
  },
)
