// `npm run bench:collector`: compares the built collector with a bare HTTP endpoint. The endpoint parses and checks the
// same bodies, and appends them to a log with one fdatasync for each group. Absolute figures depend on the load of the
// machine. Ratios are medians over rounds in which the servers take turns.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { compareFilled, compareReplays, compareWithBaseline } from './collector/ingest.mjs'
import { compareCounts, compareMerges, printCosts } from './collector/merge.mjs'
import { measureNumbers } from './collector/numbers.mjs'
import { profile } from './collector/profile.mjs'
import { publish, publishNumbers } from './collector/publish.mjs'
import { compareReads, toVisits } from './collector/reads.mjs'
import { printFigures } from './collector/report.mjs'
import { startLoad } from './collector/servers.mjs'
import { connections, recordsPerBatch } from './collector/settings.mjs'
import { openStores } from './collector/stores.mjs'

const allParts = 'baseline,replays,filled'

const text = { type: 'string' }
const yes = { type: 'boolean', default: false }
const { values: flags } = parseArgs({
  options: {
    quick: yes,
    publish: yes,
    stores: { type: 'string', default: 'sqlite,postgres' },
    parts: { type: 'string', default: allParts },
    events: text,
    records: text,
    against: text,
    rounds: text,
    seconds: text,
    profile: text,
  },
})
// Servers and folders are removed when the process exits, also after Ctrl+C.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143))
if (flags.publish && (flags.quick || ![allParts, 'numbers'].includes(flags.parts) || flags.records || flags.against)) {
  console.error('--publish needs a full run, or --parts numbers, without --quick, --records and --against')
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
    connections,
    rounds: Number(flags.rounds ?? (quick ? 3 : 5)),
    ms: 1000 * Number(flags.seconds ?? (quick ? 1.5 : 4)),
    warmMs: quick ? 700 : 2000,
    sizes: flags.records?.split(',').map(Number) ?? [recordsPerBatch],
    against: flags.against && resolve(flags.against),
    passBatches: quick ? 1500 : 4000,
    events: Number(flags.events ?? (quick ? 100_000 : 10_000_000)),
  }
  try {
    if (flags.profile) return await profile(parts, stores[0])
    const figures = await measure(parts, flags.parts.split(','))
    printFigures(figures)
    if (flags.publish) (flags.parts === 'numbers' ? publishNumbers : publish)(figures)
  } finally {
    load.stop()
    for (const { stop } of stores) await stop()
  }
}

async function measure(parts, wanted) {
  const { stores, events, rounds, ms, warmMs, connections, sizes } = parts
  const has = name => wanted.includes(name)
  const versions = Object.fromEntries(stores.map(({ name, version }) => [name, version]))
  const setting = { connections, rounds, ms, warmMs, events }
  const baseline = []
  for (const size of has('baseline') ? sizes : []) baseline.push(...(await compareWithBaseline(parts, size)))
  for (const size of has('merge') ? sizes : []) printCosts(await compareMerges(parts, size))
  if (has('count')) printCosts(await compareCounts(parts))
  const replays = has('replays') ? await compareReplays(parts) : []
  const [filled, reads] = [[], []]
  const numbers = []
  for (const store of has('numbers') ? stores : [])
    numbers.push({ name: store.name, rows: await measureNumbers(parts, store) })
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
  return { versions, setting, baseline, replays, filled, reads, numbers }
}
