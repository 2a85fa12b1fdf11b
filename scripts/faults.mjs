// `npm run faults`: runs the fault suite in all engines and prints its table. Then it runs the mutation check: each
// mutant of the library loses or repeats records, and the suite must fail on it.
// `commands.mjs` has its options.
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
// Whether the run is partial, because of its arguments or because this machine lacks an engine.
const isPart = filters.length > 0 || isInEnginesOnly || !!asked || !env.SOJOURN_FIREFOX || !env.SOJOURN_WEBKIT

function isAsked(part) {
  if (args.includes('--suite') || args.includes('--mutants')) return args.includes(`--${part}`)
  return part === 'suite' || !(isInEnginesOnly || asked)
}

/** Writes the results to docs/faults.json and docs/delivery.md. A test compares the two. */
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
    console.log(
      `  ${name} (${about}): ${isCaught ? `caught by ${[...new Set(red)].join(', ')}` : `NOT CAUGHT\n${text}`}`,
    )
  }
}
process.exit(failed ? 1 : 0)
