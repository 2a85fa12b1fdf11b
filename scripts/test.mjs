// `npm test`: runs all checks one after another, and ends with "N passed, N failed". A step that runs tests counts each
// test. Any other step counts as one. Unit tests come first, so that a mistake shows within a minute. With --long (`npm run
// test:long`) the cases in the browsers that are marked @long run too: further variants of promises.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import './check-node.mjs'
import { needBrowsers } from './browser.mjs'
import { needPostgres } from './postgres.mjs'
import { runProofs } from './proof.mjs'
import { makeVariants } from './variants.mjs'

const results = 'build/results'
let passed = 0
let failed = 0
let notRun = 0

function run(command, args, env = {}) {
  const started = Date.now()
  console.log(`\n▸ ${command} ${args.join(' ')}`)
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return status === 0
}

function step(command, args) {
  if (run(command, args)) passed++
  else failed++
}

function suite(file, command, args, read, env) {
  rmSync(file, { force: true })
  const isGreen = run(command, args, env)
  let counts = { passed: 0, failed: 0 }
  try {
    counts = read(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    console.error(`  the report could not be read: ${error.message}`)
  }
  passed += counts.passed
  failed += counts.failed || (isGreen ? 0 : 1)
  notRun += counts.notRun ?? 0
}

const long = process.argv.includes('--long') ? { SOJOURN_LONG: '1' } : {}
const browsers = needBrowsers()
needPostgres()
mkdirSync(results, { recursive: true })
if (!run('npm', ['run', '--silent', 'build'])) {
  console.log('\n0 passed, 1 failed')
  process.exit(1)
}
mkdirSync(results, { recursive: true })
step('biome', ['check', '.'])
suite(
  `${results}/unit.json`,
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}/unit.json`],
  report => ({
    passed: report.numPassedTests,
    notRun: report.numPendingTests,
    failed:
      report.numFailedTests +
      report.testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.length)
        .length,
  }),
  // Vitest leaves one core free, which is half of two. Tests on PostgreSQL wait for it, so there is one worker more.
  { VITEST_MAX_WORKERS: String(availableParallelism() + 1), ...long },
)
step('oxlint', ['--type-aware'])
step('tsc', ['-p', 'tsconfig.test.json'])
step('tsc', ['-p', 'collector/explorer/tsconfig.test.json'])
step('tsc', ['-p', 'conformance/tsconfig.test.json'])
for (const folder of ['.', 'collector', 'conformance']) step('publint', [folder, '--strict'])
step('attw', [
  '--pack',
  '.',
  '--profile',
  'node16',
  '--format',
  'ascii',
  '--exclude-entrypoints',
  'sojourn.js',
  'inspector.js',
])
console.log('\n▸ proofs, short')
const proofs = runProofs('short')
passed += proofs.passed
failed += proofs.failed
notRun += proofs.notRun
await makeVariants()
suite(
  `${results}/e2e.json`,
  'playwright',
  ['test'],
  ({ stats }) => ({ passed: stats.expected, failed: stats.unexpected + stats.flaky, notRun: stats.skipped }),
  { ...browsers, ...long },
)
if (notRun) console.log(`\n${notRun} tests were NOT RUN, because this machine lacks what they need (see above)`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
