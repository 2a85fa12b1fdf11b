// `npm run bench:collector`: the shipped collector beside an HTTP endpoint that parses and checks the same bodies and appends them to
// a log with one fdatasync per group. Single figures mean little on a busy machine; the ratios are medians over rounds that take turns.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareIngest } from './collector/ingest.mjs'
import { printTable } from './collector/report.mjs'
import { startLoad } from './collector/servers.mjs'

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, seconds: { type: 'string' } },
})
const settings = {
  connections: 64,
  rounds: Number(flags.rounds ?? 3),
  ms: 1000 * Number(flags.seconds ?? (flags.quick ? 3 : 5)),
  warmMs: flags.quick ? 1000 : 2000,
}
const room = mkdtempSync(join(tmpdir(), 'sojourn-bench-'))
const load = await startLoad()
const parts = { ...settings, load, room }
try {
  printTable(await compareIngest(parts))
} finally {
  load.stop()
  rmSync(room, { recursive: true })
}
