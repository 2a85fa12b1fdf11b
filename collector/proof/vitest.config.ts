import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Proofs with real processes. `npm test` runs the short form, `npm run proof` the long form. Run `npm run build` first.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { alias: { 'sojourn/record': fileURLToPath(new URL('../../src/record/index.ts', import.meta.url)) } },
  test: { name: 'proof', include: ['*.proof.ts'], maxWorkers: 3, testTimeout: 3_600_000, hookTimeout: 120_000 },
})
