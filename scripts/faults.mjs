// `npm run faults`: the whole fault suite in all engines, its table, and the mutation check, which holds the suite itself to
// its word: each mutant lacks something that no record may be without, and the suite must go red on it.
//   --suite      only the suite                --mutants   only the mutation check
//   --engines    only the cases that run in every engine; without the mutation check
//   --in=a,b     only in these engines (chromium, firefox, webkit); without the mutation check
//   --once       each case with one count of events
//   --publish    puts the results into docs/faults.json and the table of docs/delivery.md
// Other words go to Playwright (-g "tabs"). A run of some cases or engines replaces just their results in what is published.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import './check-node.mjs'
import { needBrowsers } from './browser.mjs'
import { makeVariants, mutants } from './variants.mjs'

const own = /^--(suite|mutants|publish|once|engines|in=.*)$/
const args = process.argv.slice(2)
const filters = args.filter(arg => !own.test(arg))
const asked = args.find(arg => arg.startsWith('--in='))?.slice('--in='.length)
const isInEnginesOnly = args.includes('--engines') || (asked !== undefined && !asked.split(',').includes('chromium'))
const env = {
  ...process.env,
  ...needBrowsers(),
  SOJOURN_FAULTS: args.includes('--once') ? 'once' : 'all',
  ...(asked && { SOJOURN_ENGINES: asked }),
}
// A run that is not of everything, because it was asked to or because an engine is not on this machine.
const isPart = filters.length > 0 || isInEnginesOnly || !!asked || !env.SOJOURN_FIREFOX || !env.SOJOURN_WEBKIT

function isAsked(part) {
  if (args.includes('--suite') || args.includes('--mutants')) return args.includes(`--${part}`)
  return part === 'suite' || !(isInEnginesOnly || asked)
}

/** Puts what ran into the file and the page; a test holds the page to the file. */
async function publish() {
  const { mergeLines, toTable } = await import('../e2e/faults/table.ts')
  const read = path => JSON.parse(readFileSync(path, 'utf8'))
  const fresh = read('build/results/faults.json')
  const lines = mergeLines(isPart ? read('docs/faults.json') : [], fresh)
  writeFileSync('docs/faults.json', `${JSON.stringify(lines, null, 2)}\n`)
  const page = readFileSync('docs/delivery.md', 'utf8')
  const marks = /(<!-- made by: npm run faults -- --once --publish -->\n)[^]*(<!-- end -->)/
  writeFileSync(
    'docs/delivery.md',
    page.replace(marks, (_all, from, to) => `${from}\n${toTable(lines)}\n${to}`),
  )
}

function suite(projects, args, more = {}, stdio = 'inherit') {
  const { status, stdout } = spawnSync('playwright', ['test', ...projects.map(one => `--project=${one}`), ...args], {
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
  const projects = isInEnginesOnly ? ['engines'] : ['faults', 'engines']
  if (!suite(projects, filters).isGreen) failed++
  if (args.includes('--publish')) await publish()
}
if (isAsked('mutants')) {
  console.log('\nthe suite on mutants of the library:')
  for (const [name, { about, cases }] of Object.entries(mutants)) {
    const { isGreen, text } = suite(
      ['faults'],
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
