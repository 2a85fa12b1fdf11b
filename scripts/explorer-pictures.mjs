// Takes a picture of every page of the explorer in every state, at 1280 and 390 px, light and dark:
//   npm run build && node scripts/explorer-pictures.mjs [folder] [part of a name]
// It starts collectors of its own, with made visits. Look at each picture.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { makeHostileVisits, makeShopVisits, sendVisits } from '../e2e/helpers/seed.ts'
import { launchArgs, needChromium } from './browser.mjs'

const [folder = 'build/pictures', part = ''] = process.argv.slice(2)
const cli = 'collector/dist/cli.js'
const now = Date.now()
const funnel = 'step=event:Search&step=event:AddToCart&step=event:Purchase'

/**
 * Each page: which collector, the address below `/explore/`, and what is done there.
 *
 * @type {[name: string, collector: string, address: string, prepare?: (page: import('@playwright/test').Page) => Promise<void>][]}
 */
const pages = [
  ['now', 'live', 'default/now'],
  ['now-empty', 'empty', 'default/now'],
  ['sessions', 'shop', 'default/sessions'],
  ['sessions-filtered', 'shop', 'default/sessions?identityId=ada&open=false&complete=true&sort=duration'],
  ['sessions-none', 'shop', 'default/sessions?identityId=nobody'],
  ['sessions-empty', 'empty', 'default/sessions'],
  ['sessions-hostile', 'hostile', 'default/sessions?automated=include'],
  ['sessions-loading', 'shop', 'default/sessions', stall],
  ['sessions-error', 'shop', 'default/sessions', fail],
  ['session', 'shop', 'default/sessions/{session}'],
  ['session-hostile', 'hostile', 'default/sessions/s-hostile-0'],
  ['session-missing', 'shop', 'default/sessions/nothing'],
  ['visit', 'shop', 'default/visits/{visit}'],
  ['identity', 'shop', 'default/identities/ada'],
  ['identity-missing', 'shop', 'default/identities/nobody'],
  ['numbers', 'shop', `default/numbers?event=AddToCart&${funnel}`],
  ['numbers-today', 'shop', 'default/numbers?days=1'],
  ['numbers-year', 'shop', 'default/numbers?days=365&by=activeMs'],
  ['numbers-tables', 'shop', 'default/numbers?days=7', openAll],
  ['numbers-empty', 'empty', 'default/numbers'],
  ['numbers-hostile', 'hostile', 'default/numbers?event=Hostile&property=text'],
  ['setup-working', 'shop', 'default/setup'],
  ['setup-waiting', 'empty', 'default/setup'],
  ['setup-refused', 'refused', 'default/setup'],
  ['token', 'locked', 'default/now'],
  ['sites', 'sites', ''],
  ['nothing', 'shop', 'default/nothing'],
]

/** The reads of the page wait for ever. */
async function stall(page) {
  await page.route(/\/v1\/sites\//, () => undefined)
}

/** The reads of the page fail. */
async function fail(page) {
  const body = JSON.stringify({ error: 'store-failed', message: 'the database does not answer' })
  await page.route(/\/v1\/sites\//, route => route.fulfill({ status: 503, contentType: 'application/json', body }))
}

/** Opens every table behind a chart. */
async function openAll(page) {
  await page.locator('summary').first().waitFor()
  for (const summary of await page.locator('summary').all()) await summary.click()
}

/** Sends a batch that is refused. */
async function sendRefused(url) {
  await fetch(`${url}/v1/sessions?key=default`, { method: 'POST', body: '{' })
  const events = [{ eventID: 'x' }]
  const batch = { v: 1, visits: [{ visitID: 'v', startDate: 1, pages: [], events }], sessions: [] }
  await fetch(`${url}/v1/sessions?key=default`, { method: 'POST', body: JSON.stringify(batch) })
}

const token = 'a-token-for-the-pictures'
const homes = []
const children = []

async function start(...flags) {
  const home = mkdtempSync(join(tmpdir(), 'sojourn-pictures-'))
  homes.push(home)
  const db = join(home, 'pictures.db')
  const child = spawn(process.execPath, [cli, '--db', db, '--port', '0', '--log-level', 'silent', ...flags])
  children.push(child)
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', text => {
      const found = /http:\/\/\S+?:\d+/.exec(String(text))
      if (found) resolve(found[0])
    })
    child.once('exit', code => reject(new Error(`the collector ended with ${code}`)))
  })
  return { url, db }
}

/** Waits until all that was stored is counted. */
async function untilCounted(url) {
  for (;;) {
    const { behind } = await (await fetch(`${url}/v1/sites/default/numbers/days`)).json()
    if (behind.visits === 0) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

async function startAll() {
  const collectors = {}
  for (const name of ['shop', 'live', 'empty', 'hostile', 'refused']) collectors[name] = await start()
  collectors.locked = await start('--read-token', token)
  collectors.sites = await start('--read-token', token)
  for (const [site, origin] of [
    ['shop', 'https://shop.example'],
    ['blog', 'https://blog.example'],
    ['docs', 'https://docs.example'],
  ])
    execFileSync(process.execPath, [cli, 'site', 'add', site, '--origin', origin, '--db', collectors.sites.db])
  await sendVisits(collectors.shop.url, makeShopVisits(700, 60, now))
  await sendVisits(collectors.shop.url, makeShopVisits(12, 0.04, now, 11))
  const begun = Date.now() - 45_000
  const present = makeShopVisits(30, 1, now, 13).map((plan, n) => ({
    ...plan,
    startDate: begun + n * 500,
    stepMs: 3000,
  }))
  await sendVisits(
    collectors.live.url,
    present.filter(({ pages }) => pages.length < 6),
  )
  await sendVisits(collectors.live.url, present.slice(0, 2))
  await sendVisits(collectors.hostile.url, makeHostileVisits(now))
  await sendRefused(collectors.refused.url)
  await untilCounted(collectors.shop.url)
  await untilCounted(collectors.hostile.url)
  return collectors
}

/** Ids of a session that has much to see, and of its visit. */
async function findStory({ url }) {
  const { items } = await (await fetch(`${url}/v1/numbers/sessions?sort=pages&page_size=1`)).json()
  return items[0]
}

async function take(browser, collectors, story) {
  for (const [name, collector, address, prepare] of pages.filter(([name]) => name.includes(part)))
    for (const width of [1280, 390])
      for (const colorScheme of ['light', 'dark']) {
        const viewport = { width, height: width === 390 ? 844 : 900 }
        const page = await browser.newPage({ viewport, colorScheme, timezoneId: 'UTC', locale: 'en-GB' })
        const path = address.replace('{session}', story.sessionID).replace('{visit}', story.visitID)
        page.on('pageerror', error => console.error(`${name}: ${error.message}`))
        if (collector === 'sites')
          await page.addInitScript(token => sessionStorage.setItem('sojourn-token', token), token)
        if (prepare === stall || prepare === fail) await prepare(page)
        await page.goto(`${collectors[collector].url}/explore/${path}`)
        await page.locator('main').waitFor()
        if (prepare === openAll) await prepare(page)
        if (prepare !== stall) await page.waitForFunction(() => !document.querySelector('.loading, .is-stale'))
        // Fonts, charts and transitions.
        await page.waitForTimeout(500)
        const tall = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        if (tall > 0) console.error(`${name} is ${tall} px wider than ${width}`)
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
        await page.close()
      }
}

mkdirSync(folder, { recursive: true })
let browser
try {
  const collectors = await startAll()
  browser = await chromium.launch({ executablePath: needChromium(), args: launchArgs })
  await take(browser, collectors, await findStory(collectors.shop))
  console.log(`The pictures are in ${folder}.`)
} finally {
  await browser?.close()
  for (const child of children) child.kill()
  for (const home of homes) rmSync(home, { recursive: true, force: true })
}
