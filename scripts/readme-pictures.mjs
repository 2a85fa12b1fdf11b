// Takes docs/pictures/numbers.png, inspector.png and demo.png for the README. Needs a build:
//   npm run build && node scripts/readme-pictures.mjs
// Those of the timeline: scripts/timeline-picture.mjs. Look at each picture.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import './check-node.mjs'
import { launchArgs, needChromium } from './browser.mjs'

const { makeShopVisits, sendVisits } = await import('../e2e/helpers/seed.ts')

const home = mkdtempSync(join(tmpdir(), 'sojourn-readme-'))
const children = []
let browser
let site

try {
  const collector = await start(
    'collector/dist/cli.js',
    '--db',
    join(home, 'numbers.db'),
    '--port',
    '0',
    '--log-level',
    'silent',
  )
  const demo = await start('demo/serve.mjs', '--db', join(home, 'demo.db'), '--port', '0', '--collector-port', '0')
  browser = await chromium.launch({ executablePath: needChromium(), args: launchArgs })
  await takeInspector(collector)
  await takeDemo(demo)
  await takeNumbers(collector)
} finally {
  await browser?.close()
  site?.close()
  for (const child of children) child.kill()
  rmSync(home, { recursive: true, force: true })
}

/** Starts a server that prints its address. */
async function start(...args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.stdout.on('data', text => {
      const found = /http:\/\/\S+?:\d+/.exec(String(text))
      if (found) resolve(found[0])
    })
    child.once('exit', code => reject(new Error(`${args[0]} ended with ${code}.`)))
  })
}

/** Opens a page in the light scheme. */
async function open(address, height) {
  const options = { viewport: { width: 1280, height }, timezoneId: 'UTC', locale: 'en-GB' }
  const page = await browser.newPage({ ...options, colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(address)
  return page
}

async function keep(page, name) {
  await page.screenshot({ path: `docs/pictures/${name}.png`, animations: 'disabled' })
  await page.context().close()
  console.log(`docs/pictures/${name}.png`)
}

/** A month of a shop beside the month before. */
async function takeNumbers(url) {
  await sendVisits(url, makeShopVisits(700, 60, Date.now()))
  const page = await open(`${url}/explore/default/numbers`, 900)
  await page.getByText('will be counted').waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('img', { name: 'Visitors a day' }).locator('canvas').waitFor()
  await page.waitForFunction(() => !document.querySelector('.loading, .is-stale'))
  await keep(page, 'numbers')
}

/** A mistake, an event, and its data. */
async function takeInspector(url) {
  const tag = `<script src="${url}/sojourn.js" data-key="default" data-inspect></script>`
  const html = `<!doctype html><title>Shop</title><h1>Shop</h1><p>Your page, and above it the inspector.</p>${tag}`
  site = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(html)).listen(0)
  const page = await open(`http://127.0.0.1:${site.address().port}/?sojourn-inspect`, 800)
  const panel = page.getByRole('region', { name: 'Sojourn inspector' })
  await panel.waitFor()
  await page.evaluate(() => {
    window.sojourn('signIn', 'ada@example.com')
    window.sojourn('track', '')
    window.sojourn('track', 'AddToCart', { sku: 'A1', price: 19.95 })
    return window.sojourn.flush()
  })
  const row = panel.getByRole('listitem').filter({ hasText: 'AddToCart' })
  await row.getByText('stored').waitFor()
  await row.locator('summary').click()
  await keep(page, 'inspector')
}

/** The collector is down, and the browser keeps everything. */
async function takeDemo(url) {
  const page = await open(url, 800)
  const switchOfCollector = page.getByTestId('switch-collector')
  await page.getByTestId('flush-now').click()
  await page.getByTestId('live-owed').getByText('0', { exact: true }).waitFor()
  await switchOfCollector.click()
  await page.getByText('The collector does not answer.').waitFor()
  await page.evaluate(() => {
    window.sojourn('track', 'Search', { words: 'lamp' })
    window.sojourn('track', 'AddToCart', { sku: 'tea-100' })
  })
  await page.getByTestId('live-owed').getByText('2', { exact: true }).waitFor()
  await keep(page, 'demo')
}
