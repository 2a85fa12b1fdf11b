import { groupInEngines } from './case.js'

const inEngines = groupInEngines('4 several tabs')

inEngines('three tabs make events and close at once', { expect: 'stored', isShort: true }, async house => {
  const tabs = [await house.open(), await house.open({ path: '/second' }), await house.open({ path: '/third' })]
  const from = (place: number): number => Math.round((house.n * place) / tabs.length)
  await Promise.all(
    tabs.map(async (tab, place) => {
      await tab.run(([start, end]) => window.make(start, end), [from(place), from(place + 1)] as const)
      await tab.close()
    }),
  )
})

inEngines('three tabs of which one closes: the two others send for it', { expect: 'stored' }, async house => {
  const [first, second, third] = [
    await house.open({ options: { flushEveryMs: 60_000 } }),
    await house.open({ path: '/second' }),
    await house.open({ path: '/third' }),
  ]
  await first.run(n => window.make(0, n), house.n)
  await first.close()
  await second.run(() => window.tracker.flush(), null)
  await third.close()
  await second.close()
})
