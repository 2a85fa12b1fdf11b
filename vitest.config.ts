import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'sojourn', include: ['test/**/*.test.ts'] } },
      './collector/vitest.config.ts',
      './conformance/vitest.config.ts',
    ],
  },
})
