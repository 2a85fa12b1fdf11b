// `npm run faults`: the whole fault suite, its table, and the mutation check, which holds the suite itself to its word: each
// mutant lacks something that no record may be without, and the suite must go red on it. With --mutants only that check,
// with --suite only the suite; --once takes each case with one count of events; --publish puts the table into docs/delivery.md; other words go to Playwright (-g "tabs").
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import './check-node.mjs'
import { needChromium } from './browser.mjs'
import { makeVariants, mutants } from './variants.mjs'

const own = ['--suite', '--mutants', '--publish', '--once']
const args = process.argv.slice(2)
const SOJOURN_FAULTS = args.includes('--once') ? 'once' : 'all'
const env = { ...process.env, SOJOURN_CHROMIUM: needChromium(), SOJOURN_FAULTS }
const filters = args.filter(arg => !own.includes(arg))
const isAsked = part => (args.includes('--suite') || args.includes('--mutants') ? args.includes(`--${part}`) : true)

/** Puts what ran into the file and the page, in place of the same cases' lines before; a test holds the page to the file. */
async function publish() {
  const { toTable } = await import('../e2e/faults/table.ts')
  const read = path => JSON.parse(readFileSync(path, 'utf8'))
  const key = ({ group, name }) => `${group}: ${name}`
  const fresh = new Map(read('build/results/faults.json').map(line => [key(line), line]))
  const isPart = filters.length > 0 && existsSync('docs/faults.json')
  const kept = isPart ? read('docs/faults.json').map(line => fresh.get(key(line)) ?? line) : []
  const known = new Set(kept.map(key))
  const lines = [...kept, ...[...fresh.values()].filter(line => !known.has(key(line)))]
  lines.sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0))
  writeFileSync('docs/faults.json', `${JSON.stringify(lines, null, 2)}\n`)
  const page = readFileSync('docs/delivery.md', 'utf8')
  const table = toTable(lines)
  const marks = /(<!-- made by: npm run faults -- --once --publish -->\n)[^]*(<!-- end -->)/
  writeFileSync(
    'docs/delivery.md',
    page.replace(marks, (_all, from, to) => `${from}\n${table}\n${to}`),
  )
}

function suite(args, more = {}, stdio = 'inherit') {
  const { status, stdout } = spawnSync('playwright', ['test', '--project=faults', ...args], {
    stdio: ['ignore', stdio, 'inherit'],
    encoding: 'utf8',
    env: { ...env, ...more },
    shell: process.platform === 'win32',
  })
  return { isGreen: status === 0, text: stdout ?? '' }
}

await makeVariants()
let failed = 0
if (isAsked('suite')) {
  if (!suite(filters).isGreen) failed++
  if (args.includes('--publish')) await publish()
}
if (isAsked('mutants')) {
  console.log('\nthe suite on mutants of the library:')
  for (const [name, { about, cases }] of Object.entries(mutants)) {
    const { isGreen, text } = suite(
      ['-g', cases.join('|'), '--workers', '2', '--reporter', 'list'],
      { SOJOURN_CORE: `build/variants/${name}.js` },
      'pipe',
    )
    const red = [...text.matchAll(/^\s*✘.*› (.*?) \(\d+\) @/gm)].map(([, title]) => title)
    const isCaught = !isGreen && red.length > 0
    if (!isCaught) failed++
    console.log(`  ${name} (${about}): ${isCaught ? `red at ${[...new Set(red)].join(', ')}` : `NOT CAUGHT\n${text}`}`)
  }
}
process.exit(failed ? 1 : 0)
