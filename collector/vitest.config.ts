import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { 'sojourn/record': fileURLToPath(new URL('../src/record/index.ts', import.meta.url)) } },
  // Some tests start processes, which takes seconds on a busy machine.
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 30_000 } },
    globalSetup: ['test/helpers/global.ts'],
  },
})
