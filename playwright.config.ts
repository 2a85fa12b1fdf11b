import { defineConfig } from '@playwright/test'
import { chromiumArgs, needChromium } from './scripts/browser.mjs'

export default defineConfig({
  testDir: 'e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'build/results/e2e.json' }]],
  outputDir: 'build/e2e',
  use: { launchOptions: { executablePath: needChromium(), args: chromiumArgs } },
})
