import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// What is shown by real processes: `npm test` runs it short, `npm run proof` long. It needs `npm run build` before.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { name: 'proof', include: ['*.proof.ts'], maxWorkers: 3, testTimeout: 3_600_000, hookTimeout: 120_000 },
})
