// Loses what can be lost: cases of the first two groups of the fault suite (`e2e/faults/`), for any tracker. Each case
// makes numbered events, does what the fault is, and lets the person come back. Then it counts what has arrived.

import { makeProfile, openBrowser, removeProfile } from '../../e2e/faults/browser.ts'
import { startBackend } from './backend.mjs'
import { startSite } from './site.mjs'
import { browserFlags } from './speed.mjs'

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

const away = '1 the page goes away'
const outage = '2 the collector goes away'

/** The cases. `run` may return after the tab is gone: somebody comes back to the site in any case. */
export const cases = [
  {
    group: away,
    name: 'tab closed at once',
    async run({ open, n }) {
      const page = await open()
      await make(page, 0, n)
      await page.close()
    },
  },
  {
    group: away,
    name: 'navigation to another origin in the task of the call',
    async run({ open, n, elsewhere }) {
      const page = await open()
      await page.evaluate(
        ([to, url]) => {
          window.make(0, to)
          location.href = url
        },
        [n, elsewhere],
      )
      await page.waitForURL(elsewhere)
    },
  },
  {
    group: away,
    name: 'reload in the task of the call',
    async run({ open, n }) {
      const page = await open()
      const reloaded = page.waitForEvent('domcontentloaded')
      await page.evaluate(to => {
        window.make(0, to)
        location.reload()
      }, n)
      await reloaded
    },
  },
  {
    group: away,
    name: "events made in the page's own pagehide",
    async run({ open, n, elsewhere }) {
      const page = await open()
      await page.evaluate(to => addEventListener('pagehide', () => window.make(0, to)), n)
      await page.goto(elsewhere)
    },
  },
  {
    group: away,
    name: 'renderer killed',
    async run({ open, n, killRenderers }) {
      const page = await open()
      const crashed = page.waitForEvent('crash')
      await make(page, 0, n)
      await killRenderers()
      await crashed
      await page.close()
    },
  },
  {
    group: away,
    name: 'browser killed 300 ms after the task of the call',
    async run({ open, n, killIn }) {
      const page = await open()
      await make(page, 0, n)
      await killIn(300)
    },
  },
  {
    group: away,
    name: 'browser killed after 3 s',
    async run({ open, n, killIn }) {
      const page = await open()
      await make(page, 0, n)
      await killIn(3000)
    },
  },
  {
    group: away,
    name: '2,000 events and close',
    n: 2000,
    async run({ open, n }) {
      const page = await open()
      await make(page, 0, n)
      await page.close()
    },
  },
  {
    group: away,
    name: 'one event of 100 KB and close',
    n: 1,
    async run({ open }) {
      const page = await open()
      await page.evaluate(() => window.make(0, 1, { text: 'x'.repeat(100 * 1024) }))
      await page.close()
    },
  },
  {
    group: outage,
    name: 'refused for the whole visit',
    async run({ open, n, backend }) {
      const page = await open()
      await backend.down()
      await make(page, 0, n)
      await sleep(5000)
      await page.close()
      await backend.up()
    },
  },
  {
    group: outage,
    name: 'refused, then up again, the tab open',
    async run({ open, n, backend, arrived }) {
      const page = await open()
      await backend.down()
      await make(page, 0, n)
      await sleep(5000)
      await backend.up()
      await arrived()
      await page.close()
    },
  },
  {
    group: outage,
    name: '503 for 20 s',
    async run({ open, n, backend, arrived }) {
      const page = await open()
      backend.rule.now = () => ({ status: 503 })
      await make(page, 0, n / 2)
      await sleep(10_000)
      await make(page, n / 2, n)
      await sleep(10_000)
      backend.rule.now = () => 'take'
      await arrived()
      await page.close()
    },
  },
  {
    group: outage,
    name: '429 with Retry-After, and the tab is closed',
    async run({ open, n, backend }) {
      const page = await open()
      backend.rule.now = () => ({ status: 429, headers: { 'Retry-After': '2' } })
      await make(page, 0, n)
      await sleep(1000)
      await page.close()
      backend.rule.now = () => 'take'
    },
  },
  {
    group: outage,
    name: 'stores, and the answer is lost',
    async run({ open, n, backend, arrived }) {
      const page = await open()
      const end = Date.now() + 5000
      backend.rule.now = () => (Date.now() < end ? 'lose' : 'take')
      await make(page, 0, n)
      await sleep(5000)
      await arrived()
      await page.close()
    },
  },
  {
    group: outage,
    name: 'accepts and never answers, and the tab is closed',
    async run({ open, n, backend }) {
      const page = await open()
      backend.rule.now = () => 'hang'
      await make(page, 0, n)
      await sleep(3000)
      await page.close()
      backend.rule.now = () => 'take'
    },
  },
  {
    group: outage,
    name: '1 s up, 1 s down, with three tabs',
    async run({ open, n, backend, arrived }) {
      const pages = [await open(), await open(), await open()]
      const making = { isOver: false }
      const flapping = (async () => {
        while (!making.isOver) {
          await backend.down()
          await sleep(1000)
          await backend.up()
          await sleep(1000)
        }
      })()
      try {
        for (let number = 0; number < n; number++) {
          await make(pages[number % 3], number, number + 1)
          await sleep(100)
        }
      } finally {
        making.isOver = true
        await flapping
      }
      await arrived()
      for (const page of pages) await page.close()
    },
  },
]

/** The longest time that a person waits for a page that hangs, ms. */
const patienceMs = 45_000

/** Something that a tracker did to its page, so that the case went on without it. */
class PageTrouble extends Error {}

/** Makes events in one task. */
async function make(page, from, to) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new PageTrouble('the page hung')), patienceMs)
  })
  const made = page
    .evaluate(([a, b]) => window.make(a, b), [from, to])
    .catch(error => {
      throw /crashed/.test(error.message) ? new PageTrouble('the page crashed') : error
    })
  // The person has closed a page that hung, which ends its call too.
  made.catch(() => {})
  await Promise.race([made, late]).finally(() => clearTimeout(timer))
}

/** Runs a case with a tracker. @returns how many events it made, and what has become of them. */
export async function runCase({ name, run, n = 100 }, tracker, code) {
  const backend = await startBackend()
  const site = await startSite({ [tracker]: code }, backend.url)
  const other = await startSite({}, '')
  const profile = makeProfile()
  let browser = await openBrowser(profile, browserFlags)
  let isGone = false

  async function open() {
    const page = await browser.context.newPage()
    page.setDefaultTimeout(120_000)
    await page.goto(`${site.base}/${tracker}`)
    await page.waitForFunction(() => window.Peer?.isReady())
    // The tracker has sent its page view and is at rest.
    await sleep(1000)
    return page
  }

  /** Waits until everything has arrived, or nothing has come for a while. */
  async function arrived(atLeastMs = 20_000) {
    const begun = Date.now()
    while (backend.count(n).lost) {
      const quietMs = Date.now() - Math.max(begun, backend.read().lastArrival)
      if (Date.now() - begun > atLeastMs && quietMs > 5000) return
      if (Date.now() - begun > 60_000) return
      await sleep(200)
    }
  }

  try {
    let note = ''
    const steps = {
      n,
      open,
      backend,
      arrived,
      elsewhere: `${other.base}/elsewhere`,
      killRenderers: () => browser.killRenderers(),
      async killIn(ms) {
        await sleep(ms)
        isGone = true
        browser.kill()
        await sleep(500)
      },
    }
    try {
      await run(steps)
    } catch (error) {
      if (!(error instanceof PageTrouble)) throw error
      note = error.message
      await browser.killRenderers()
      for (const page of browser.context.pages().slice(1)) await page.close()
    }
    // A person comes back to the site, in the same browser, and stays until nothing comes any more.
    backend.rule.now = () => 'take'
    await backend.up()
    if (isGone) browser = await openBrowser(profile, browserFlags)
    isGone = false
    await open()
    await arrived()
    // What comes now is a copy.
    await sleep(2000)
    return { made: n, ...backend.count(n), note }
  } catch (error) {
    throw new Error(`${tracker}, ${name}: ${error.message}`, { cause: error })
  } finally {
    if (isGone) browser.kill()
    else await browser.close()
    site.stop()
    other.stop()
    await backend.stop()
    removeProfile(profile)
  }
}
