import { expect } from '@playwright/test'
import { groupInEngines } from './case.js'

const inEngines = groupInEngines('1 the page goes away')

inEngines('page written anew with document.open(), and gone at once', { expect: 'stored' }, async house => {
  const tab = await house.open()
  const { before, after } = await tab.run(async n => {
    document.open()
    document.write('<!doctype html><title>Anew</title>')
    document.close()
    await Promise.resolve()
    const { made } = window.tracker.status()
    window.make(0, n)
    // `document.open()` has removed whoever would hear this. It binds the calls, and records the exit of the page.
    dispatchEvent(new PageTransitionEvent('pagehide'))
    return { before: made, after: window.tracker.status().made }
  }, house.n)
  expect(after - before, 'records').toBe(house.n + 1)
  await tab.close()
})
