// Tests the proofs themselves. Each mutant is a collector with one fault that loses or doubles records. The proofs must
// fail on every mutant.
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const mutants = {
  'answers-before-commit': {
    about: 'acknowledges before the commit',
    changes: [
      [
        'const gone = await store.merge(',
        'for (const { settle } of group) settle({ gone: [] });\n            const gone = await store.merge(',
      ],
    ],
    proofs: ['kill', '-t', 'collector is killed'],
  },
  'no-retry-after': {
    about: 'answers 503 without Retry-After',
    changes: [["{ 'Retry-After': String(seconds) }", '{}']],
    proofs: ['disk', '-t', 'may not grow'],
  },
  'ignores-moved-file': {
    about: 'does not notice that its file was moved',
    changes: [['if (toFileID(one) !== opened[n])', 'if (false)']],
    proofs: ['disk', '-t', 'deleted'],
  },
  'admits-all-bytes': {
    about: 'limits the number of waiting batches, but not their bytes',
    changes: [['const maxAdmittedBytes = 32 * 1024 * 1024', 'const maxAdmittedBytes = Infinity']],
    proofs: ['bounded', '-t', 'SQLite'],
  },
  'repeats-list-items': {
    about: 'lists each item twice',
    changes: [['items.push(new Written(text));', 'items.push(new Written(text), new Written(text));']],
    proofs: ['kill', '-t', 'collector is killed at random moments, on SQLite'],
  },
  'migrates-without-lock': {
    about: 'lets several collectors migrate one PostgreSQL at the same time',
    changes: [["await run('SELECT pg_advisory_xact_lock($1)', [migrationLock]);", '']],
    proofs: ['several', '-t', 'same time on an empty database, on PostgreSQL'],
  },
  'migrates-file-in-parts': {
    about: 'migrates an SQLite file without a transaction',
    changes: [
      ['const step = db.transaction(() => {', 'const step = Object.assign(() => {'],
      ['step.immediate();', 'step();'],
    ],
    proofs: ['migration', '-t', 'SQLite'],
  },
  'migrates-server-in-parts': {
    about: 'migrates a PostgreSQL database without a transaction',
    changes: [
      [
        "await run('BEGIN', []);\n    await run('SELECT pg_advisory_xact_lock($1)'",
        "await run('SELECT pg_advisory_lock($1)'",
      ],
    ],
    proofs: ['migration', '-t', 'PostgreSQL'],
  },
  'merges-what-was-erased': {
    about: 'writes groups that were filtered before the last erasure',
    changes: [['(n === present ?', '(true ?']],
    proofs: ['erase', '-t', 'SQLite'],
  },
  'removes-what-went-on': {
    about: 'removes old visits although events of them were received lately',
    changes: [["none('sessions', 'receivedAt'), none('events', 'serverTimestamp')", "none('sessions', 'receivedAt')"]],
    proofs: ['retention', '-t', 'SQLite'],
  },
  'copies-under-its-name': {
    about: 'gives a backup its name before it is whole',
    changes: [
      ['const part = `${to}.part`;', 'const part = to;'],
      [
        'const part = writePart(from, to);\n    try {\n        giveName(part, to);\n    }\n    finally {\n        rmSync(part, { force: true });\n    }',
        'writePart(from, to);',
      ],
    ],
    proofs: ['backup'],
  },
  'ignores-other-host': {
    about: 'never connects to the other host',
    changes: [['if (current === at)', 'if (false)']],
    proofs: ['failover'],
  },
  'ends-on-broken-connection': {
    about: 'ends when a busy connection breaks',
    changes: [["pool.on('connect', client => client.on('error', () => undefined));", '']],
    proofs: ['gone', '-t', 'connections are cut'],
  },
  'takes-steps-of-paths': {
    about: 'takes the ids . and .., by which nothing can be read',
    changes: [['/^\\.\\.?$/', '/^$/']],
    proofs: ['fuzz'],
  },
  'always-prepares': {
    about: 'prepares statements by name although the pooler loses them',
    changes: [['isNaming = false', 'isNaming = true']],
    proofs: ['pooler'],
  },
}

/** Runs the proofs on each mutant whose name contains `only`. Returns how many were caught and how many were missed. */
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
          SOJOURN_COLLECTOR: `${process.cwd()}/build/mutants/${name}/dist/cli.js`,
        },
        shell: process.platform === 'win32',
      },
    )
    const red = /→ (.*)/.exec(stdout)?.[1]
    const isCaught = status !== 0 && red !== undefined
    if (isCaught) caught++
    else missed++
    console.log(`  ${name} (${about}): ${isCaught ? `caught, ${red.slice(0, 120)}` : `NOT CAUGHT\n${stdout}`}`)
  }
  return { caught, missed }
}

function makeMutant(name, changes) {
  const folder = `build/mutants/${name}/dist`
  rmSync(folder, { recursive: true, force: true })
  cpSync('collector/dist', folder, { recursive: true })
  // The command reads its version there.
  copyFileSync('collector/package.json', `build/mutants/${name}/package.json`)
  const files = readdirSync(folder).flatMap(file => (/^(?!sojourn\.).*\.js$/.test(file) ? [`${folder}/${file}`] : []))
  for (const [from, to] of changes) {
    const holding = files.filter(file => readFileSync(file, 'utf8').includes(from))
    if (holding.length !== 1) throw new Error(`the mutant ${name} does not match the code any more: ${from}`)
    writeFileSync(
      holding[0],
      readFileSync(holding[0], 'utf8').replace(from, () => to),
    )
  }
  // A mutant that does not even start would be caught by every proof.
  const started = spawnSync(process.execPath, [`${folder}/cli.js`, '--version'], { encoding: 'utf8' })
  if (started.status !== 0) throw new Error(`the mutant ${name} does not start: ${started.stderr}`)
}
