// `npm run bench:collector`: the shipped collector beside an HTTP endpoint that parses and checks the same bodies and appends them to
// a log with one fdatasync per group. Single figures mean little on a busy machine; the ratios are medians over rounds that take turns.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { compareFilled, compareReplays, compareWithBaseline } from './collector/ingest.mjs'
import { profile } from './collector/profile.mjs'
import { publish } from './collector/publish.mjs'
import { compareReads, toVisits } from './collector/reads.mjs'
import { printFigures } from './collector/report.mjs'
import { startLoad } from './collector/servers.mjs'
import { openStores } from './collector/stores.mjs'

const help = `node bench/collector.mjs: requests that the collector takes beside a bare endpoint with a log, and what readers wait.

  --quick              a look in about a minute; its figures are not for publishing
  --stores <names>     sqlite,postgres unless set
  --parts <names>      baseline,replays,filled unless set
  --events <number>    events of the filled database; 10000000 unless set
  --rounds <number>    5 unless set; quick: 3
  --seconds <number>   of one turn, after the warm-up; 4 unless set; quick: 1.5
  --profile <store>    where the collector's time goes, and nothing else
  --publish            writes docs/collector-figures.json and the tables in docs/scale.md; a full run only`
const allParts = 'baseline,replays,filled'

const text = { type: 'string' }
const yes = { type: 'boolean', default: false }
const { values: flags } = parseArgs({
  options: {
    quick: yes,
    publish: yes,
    help: yes,
    stores: { type: 'string', default: 'sqlite,postgres' },
    parts: { type: 'string', default: allParts },
    events: text,
    rounds: text,
    seconds: text,
    profile: text,
  },
})
// Ctrl+C too leaves nothing behind: servers and folders are put away as the process exits.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
if (flags.help) console.log(help)
else if (flags.publish && (flags.quick || flags.parts !== allParts)) {
  console.error('--publish wants the whole run, without --quick and --parts')
  process.exitCode = 2
} else await bench()

async function bench() {
  const { quick } = flags
  const room = mkdtempSync(join(tmpdir(), 'sojourn-bench-'))
  process.once('exit', () => rmSync(room, { recursive: true, force: true }))
  const stores = await openStores((flags.profile ?? flags.stores).split(','), room)
  const load = await startLoad()
  const parts = {
    room,
    load,
    stores,
    connections: 64,
    rounds: Number(flags.rounds ?? (quick ? 3 : 5)),
    ms: 1000 * Number(flags.seconds ?? (quick ? 1.5 : 4)),
    warmMs: quick ? 700 : 2000,
    passBatches: quick ? 1500 : 4000,
    events: Number(flags.events ?? (quick ? 100_000 : 10_000_000)),
  }
  try {
    if (flags.profile) return await profile(parts, stores[0])
    const figures = await measure(parts, flags.parts.split(','))
    printFigures(figures)
    if (flags.publish) publish(figures)
  } finally {
    load.stop()
    for (const { stop } of stores) await stop()
  }
}

async function measure(parts, wanted) {
  const { stores, events, rounds, ms, warmMs, connections } = parts
  const has = name => wanted.includes(name)
  const versions = Object.fromEntries(stores.map(({ name, version }) => [name, version]))
  const setting = { connections, rounds, ms, warmMs, events }
  const baseline = has('baseline') ? await compareWithBaseline(parts) : []
  const replays = has('replays') ? await compareReplays(parts) : []
  const [filled, reads] = [[], []]
  for (const store of has('filled') ? stores : []) {
    const db = store.make('filled')
    const started = performance.now()
    await store.fill(db, toVisits(events))
    const took = (performance.now() - started) / 1000
    console.log(`${store.name}: ${events} events in ${took.toFixed(0)} s, ${(store.bytes(db) / 1e6).toFixed(0)} MB`)
    reads.push({ name: store.name, rows: await compareReads(parts, store, db, toVisits(events)) })
    filled.push(await compareFilled(parts, store, db))
    store.drop(db)
  }
  return { versions, setting, baseline, replays, filled, reads }
}
