// Records docs/pictures/timeline-light.png and -dark.png: the timeline of the explorer, zoomed in and out. Needs a build.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { makeEvening, tell } from '../e2e/helpers/story.ts'
import { makeApng } from './apng.mjs'
import { launchArgs, needChromium } from './browser.mjs'
import './check-node.mjs'

/** The most that a picture of the README may take, bytes. */
const mostBytes = 600_000
/** Pixels of the picture for each px of the page, so that it is sharp on most screens. */
const density = 1.5
const start = Date.UTC(2026, 0, 15, 18, 2)
const folder = mkdtempSync(join(tmpdir(), 'sojourn-picture-'))
let collector
let browser

try {
  const url = await startCollector()
  await tell(url, makeEvening('evening', 'ada@shop.example', start).batches())
  browser = await chromium.launch({ executablePath: needChromium(), args: launchArgs })
  mkdirSync('docs/pictures', { recursive: true })
  for (const scheme of ['light', 'dark']) {
    const file = makeApng(await record(`${url}/explore/default/sessions/session-evening`, scheme))
    if (file.length > mostBytes) throw new Error(`The picture takes ${file.length} bytes, more than ${mostBytes}.`)
    writeFileSync(`docs/pictures/timeline-${scheme}.png`, file)
    console.log(`docs/pictures/timeline-${scheme}.png: ${Math.round(file.length / 1000)} kB`)
  }
} finally {
  await browser?.close()
  collector?.kill()
  rmSync(folder, { recursive: true, force: true })
}

async function startCollector() {
  const args = ['collector/dist/cli.js', '--db', join(folder, 'picture.db'), '--port', '0']
  collector = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    collector.stdout.on('data', chunk => {
      const found = /http:\/\/\S+?:\d+/.exec(String(chunk))
      if (found) resolve(found[0])
    })
    collector.once('exit', code => reject(new Error(`The collector ended with ${code}.`)))
  })
}

/** Plays a person who looks at the whole, picks a mark of many events, zooms in until they part, and out again. */
async function record(address, colorScheme) {
  const context = await browser.newContext({
    viewport: { width: 1060, height: 900 },
    deviceScaleFactor: density,
    timezoneId: 'UTC',
    colorScheme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.goto(address)
  const timeline = page.locator('.timeline')
  const group = page.locator('.tl-mark[aria-label^="14 events"]')
  await group.waitFor()
  const shots = []
  const shoot = async ms => shots.push({ file: await timeline.screenshot({ animations: 'disabled' }), ms })
  // The wheel zooms around the pointer, so the mark stays where it is. Nothing of the page may move below it.
  const { x, y, width, height } = await group.boundingBox()
  await page.mouse.move(x + width / 2, y + height / 2)
  await shoot(1800)
  await group.click()
  await shoot(900)
  await page.keyboard.down('Control')
  const zoom = async (factor, steps, ms) => {
    for (let n = 1; n <= steps; n++) {
      const before = await page.locator('.tl-plane').boundingBox()
      // `deltaY` as use-view.ts reads it, in pixels of the screen. Slower at the beginning and at the end.
      const share = Math.sin((Math.PI * (n - 0.5)) / steps) * Math.sin(Math.PI / (2 * steps))
      await page.mouse.wheel(0, ((-Math.log(factor) * share) / 0.004) * density)
      await page.waitForFunction(
        old => document.querySelector('.tl-plane').offsetWidth !== old,
        Math.round(before.width),
      )
      await shoot(n === steps ? 2200 : ms)
    }
  }
  await zoom(45, 16, 90)
  await zoom(1 / 46, 12, 80)
  await context.close()
  return shots
}
