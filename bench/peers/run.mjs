// `npm run bench:peers`: builds well-known trackers with the same bundler, and measures size, start, calls, bytes on the
// wire and loss beside Sojourn, in one run.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { needChromium } from '../../scripts/browser.mjs'
import { buildTracker } from './build.mjs'
import { cases, runCase } from './faults.mjs'
import { toPicture } from './picture.mjs'
import { cpuSlowdown, measureSpeed } from './speed.mjs'
import { putTables, toTables } from './tables.mjs'
import { describeTracker, names } from './trackers.mjs'

const resultsFile = new URL('results.json', import.meta.url)

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: names.join() },
    parts: { type: 'string', default: 'speed,faults' },
    rounds: { type: 'string', default: '5' },
    lanes: { type: 'string', default: '3' },
    case: { type: 'string', default: '' },
    publish: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
})
const wanted = flags.only.split(',')
const parts = flags.parts.split(',')
const unknown = wanted.filter(one => !names.includes(one))
if (unknown.length || !(Number(flags.rounds) >= 1) || !(Number(flags.lanes) >= 1)) {
  console.error(unknown.length ? `There is no ${unknown.join()}.` : '--rounds and --lanes are numbers of 1 or more')
  process.exitCode = 2
} else if (flags.print) publish(JSON.parse(readFileSync(resultsFile, 'utf8')))
else await bench()

async function bench() {
  const version = execFileSync(needChromium(), ['--version'], { encoding: 'utf8' })
  const begun = new Date()
  const loads = [loadavg()[0]]
  const trackers = wanted.map(describeTracker)
  const codes = {}
  for (const tracker of trackers) {
    const { code, brotli } = await buildTracker(tracker.name)
    codes[tracker.name] = code
    tracker.brotli = brotli
  }
  const known = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : { speed: {}, faults: [] }
  const speed = parts.includes('speed') ? await measureAll(codes) : known.speed
  loads.push(loadavg()[0])
  const faults = parts.includes('faults') ? await loseAll(codes) : known.faults
  loads.push(parts.includes('faults') ? loadavg()[0] : (known.about?.loads[2] ?? null))
  const about = {
    date: begun.toISOString().slice(0, 10),
    chromium: /[\d.]+/.exec(version)?.[0],
    cores: cpus().length,
    rounds: parts.includes('speed') ? Number(flags.rounds) : known.about?.rounds,
    cpuSlowdown,
    loads: loads.map(load => load && Number(load.toFixed(1))),
  }
  const results = { about, trackers, speed, faults }
  console.log(`\n${toTables(results)}`)
  if (flags.publish) {
    writeFileSync(resultsFile, `${JSON.stringify(results, toRounded, 1)}\n`)
    publish(JSON.parse(JSON.stringify(results, toRounded)))
  }
}

/** Writes the tables of the pages, and the picture. */
function publish(results) {
  for (const file of ['docs/peers.md', 'README.md']) writeFileSync(file, putTables(readFileSync(file, 'utf8'), results))
  writeFileSync('docs/pictures/peers.svg', toPicture(results))
}

function toRounded(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value
}

/** Measures the speed of all trackers in turns, so that each has the same share of a busy moment. */
async function measureAll(codes) {
  const rounds = []
  for (let round = 0; round < Number(flags.rounds); round++) {
    const measured = {}
    const order = round % 2 ? [...wanted].reverse() : wanted
    for (const name of order) {
      measured[name] = await measureSpeed(name, codes[name])
      console.log(`round ${round + 1}, ${name}: start ${measured[name].startMs.toFixed(0)} ms`)
    }
    rounds.push(measured)
  }
  return Object.fromEntries(wanted.map(name => [name, summarize(rounds, name)]))
}

/** The medians of a tracker, and the medians of its ratios to Sojourn in each round. */
function summarize(rounds, name) {
  const summary = {}
  for (const figure of Object.keys(rounds[0][name])) {
    summary[figure] = median(rounds.map(round => round[name][figure]))
    if (rounds[0].sojourn)
      summary[`${figure}Ratio`] = median(rounds.map(round => round[name][figure] / round.sojourn[figure]))
  }
  return summary
}

function median(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null
}

/** Runs each case with each tracker, several at a time. */
async function loseAll(codes) {
  const chosen = cases.filter(({ name }) => name.includes(flags.case))
  const jobs = chosen.flatMap(one => wanted.map(tracker => ({ one, tracker })))
  const found = new Map()
  async function lane() {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { one, tracker } = job
      // A browser that does not start is no outcome of a tracker, so such a case runs once more.
      const outcome = await runCase(one, tracker, codes[tracker]).catch(error => {
        console.error(`${error.message.split('\n')[0]}: once more`)
        return runCase(one, tracker, codes[tracker])
      })
      found.set(`${one.name} ${tracker}`, outcome)
      const { made, lost, doubled, copies, note } = outcome
      console.log(`${one.name}, ${tracker}: lost ${lost} of ${made}, ${doubled} twice, ${copies} copies ${note}`)
    }
  }
  await Promise.all(Array.from({ length: Number(flags.lanes) }, lane))
  return chosen.map(one => ({
    group: one.group,
    name: one.name,
    made: one.n ?? 100,
    outcomes: Object.fromEntries(wanted.map(tracker => [tracker, found.get(`${one.name} ${tracker}`)])),
  }))
}
