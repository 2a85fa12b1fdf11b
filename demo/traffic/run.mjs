// Real browser tabs that use the shop, so that there is something to watch.
import { chromium } from '@playwright/test'
import { launchArgs, needChromium } from '../../scripts/browser.mjs'
import { createChance } from '../chance.mjs'
import { referrers } from '../seed/people.mjs'
import { crash, goOffline, ways } from './ways.mjs'

/** Tabs that are open at the same time. Each costs about 50 MB. */
const tabsAtOnce = 4
const visitTimeoutMs = 60_000

/**
 * Starts the visitors. A browser of the machine runs them, some at a time, each with a storage of its own.
 *
 * @param visitors how many there are until it ends.
 * @param shop the address of the shop.
 * @param say is told when it begins and ends, in a sentence for people.
 * @returns `stop`, which closes the browser, and `over`, which is settled when the last visitor has left.
 */
export function startTraffic({ visitors, seed, shop, say }) {
  let browser = null
  const stopping = new AbortController()
  let next = 0
  let failed = 0

  async function run() {
    browser = await chromium.launch({
      executablePath: needChromium(),
      // These visitors stand for people. A browser that says that a program drives it is left out of the numbers.
      args: [...launchArgs, '--disable-blink-features=AutomationControlled'],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
    if (stopping.signal.aborted) return browser.close()
    say(`${visitors} visitors are on their way, at most ${tabsAtOnce} at a time.`)
    await Promise.all(Array.from({ length: Math.min(tabsAtOnce, visitors) }, serveVisitors))
    await browser.close()
    if (!stopping.signal.aborted)
      say(`${visitors} visitors have been here${failed ? `, of whom ${failed} met an error` : ''}.`)
  }

  async function serveVisitors() {
    while (next < visitors && !stopping.signal.aborted) {
      const number = next++
      try {
        await visit(browser, createChance(seed, 'traffic', number), shop, number)
      } catch (error) {
        if (stopping.signal.aborted) return
        failed++
        console.error(`Visitor ${number + 1}: ${error.message.split('\n')[0]}`)
      }
    }
  }

  const over = run().catch(error => {
    if (!stopping.signal.aborted) console.error(`The traffic has ended: ${error.message.split('\n')[0]}`)
  })
  return {
    over,
    async stop() {
      stopping.abort()
      await browser?.close()
      await over
    },
  }
}

/** One visitor: a browser of their own, and a way to use the shop. */
async function visit(browser, chance, shop, number) {
  const isPhone = chance.is(0.35)
  const isProgram = chance.is(0.08)
  const version = browser.version().split('.')[0]
  const system = isPhone ? 'Linux; Android 10; K' : chance.pick(['Windows NT 10.0; Win64; x64', 'X11; Linux x86_64'])
  const name = isProgram ? 'HeadlessChrome' : 'Chrome'
  const context = await browser.newContext({
    userAgent: `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${name}/${version}.0.0.0${isPhone ? ' Mobile' : ''} Safari/537.36`,
    viewport: isPhone ? { width: 390, height: 844 } : { width: 1280, height: 800 },
    locale: chance.pick(['en-GB', 'de-DE', 'fr-FR', 'ko-KR', 'pt-BR']),
    hasTouch: isPhone,
  })
  context.setDefaultTimeout(15_000)
  const timer = setTimeout(() => void context.close(), visitTimeoutMs)
  try {
    const page = await context.newPage()
    const from = chance.choose(referrers)
    const way = chance.choose(ways)
    await page.goto(`${shop}/`, from ? { referer: from } : {})
    await way({ page, context, chance, number })
    // Some go on and do something unusual before they leave.
    if (chance.is(0.15)) await chance.pick([crash, goOffline])({ page, context, chance, number, shop })
    // Nobody comes back to this storage. What is owed is sent now; the exit of the page goes as it closes.
    const last = context.pages().at(-1)
    await last.evaluate(() => window.sojourn.flush?.())
    await last.close()
  } finally {
    clearTimeout(timer)
    await context.close()
  }
}
