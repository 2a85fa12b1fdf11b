import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Proofs that take longest. They begin first, so that no worker waits at the end for one of them. */
const longest = ['fuzz', 'gone', 'several', 'disk', 'kill', 'backup']

function rankOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex(name => moduleId.endsWith(`/${name}.proof.ts`))
  return place < 0 ? longest.length : place
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b))
  }
}

// Proofs with real processes. `npm test` runs the short form, `npm run proof` the long form. Run `npm run build` first.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { alias: { 'sojourn/record': fileURLToPath(new URL('../../src/record/index.ts', import.meta.url)) } },
  test: {
    name: 'proof',
    include: ['*.proof.ts'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: 4,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    // What happens in another process takes seconds on a busy machine.
    expect: { poll: { timeout: 60_000 } },
  },
})
