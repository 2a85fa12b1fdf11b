// `npm run proof`: runs the proofs in their long form, with real processes, crashes and disks. Then it runs them on
// mutants of the collector, on which they must fail. `commands.mjs` has its options.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import './check-node.mjs'
import { toTable } from '../collector/proof/table.ts'
import { findPostgres } from '../collector/test/helpers/binaries.ts'
import { needPostgres, wantPgbouncer } from './postgres.mjs'
import { runMutants } from './proof-mutants.mjs'

const lines = 'build/results/proof.jsonl'
const results = 'build/results/proof-tests.json'

/** Runs the proofs. Returns how many passed, which failed, and how many this machine could not run. */
export function runProofs(form, args = []) {
  if (needPostgres()) wantPgbouncer()
  mkdirSync('build/results', { recursive: true })
  for (const path of [lines, results]) rmSync(path, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${process.cwd()}/${results}`]
  const { status } = spawnSync(
    'vitest',
    ['run', '--config', 'collector/proof/vitest.config.ts', ...reporters, ...args],
    {
      stdio: 'inherit',
      env: { ...process.env, SOJOURN_PROOF: form },
      shell: process.platform === 'win32',
    },
  )
  const read = existsSync(lines)
    ? readFileSync(lines, 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    : []
  const notRun = read.filter(line => line.notRun)
  const reasons = Map.groupBy(notRun, ({ why }) => why)
  for (const [why, some] of reasons) console.log(`\nNOT RUN: ${some.map(({ notRun }) => notRun).join('; ')} (${why})`)
  const counted = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : null
  const passed = counted?.numPassedTests ?? 0
  const failedNames = (counted?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults.flatMap(one => (one.status === 'failed' ? `${relative('.', name)} › ${one.fullName}` : [])),
  )
  if (!failedNames.length && status !== 0) failedNames.push('the proofs')
  return {
    passed,
    failed: failedNames.length,
    failedNames,
    notRun: notRun.length,
    rows: read.filter(line => line.proof),
  }
}

function publish(fresh, isPart) {
  const name = ({ proof, store, trouble = '' }) => `${proof} ${store} ${trouble}`
  const today = new Date().toISOString().slice(0, 10)
  const before = isPart ? JSON.parse(readFileSync('docs/proof.json', 'utf8')) : { made: today, rows: [] }
  const places = new Set(fresh.map(({ proof, store }) => name({ proof, store })))
  const kept = before.rows.filter(({ proof, store }) => !places.has(name({ proof, store })))
  const sorted = [...kept, ...fresh].sort((a, b) => (name(a) < name(b) ? -1 : 1))
  const [first] = before.made.split(' to ')
  const postgres = findPostgres()
  const tools = `Node ${process.versions.node}${postgres ? ` and PostgreSQL ${postgres.version}` : ''}`
  const where = `${process.platform} with ${availableParallelism()} cores, ${tools}`
  const found = { made: first === today ? today : `${first} to ${today}`, where, rows: sorted }
  writeFileSync('docs/proof.json', `${JSON.stringify(found, null, 2)}\n`)
  const marks = /(<!-- made by: npm run proof -->\n)[^]*(<!-- end -->)/
  const page = readFileSync('docs/proof.md', 'utf8')
  writeFileSync(
    'docs/proof.md',
    page.replace(marks, (_all, from, to) => `${from}\n${toTable(found)}\n\n${to}`),
  )
}

if (process.argv[1]?.endsWith('proof.mjs')) {
  const own = ['--short', '--mutants', '--publish']
  const [isShort, isMutants, isAsked] = own.map(flag => process.argv.includes(flag))
  const filters = process.argv.slice(2).filter(arg => !own.includes(arg))
  const isWhole = !isShort && !isMutants && !filters.length
  const came = isMutants ? { passed: 0, failed: 0, notRun: 0 } : runProofs(isShort ? 'short' : 'long', filters)
  if (!came.failed && (isWhole || (isAsked && !isShort && !isMutants))) publish(came.rows, !isWhole)
  if ((isWhole || isMutants) && needPostgres()) {
    console.log('\nthe proofs on mutants of the collector:')
    const { caught, missed } = runMutants(filters[0])
    came.passed += caught
    came.failed += missed
  }
  if (came.notRun) console.log(`\nnot run: ${came.notRun}`)
  console.log(`\n${came.passed} passed, ${came.failed} failed`)
  process.exit(came.failed ? 1 : 0)
}
