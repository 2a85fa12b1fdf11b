import { defineConfig } from '@playwright/test'
import type { DatabaseOption } from './e2e/helpers/test.js'
import { findShell, launchArgs, needChromium } from './scripts/browser.mjs'

// `npm run faults` runs all cases, and with `--once` only their first number of events. `npm test` runs one case per
// group.
const grep = { all: /./, once: /@once/ }[process.env.SOJOURN_FAULTS ?? ''] ?? /@short/
// `npm run test:long` also runs further variants of a promise of which `npm test` runs one.
const grepInvert = process.env.SOJOURN_LONG ? /^$/ : /@long/

/** A worker starts for each project anew, so that a project of few cases has one. */
const few = grep.source === '@short' ? { workers: 1 } : {}

export default defineConfig<object, DatabaseOption>({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  // Tests wait more than they compute, so there are more of them than cores of a small machine.
  workers: 3,
  retries: 0,
  outputDir: 'build/e2e',
  use: {
    launchOptions: {
      // Tests that hide a tab, or need the back/forward cache, start a whole Chromium.
      executablePath: findShell() ?? needChromium(),
      // Every host name leads to this machine, so that a page can have any address.
      args: [...launchArgs, '--host-resolver-rules=MAP * 127.0.0.1'],
    },
  },
  projects: [
    // Cases that run in every engine. The longest wait half a minute, so they begin first.
    { name: 'engines', testMatch: 'engines/*.engine.ts', fullyParallel: true, grep, ...few },
    { name: 'faults', testMatch: 'faults/*.fault.ts', fullyParallel: true, grep, ...few },
    { name: 'e2e', testMatch: '*.spec.ts', fullyParallel: true, grepInvert },
    // The explorer with the other database. It shares its text of every query, which the contracts compare.
    ...(process.env.SOJOURN_LONG
      ? [
          {
            name: 'explorer on PostgreSQL',
            testMatch: 'explorer*.spec.ts',
            fullyParallel: true,
            use: { database: 'PostgreSQL' },
          } as const,
        ]
      : []),
    // `npm run examples` installs what these drive.
    {
      name: 'examples',
      testMatch: 'examples/*.example.ts',
      grep: process.env.SOJOURN_EXAMPLES ? /./ : /$^/,
    },
  ],
  reporter: [['list'], ['json', { outputFile: 'build/results/e2e.json' }], ['./e2e/faults/table.ts']],
})
