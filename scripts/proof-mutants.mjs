// What holds the proofs themselves to their word: collectors that each lack something that no record may be without. On
// every one the proofs must go red.
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const mutants = {
  'answers-first': {
    about: 'acknowledges before the commit',
    changes: [
      ['await store.merge(', "for (const { settle } of group) settle('stored');\n            await store.merge("],
    ],
    proofs: ['kill', '-t', 'collector is killed'],
  },
  'says-no-time': {
    about: '503 without Retry-After',
    changes: [["{ 'Retry-After': String(seconds) }", '{}']],
    proofs: ['disk', '-t', 'may not grow'],
  },
  'looks-never': {
    about: 'does not see that its file was moved',
    changes: [['if (toFileID(one) !== opened[n])', 'if (false)']],
    proofs: ['disk', '-t', 'deleted'],
  },
  'takes-all': {
    about: 'counts the batches that wait, and not their bytes',
    changes: [['const maxAdmittedBytes = 32 * 1024 * 1024', 'const maxAdmittedBytes = Infinity']],
    proofs: ['bounded', '-t', 'SQLite'],
  },
  'lists-twice': {
    about: 'tells each item of a list twice',
    changes: [['return { items: found, next };', 'return { items: [...found, ...found], next };']],
    proofs: ['kill', '-t', 'collector is killed at random moments, on SQLite'],
  },
  'migrates-at-once': {
    about: 'several migrate one PostgreSQL at the same time',
    changes: [["await run('SELECT pg_advisory_xact_lock($1)', [migrationLock]);", '']],
    proofs: ['several', '-t', 'same instant on an empty database, on PostgreSQL'],
  },
  'stays-with-one': {
    about: 'never asks the other host',
    changes: [['if (current === at)', 'if (false)']],
    proofs: ['failover'],
  },
  'hears-no-break': {
    about: 'ends when a connection breaks while it is used',
    changes: [["pool.on('connect', client => client.on('error', () => undefined));", '']],
    proofs: ['gone', '-t', 'connections cut'],
  },
  'names-for-ever': {
    about: 'trusts that a pooler knows its statements',
    changes: [['isNaming = false', 'isNaming = true']],
    proofs: ['pooler'],
  },
}

/** Runs the proofs on each mutant that has `only` in its name, and tells how many were caught and how many were not. */
export function runMutants(only = '') {
  let [caught, missed] = [0, 0]
  for (const [name, { about, changes, proofs }] of Object.entries(mutants)) {
    if (!name.includes(only)) continue
    makeMutant(name, changes)
    const { status, stdout } = spawnSync(
      'vitest',
      ['run', '--config', 'collector/proof/vitest.config.ts', '--no-color', '--reporter=verbose', ...proofs],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          SOJOURN_PROOF: 'mutant',
          SOJOURN_COLLECTOR: `${process.cwd()}/build/mutants/${name}/cli.js`,
        },
        shell: process.platform === 'win32',
      },
    )
    const red = /→ (.*)/.exec(stdout)?.[1]
    const isCaught = status !== 0 && red !== undefined
    if (isCaught) caught++
    else missed++
    console.log(`  ${name} (${about}): ${isCaught ? `red, ${red.slice(0, 120)}` : `NOT CAUGHT\n${stdout}`}`)
  }
  return { caught, missed }
}

function makeMutant(name, changes) {
  const folder = `build/mutants/${name}`
  rmSync(folder, { recursive: true, force: true })
  cpSync('collector/dist', folder, { recursive: true })
  const files = readdirSync(folder).flatMap(file => (/^(?!sojourn\.).*\.js$/.test(file) ? [`${folder}/${file}`] : []))
  for (const [from, to] of changes) {
    const holding = files.filter(file => readFileSync(file, 'utf8').includes(from))
    if (holding.length !== 1) throw new Error(`the mutant ${name} does not fit any more: ${from}`)
    writeFileSync(
      holding[0],
      readFileSync(holding[0], 'utf8').replace(from, () => to),
    )
  }
}
