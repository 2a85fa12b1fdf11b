import { expect, type Page } from '@playwright/test'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'
import { limitQuota } from './storage.js'

const fault = group('5 storage goes wrong')

/** Makes ten events in each task, as pages do. Each task makes one or two transactions. */
async function makeInTasks(page: Page, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 10)
    await page.evaluate(([first, end]) => window.make(first as number, end as number), [n, Math.min(n + 10, to)])
}

// Without Web Locks, a page that is killed while it sends keeps the right to send until its lease ends, after 35 s.
const untilStored = (house: House): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: 60_000 }).toEqual([])

const storeFailures = (page: Page): Promise<number> =>
  page.evaluate(() => window.tracker.status().errors['store-failed'] ?? 0)

fault('quota used up before the first write', { expect: 'stored', isShort: true }, async house => {
  const restore = await limitQuota(house, 1)
  const page = await house.open()
  await makeInTasks(page, 0, house.n)
  await untilStored(house)
  await page.evaluate(() => window.tracker.flush())
  expect((await expectBalance(page)).owed).toBe(0)
  await restore()
})

for (const identityId of ['', 'user-42'])
  fault(
    `quota used up in the middle, ${identityId ? 'somebody' : 'nobody'} signed in`,
    { expect: 'stored' },
    async house => {
      const restore = await limitQuota(house, 15_000)
      const page = await house.open()
      if (identityId) await page.evaluate(id => window.tracker.signIn(id), identityId)
      await makeInTasks(page, 0, house.n)
      await untilStored(house)
      await expect.poll(() => storeFailures(page), 'the quota is used up').toBeGreaterThan(0)
      // Records that the collector has stored are deleted from the device, because deleting needs no quota.
      await expect
        .poll(async () => (await page.evaluate(() => window.tracker.flush())).owed + (await page.evaluate(lying)), {
          timeout: 20_000,
        })
        .toBe(0)
      expect((await expectBalance(page)).owed).toBe(0)
      await restore()
    },
  )

/** Counts the records in the parcels of the tracker's database. The key of a parcel says how many it holds. */
function lying(): Promise<number> {
  return new Promise(resolve => {
    const opening = indexedDB.open('sojourn-fault')
    opening.onsuccess = () => {
      const db = opening.result
      const tx = db.transaction('parcels')
      const keys = tx.objectStore('parcels').getAllKeys()
      tx.oncomplete = () => {
        db.close()
        resolve(
          keys.result.reduce<number>((sum, key) => sum + Number.parseInt((key as string).split('.')[2] ?? '', 36), 0),
        )
      }
    }
  })
}

fault('the device is full of what it owes', { expect: 'stored', made: [1000] }, async house => {
  await house.proxy.down()
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  await makeInTasks(page, 0, house.n)
  await house.relaunch()
  const restore = await limitQuota(house, 1000)
  await house.proxy.up()
  // A page that cannot write must still read and send, because only that frees quota.
  const next = await house.open()
  await untilStored(house)
  await expect.poll(() => next.evaluate(lying), { timeout: 20_000 }).toBe(0)
  await restore()
})

fault('the device is full of what it owes, in a browser without Web Locks', { expect: 'stored' }, async house => {
  await house.context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'))
  await house.proxy.down()
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  await makeInTasks(page, 0, house.n)
  await house.relaunch()
  await house.context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'locks'))
  const restore = await limitQuota(house, 1000)
  await house.proxy.up()
  await house.open()
  await untilStored(house)
  await restore()
})

fault(
  'quota used up, collector down, tab closed',
  { expect: { atMost: 103, because: 'only memory had them; what was there before the quota was used up stays' } },
  async house => {
    const restore = await limitQuota(house, 15_000)
    await house.proxy.down()
    const page = await house.open()
    await makeInTasks(page, 0, house.n)
    await expect.poll(() => storeFailures(page)).toBeGreaterThan(0)
    const kept = await page.evaluate(lying)
    expect((await expectBalance(page)).owed).toBeGreaterThanOrEqual(house.n)
    await page.close()
    await restore()
    await house.proxy.up()
    await house.revisit({}, 10_000)
    // Two of the kept records are the start of the visit and the page view. At least all others must arrive.
    expect(house.ledger().found.length).toBeGreaterThanOrEqual(kept - 2)
    return `${kept} had been kept`
  },
)
