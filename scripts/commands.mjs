// The npm scripts that have options: what `--help` prints, and which arguments they take. `run.mjs` runs them.

const text = { type: 'string' }
const yes = { type: 'boolean' }

/** What goes to Playwright as it is. */
const ofPlaywright = {
  grep: { ...text, short: 'g' },
  'grep-invert': text,
  workers: { ...text, short: 'j' },
  'repeat-each': text,
  'max-failures': text,
  reporter: text,
  timeout: text,
  trace: text,
  headed: yes,
  debug: yes,
  x: { ...yes, short: 'x' },
}

/** What goes to Vitest as it is. */
const ofVitest = { testNamePattern: { ...text, short: 't' }, reporter: text, testTimeout: text, bail: text }

const build = ['npm', 'run', 'build', '--silent']

/**
 * Each has its `file`, what runs `before` it, its own `options`, which names some of them may list (`among`), those that are `passed` to
 * another program, and whether it takes `words`, which are no options.
 */
export const commands = {
  test: {
    file: 'scripts/test.mjs',
    options: { long: yes },
    help: `npm test: builds, checks, and runs all tests that need no hour.

  --long    with what takes long too, as npm run test:long does`,
  },
  'test:jest': {
    file: 'scripts/jest.mjs',
    before: [build],
    options: { lock: yes },
    help: `npm run test:jest: runs the sample of the guide in Jest, with the packed library.

  --lock    writes the lockfile anew, and runs nothing`,
  },
  demo: {
    file: 'demo/serve.mjs',
    before: [build],
    options: { port: text, 'collector-port': text, db: text, traffic: text, 'seed-days': text, seed: text },
    help: `npm run demo -- [options]: serves a small shop, and a collector for it.

  --port <number>            of the shop; default: 4317
  --collector-port <number>  default: 4318
  --db <file>                the database of the collector; default: a file of the temporary folder
  --traffic <number>         visitors that are made up, at a time; default: 0
  --seed-days <number>       days of visits that are made up before the start; default: 0
  --seed <number>            the same number makes up the same visits; default: 1`,
  },
  'test:e2e': {
    file: 'scripts/e2e.mjs',
    before: [build],
    passed: { ...ofPlaywright, project: text, list: yes, ui: yes, 'last-failed': yes },
    words: true,
    help: 'npm run test:e2e -- [files] [options]: runs the tests in the browser, and with files, such as e2e/inspector.spec.ts, these only.',
  },
  fixtures: {
    file: 'scripts/fixtures.mjs',
    before: [build],
    options: { browser: text, lock: yes, note: yes, serve: yes },
    passed: ofPlaywright,
    words: true,
    help: `npm run fixtures -- [names] [options]: builds the applications in fixtures/ as their developers would, and keeps the promises of
fixtures/promises.ts to each in a browser, against the real collector.

  --browser <names>    the engines, such as firefox or chromium,webkit; all for all three; default: chromium
  --lock               writes the lockfiles of the fixtures anew, and runs nothing
  --note               writes into docs/guide/recipes/index.md how many promises each has kept in each engine
  --serve              serves the fixtures until it is ended, and runs nothing`,
  },
  faults: {
    file: 'scripts/faults.mjs',
    before: [build],
    options: { suite: yes, mutants: yes, engines: yes, in: text, once: yes, publish: yes },
    passed: ofPlaywright,
    words: true,
    help: `npm run faults -- [options]: runs the fault suite in all engines and prints its table. Then it runs the mutation check: each mutant of
the library loses or repeats records, and the suite must fail on it.

  --suite              runs only the suite
  --mutants            runs only the mutation check
  --engines            runs only the cases that run in every engine, without the mutation check
  --in <names>         runs only in these engines (chromium, firefox, webkit), without the mutation check
  --once               runs each case with one number of events
  --publish            writes the results to docs/faults.json and to the table in docs/delivery.md. A run of some cases or
                       engines replaces only their results`,
  },
  proof: {
    file: 'scripts/proof.mjs',
    before: [build],
    options: { short: yes, mutants: yes, publish: yes },
    passed: ofVitest,
    words: true,
    help: `npm run proof -- [files] [options]: runs the proofs of the collector in their long form, with real processes, crashes and disks. Then
it runs them on mutants of the collector, on which they must fail. With files, such as kill, it runs these proofs only.

  --short              runs the short form, as npm test does
  --mutants            runs the mutants only; a word names one
  --publish            writes the rows of these proofs to docs/proof.json and docs/proof.md. A whole run that passes does so by itself`,
  },
  runtimes: {
    file: 'scripts/runtimes/run.mjs',
    before: [build, ['npm', 'ci', '--silent', '--prefix', 'scripts/runtimes']],
    help: 'npm run runtimes: imports every export in Node, Deno, Bun, workers and browsers. It has no options.',
  },
  api: {
    file: 'scripts/api.mjs',
    help: 'npm run api: writes test/api.d.ts, the snapshot of what the packages export, from the build. It has no options.',
  },
  size: {
    file: 'scripts/size.mjs',
    options: { parts: yes },
    help: `npm run size: prints the size of each build in bytes of brotli.

  --parts    the size of each file too`,
  },
  docs: {
    file: 'scripts/docs.mjs',
    options: { serve: yes },
    help: `npm run docs: builds the documentation into the package of the collector, and fails if a link leads nowhere.

  --serve    builds again and again, and serves it at http://localhost:8080/, as npm run docs:dev does`,
  },
  examples: {
    file: 'scripts/examples.mjs',
    before: [build],
    options: { start: yes, lock: yes },
    words: true,
    help: `npm run examples -- [names] [options]: installs the applications of examples/ as a reader would, starts each with npm start, and drives
it in Chromium.

  --start    starts the one that is named, and runs no test
  --lock     writes the lockfiles anew, and runs nothing`,
  },
  bench: {
    file: 'bench/browser.mjs',
    before: [build],
    options: { rounds: text, parts: text, publish: yes },
    among: { parts: ['sizes', 'start', 'leftovers', 'large'] },
    help: `npm run bench -- [options]: measures what Sojourn costs a page, compared with a plain outbox.

  --rounds <number>   rounds of each measurement; default: 5; leftovers takes four page loads in each round
  --parts <names>     default: sizes,start,leftovers,large
  --publish           writes docs/speed.json and the tables in docs/size-and-speed.md; other parts keep their figures

The exit code is 1 if a figure misses its bound.`,
  },
  'bench:peers': {
    file: 'bench/peers/run.mjs',
    before: [build, ['npm', 'ci', '--silent', '--ignore-scripts', '--prefix', 'bench/peers']],
    options: { only: text, parts: text, rounds: text, lanes: text, case: text, publish: yes, print: yes },
    among: { parts: ['speed', 'faults'] },
    help: `npm run bench:peers -- [options]: measures other trackers beside Sojourn.

  --only <names>     default: all, as bench/peers/trackers.mjs names them
  --parts <names>    speed,faults; default: both. Sizes are always measured. The published figures of a part that is not
                     measured are kept
  --rounds <number>  rounds of the speed, in turns; default: 5
  --lanes <number>   cases of faults at the same time; default: 3
  --case <words>     only the cases whose names contain them
  --publish          writes bench/peers/results.json, the tables in docs/peers.md and README.md, and the pictures
  --print            measures nothing, and writes tables and pictures anew from results.json`,
  },
  'bench:collector': {
    file: 'bench/collector.mjs',
    before: [build],
    options: {
      quick: yes,
      publish: yes,
      stores: text,
      parts: text,
      events: text,
      records: text,
      against: text,
      rounds: text,
      seconds: text,
      profile: text,
    },
    among: {
      parts: ['baseline', 'replays', 'filled', 'numbers', 'merge', 'count'],
      stores: ['sqlite', 'postgres'],
      profile: ['sqlite', 'postgres'],
    },
    help: `npm run bench:collector -- [options]: measures ingest, compared with a bare endpoint, and the time of reads.

  --quick              takes about a minute; its figures cannot be published
  --stores <names>     default: sqlite,postgres
  --parts <names>      default: baseline,replays,filled. numbers: how long each question about numbers takes;
                       merge and count: the CPU of a batch and of counting a visit in the store alone
  --events <number>    events of the filled database; default: 10000000, quick: 100000
  --records <numbers>  records of one batch, for the parts baseline and merge; default: 22. For example 2,6,22
  --against <folder>   a checkout of another version, with its built collector, that takes turns in the parts baseline, merge and count
  --rounds <number>    default: 5, quick: 3
  --seconds <number>   of one turn, after the warm-up; default: 4, quick: 1.5
  --profile <store>    only profiles the collector on this store
  --publish            writes docs/collector-figures.json and the tables in docs/scale.md; needs a full run.
                       With --parts numbers: docs/numbers-figures.json and its table`,
  },
}

/** The lines of the help about what goes to another program. */
function toPassedLines(passed) {
  const names = Object.entries(passed).map(([name, { short }]) => (short ? `-${short}` : `--${name}`))
  return `\n\n${passed === ofVitest ? 'Vitest' : 'Playwright'} gets: ${names.join(', ')}`
}

/** What `--help` prints. */
export function toHelp({ help, passed }) {
  return `${help}${passed ? toPassedLines(passed) : ''}`
}
