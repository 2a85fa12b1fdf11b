import { defineConfig } from '@playwright/test'
import { chromiumArgs, needChromium } from './scripts/browser.mjs'

// `npm run faults` runs all, with `--once` each with its first count only; one of each group stands for it in `npm test`.
const grep = { all: /./, once: /@once/ }[process.env.SOJOURN_FAULTS ?? ''] ?? /@short/

export default defineConfig({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  retries: 0,
  outputDir: 'build/e2e',
  use: { launchOptions: { executablePath: needChromium(), args: chromiumArgs } },
  projects: [
    { name: 'e2e', testMatch: '*.spec.ts' },
    {
      name: 'faults',
      testMatch: 'faults/*.fault.ts',
      fullyParallel: true,
      grep,
    },
    // The cases that run in every engine.
    { name: 'engines', testMatch: 'engines/*.engine.ts', fullyParallel: true, grep },
  ],
  reporter: [['list'], ['json', { outputFile: 'build/results/e2e.json' }], ['./e2e/faults/table.ts']],
})
