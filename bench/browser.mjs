// `npm run bench`: compares Sojourn with a plain outbox (`bench/site/outbox.js`). Both run in turns, in new pages of a
// real Chromium with a slower CPU. Compare the ratios, because single times differ from machine to machine.

import { cpus } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { toRoom, weighBuilds, weighParts } from '../scripts/weigh.mjs'
import { startChromium } from './browser/chromium.mjs'
import { measureLeftovers } from './browser/leftovers.mjs'
import { publish, toTable } from './browser/publish.mjs'
import { startSite } from './browser/site.mjs'
import { measureLarge, measureStart } from './browser/start.mjs'
import { cpuSlowdown } from './browser/turns.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    parts: { type: 'string', default: 'sizes,start,leftovers,large' },
    publish: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)
const wanted = flags.parts.split(',')
if (!(rounds >= 1)) {
  console.error('--rounds is a number of 1 or more')
  process.exitCode = 2
} else await bench()

async function bench() {
  const measured = {}
  const report = (part, figures) => {
    measured[part] = figures
    console.log(`\n${part}\n${toTable(part, figures)}`)
  }
  if (wanted.includes('sizes')) report('sizes', { builds: weighBuilds(), rooms: await weighParts(toRoom) })
  if (wanted.some(part => part !== 'sizes')) await measureInBrowser(report)
  if (flags.publish) publish(measured)
  const missed = Object.values(measured).flatMap(({ rows = [], builds = [] }) => [
    ...rows.filter(({ isMet }) => isMet === false),
    ...builds.filter(({ bytes, maxBytes }) => bytes > maxBytes),
  ])
  console.log(`\n${missed.length ? `MISSED: ${missed.map(({ what }) => what).join('; ')}` : 'ok: every bound is kept'}`)
  process.exitCode = missed.length ? 1 : 0
}

async function measureInBrowser(report) {
  const loads = rounds * 4
  const measurements = {
    start: { measure: measureStart, times: `medians of ${rounds} rounds` },
    leftovers: { measure: measureLeftovers, times: `${loads} page loads` },
    large: { measure: measureLarge, times: `medians of ${rounds} rounds` },
  }
  const site = await startSite()
  const browser = await startChromium()
  const about = {
    date: new Date().toISOString().slice(0, 10),
    chromium: browser.version,
    cpus: cpus().length,
    throttle: cpuSlowdown,
  }
  try {
    for (const [part, { measure, times }] of Object.entries(measurements))
      if (wanted.includes(part))
        report(part, { about: { ...about, times }, rows: await measure({ browser, site, rounds, loads }) })
  } finally {
    await browser.stop()
    site.stop()
  }
}
