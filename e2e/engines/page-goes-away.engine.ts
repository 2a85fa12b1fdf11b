import { groupInEngines } from './case.js'
import type { Tab } from './engine.js'
import { arrive, type EngineHouse, leave, nameDocument, until } from './house.js'

const inEngines = groupInEngines('1 the page goes away')

/** Makes all events of the case in one task. */
const makeAll = (house: EngineHouse, tab: Tab): Promise<void> => tab.run(n => window.make(0, n), house.n)

/** Runs a body while the collector is down. Then the collector is up again. */
async function withoutCollector(house: EngineHouse, body: () => Promise<void>): Promise<void> {
  await house.proxy.down()
  await body()
  await house.proxy.up()
}

/** Kills the whole browser after this many ms, and waits until it is gone. */
async function killAfter(house: EngineHouse, tab: Tab, ms: number): Promise<void> {
  await tab.run(after => void fetch(`/kill?after=${after}`).catch(() => {}), ms).catch(() => {})
  await house.gone()
}

inEngines('tab closed while the collector is down', { expect: 'stored' }, async house => {
  const tab = await house.open()
  await withoutCollector(house, async () => {
    await makeAll(house, tab)
    await tab.close()
  })
})

inEngines('away to another site in the task of the call', { expect: 'stored' }, async house => {
  const tab = await house.open()
  await leave(
    tab,
    ([n, url]) => {
      window.make(0, n)
      location.href = url
    },
    [house.n, house.elsewhere] as const,
  )
})

inEngines('away to another page of the site in the task of the call', { expect: 'stored' }, async house => {
  const tab = await house.open()
  await leave(
    tab,
    ([n, url]) => {
      window.make(0, n)
      location.href = url
    },
    [house.n, house.site.address({ path: '/revisit' })] as const,
  )
})

inEngines('page reloaded in the task of the call', { expect: 'stored' }, async house => {
  const tab = await house.open()
  await leave(
    tab,
    n => {
      window.make(0, n)
      location.reload()
    },
    house.n,
  )
  await leave(
    tab,
    url => {
      location.href = url
    },
    house.elsewhere,
  )
})

/**
 * Adds a listener after the tracker's. It makes all events when the page is hidden, and notes in localStorage that it
 * ran to its end.
 */
async function makeWhen(house: EngineHouse, tab: Tab, type: string): Promise<void> {
  await tab.run(
    ([n, on]) => {
      const target = on === 'visibilitychange' ? document : window
      target.addEventListener(on, () => {
        if (on === 'visibilitychange' && document.visibilityState !== 'hidden') return
        window.make(0, n)
        // A busy Firefox may end the page between the listener and its microtasks, in which the tracker stores what was made.
        queueMicrotask(() => localStorage.setItem('noted', String(n)))
      })
    },
    [house.n, type] as const,
  )
}

/**
 * Opens another page, and waits for the events that the listener made. @returns how many: none if the browser ended the
 * page before it had run.
 */
async function countMade(house: EngineHouse): Promise<{ made: number; note: string }> {
  const count = (tab: Tab): Promise<number> => tab.run(() => Number(localStorage.getItem('noted')), null)
  const made = await count(await house.revisit({}, 25_000, count))
  return { made, note: made ? '' : 'the browser ended the page before its listener had run' }
}

for (const type of ['pagehide', 'visibilitychange'])
  for (const isDown of [false, true]) {
    const where = isDown ? ', collector down' : ''
    const isShort = isDown && type === 'pagehide'

    inEngines(
      `events made in the page's own ${type} listener as its tab closes${where}`,
      { expect: 'stored', isShort },
      async house => {
        const tab = await house.open()
        await makeWhen(house, tab, type)
        if (isDown) await withoutCollector(house, () => tab.close())
        else await tab.close()
        return countMade(house)
      },
    )

    inEngines(
      `events made in the page's own ${type} listener as it goes to another site${where}`,
      { expect: 'stored' },
      async house => {
        const tab = await house.open()
        await makeWhen(house, tab, type)
        const before = await tab.run(nameDocument, null)
        const go = async (): Promise<void> => {
          await tab.load(house.elsewhere)
          await arrive(tab, before)
        }
        if (isDown) await withoutCollector(house, go)
        else await go()
        return countMade(house)
      },
    )
  }

inEngines(
  'tab hidden behind another: events made in its own visibilitychange listener, browser killed 300 ms later',
  { expect: 'stored' },
  async house => {
    const tab = await house.open()
    await makeWhen(house, tab, 'visibilitychange')
    await withoutCollector(house, async () => {
      await tab.hide()
      await killAfter(house, tab, 300)
    })
    await house.revisit({ shiftMs: hourMs })
  },
)

inEngines('2,000 events in one task, then the tab closes', { expect: 'stored', made: 2000 }, async house => {
  const tab = await house.open()
  await makeAll(house, tab)
  await tab.close()
})

inEngines('100 tasks of one event each, then the tab closes', { expect: 'stored' }, async house => {
  const tab = await house.open()
  await tab.run(async n => {
    const { port1, port2 } = new MessageChannel()
    for (let made = 0; made < n; made++) {
      const turn = new Promise(resolve => {
        port1.onmessage = resolve
      })
      window.make(made, made + 1)
      port2.postMessage('')
      await turn
    }
  }, house.n)
  await tab.close()
})

inEngines('into the back/forward cache and back, then the tab closes', { expect: 'stored' }, async house => {
  // Firefox caches no page that holds a lock, as a page does that sends.
  const tab = await house.open({ options: { flushEveryMs: 60_000 } })
  const half = house.n >> 1
  await leave(
    tab,
    ([n, url]) => {
      window.make(0, n)
      location.href = url
    },
    [half, house.elsewhere] as const,
  )
  await tab.back()
  await until(tab, () => window.isReturned, null)
  await tab.run(([from, to]) => window.make(from, to), [half, house.n] as const)
  await tab.close()
})

/** Longer than the idle limit. Only then another page takes over the exit of a page that could not record it. */
const hourMs = 3_600_000

inEngines(
  'browser killed 300 ms after the calls, beside a bare put + commit',
  { expect: { atMost: 100, because: 'no more than the bare put + commit lost' } },
  async house => {
    const tab = await house.open({ bare: true })
    await withoutCollector(house, async () => {
      await tab.run(n => {
        window.make(0, n)
        window.bareMake(0, n)
      }, house.n)
      await killAfter(house, tab, 300)
    })
    const next = await house.revisit({ bare: true, shiftMs: hourMs })
    const lost = house.n - (await next.run(() => window.bareCount(), null))
    return {
      note: `the bare put + commit lost ${lost}`,
      expect: { atMost: lost, because: 'no more than the bare put + commit lost' },
    }
  },
)
