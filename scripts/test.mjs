// `npm test`: runs all checks one after another, tells how long each part took, and ends with "N passed, N failed". A step
// that runs tests counts each test. Any other step counts as one. Unit tests come first, so that a mistake shows within a
// minute. With --long (`npm run test:long`), SOJOURN_LONG is set: then the cases in the browsers that are marked @long run
// too, contracts run on further kinds of a store, and properties are checked more often.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import './check-node.mjs'
import { needBrowsers, needShell } from './browser.mjs'
import { needPostgres } from './postgres.mjs'
import { runProofs } from './proof.mjs'
import { useMemory } from './temp.mjs'
import { makeVariants } from './variants.mjs'

const results = 'build/results'
let passed = 0
let notRun = 0
/** What failed, by name. */
const failed = []
/** How long each part took, as text. */
const took = []

/** Notes how long a part took. */
async function timed(part, work) {
  const started = Date.now()
  const result = await work()
  took.push(`${part} ${((Date.now() - started) / 1000).toFixed(0)} s`)
  return result
}

/** Runs a command. Its output is shown as it comes, or at the end if others run beside it. Returns whether it succeeded. */
async function run(command, args, { env = {}, isBeside = false } = {}) {
  const started = Date.now()
  const title = `\n▸ ${command} ${args.join(' ')}`
  if (!isBeside) console.log(title)
  const child = spawn(command, args, {
    stdio: ['inherit', ...Array(2).fill(isBeside ? 'pipe' : 'inherit')],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  const parts = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', part => parts.push(part))
  const status = await new Promise(resolve => {
    child.on('error', error => resolve(parts.push(Buffer.from(`${error.message}\n`)) && null))
    child.on('close', resolve)
  })
  if (isBeside) console.log(title)
  process.stdout.write(Buffer.concat(parts))
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return status === 0
}

/** Runs steps beside each other. Each counts as one test. */
async function steps(...commands) {
  await Promise.all(
    commands.map(async ([command, ...args]) => {
      if (await run(command, args, { isBeside: true })) passed++
      else failed.push(`${command} ${args.join(' ')}`)
    }),
  )
}

/** Runs tests, and counts what their report says. `read` takes the names of what failed from the report. */
async function suite(file, command, args, read, env) {
  rmSync(file, { force: true })
  const isGreen = await run(command, args, { env })
  let found = { passed: 0, failed: [] }
  try {
    found = read(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    console.error(`  the report could not be read: ${error.message}`)
  }
  passed += found.passed
  failed.push(...(found.failed.length || isGreen ? found.failed : [`${command} ${args.join(' ')}`]))
  notRun += found.notRun ?? 0
}

function readVitest({ numPassedTests, numPendingTests, testResults }) {
  const names = testResults.flatMap(({ name, status, assertionResults }) =>
    status === 'failed' && !assertionResults.length
      ? relative('.', name)
      : assertionResults.flatMap(one => (one.status === 'failed' ? `${relative('.', name)} › ${one.fullName}` : [])),
  )
  return { passed: numPassedTests, notRun: numPendingTests, failed: names }
}

function readPlaywright({ stats, suites }) {
  const namesIn = ({ file, title, suites = [], specs = [] }) => [
    ...specs.flatMap(spec =>
      spec.ok && !spec.tests.some(({ status }) => status === 'flaky') ? [] : `${file ?? title} › ${spec.title}`,
    ),
    ...suites.flatMap(namesIn),
  ]
  return { passed: stats.expected, failed: suites.flatMap(namesIn), notRun: stats.skipped }
}

/** Tells what failed once more, because it may stand far above, and ends. */
function end() {
  if (notRun) console.log(`\n${notRun} tests were NOT RUN, because this machine lacks what they need (see above)`)
  if (failed.length) console.log(`\nfailed:\n${failed.map(name => `  ${name}`).join('\n')}`)
  console.log(`\ntook: ${took.join(', ')}`)
  console.log(`\n${passed} passed, ${failed.length} failed`)
  process.exit(failed.length ? 1 : 0)
}

const long = process.argv.includes('--long') ? { SOJOURN_LONG: '1' } : {}
const browsers = needBrowsers()
needPostgres()
// Only the last step needs it, and nothing installs after this.
const shell = needShell()
useMemory()
if (!(await timed('build', () => run('npm', ['run', '--silent', 'build'])))) {
  failed.push('npm run build')
  end()
}
mkdirSync(results, { recursive: true })
await timed('format', () => steps(['biome', 'check', '.']))
await timed('unit tests', () =>
  suite(
    `${results}/unit.json`,
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}/unit.json`],
    readVitest,
    // Vitest leaves one core free, which is half of two. Tests on PostgreSQL wait for it, so there is one worker more.
    { VITEST_MAX_WORKERS: String(availableParallelism() + 1), ...long },
  ),
)
// Its scripts build anew, which takes time, so that only the long form runs them. Nothing that reads a build runs beside it.
const scripts = process.argv.includes('--long') ? [] : ['--ignore-scripts']
await timed('pack', () => steps(['npm', 'pack', '--silent', ...scripts, '--pack-destination', results]))
const packed = `${results}/sojourn-${JSON.parse(readFileSync('package.json', 'utf8')).version}.tgz`
const aboutTypes = ['--profile', 'node16', '--format', 'ascii', '--exclude-entrypoints', 'sojourn.js', 'inspector.js']
await timed('lint and types', () =>
  steps(
    ['oxlint', '--type-aware'],
    ...['.', 'collector', 'collector/explorer', 'conformance'].map(folder => [
      'tsc',
      '-p',
      `${folder}/tsconfig.test.json`,
    ]),
    ...['.', 'collector', 'conformance'].map(folder => ['publint', folder, '--strict']),
    ['attw', packed, ...aboutTypes],
  ),
)
if (process.argv.includes('--long')) await timed('Jest', () => steps(['node', 'scripts/jest.mjs']))
console.log('\n▸ proofs, short')
const proofs = await timed('proofs', () => runProofs('short'))
passed += proofs.passed
failed.push(...proofs.failedNames)
notRun += proofs.notRun
// After the last pack, which builds anew.
if (process.argv.includes('--long')) await timed('site', () => steps(['node', 'scripts/docs.mjs']))
await timed('browsers', async () => {
  await makeVariants()
  const env = { ...browsers, ...(await shell), ...long }
  await suite(`${results}/e2e.json`, 'playwright', ['test'], readPlaywright, env)
})
end()
