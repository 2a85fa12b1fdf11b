import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { 'sojourn/record': fileURLToPath(new URL('../src/record/index.ts', import.meta.url)) } },
  // Some tests start processes, which takes seconds on a busy machine.
  test: {
    include: ['test/**/*.test.ts'],
    // No test changes what another file sees, so that a worker loads the collector once and not for each file.
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: ['test/helpers/global.ts'],
  },
})
