import { groupInEngines } from './case.js'
import type { Tab } from './engine.js'

const inEngines = groupInEngines('4 several tabs')

inEngines(
  'three tabs make events and close at once',
  { expect: { atMost: 100, because: 'no more than the bare put + commit lost' }, isShort: 'webkit' },
  async house => {
    const open = (path: string): Promise<Tab> => house.open({ path, bare: true })
    const tabs = [await open('/first'), await open('/second'), await open('/third')]
    const from = (place: number): number => Math.round((house.n * place) / tabs.length)
    await Promise.all(
      tabs.map(async (tab, place) => {
        await tab.run(
          ([start, end]) => {
            window.make(start, end)
            // Right after the put of the tracker, which binds its calls in the microtask before.
            queueMicrotask(() => window.bareMake(start, end))
          },
          [from(place), from(place + 1)] as const,
        )
        await tab.close()
      }),
    )
    const next = await house.revisit({ bare: true })
    // WebKitGTK ends some tabs of a busy machine without `pagehide`. What it has not begun to store is lost with them.
    const lost = house.engine === 'webkit' ? house.n - (await next.run(() => window.bareCount(), null)) : 0
    return {
      note: lost ? `the bare put + commit lost ${lost}` : '',
      expect: { atMost: lost, because: 'no more than the bare put + commit lost' },
    }
  },
)

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
