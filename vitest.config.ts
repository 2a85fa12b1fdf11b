import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest. They begin first, so that no worker waits at the end for one of them. */
const longest = [
  'store/postgres',
  'bounded',
  'ours',
  'growth',
  'store/sqlite',
  'openapi',
  'postgres-tables',
  'postgres-numbers',
  'ours-postgres',
  'broken',
  'numbers-routes',
  'postgres-plans',
  'stream',
]

function rankOf({ moduleId }: TestSpecification): number {
  const place = longest.findIndex(name => moduleId.endsWith(`/${name}.test.ts`))
  return place < 0 ? longest.length : place
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rankOf(a) - rankOf(b))
  }
}

/** The samples of the guide import the packages, so they need a build. */
const samples = existsSync('dist/esm/testing/index.js') ? ['test/samples/*.test.{js,jsx}'] : []

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // A busy machine takes long for properties with many examples.
      {
        test: {
          name: 'sojourn',
          include: ['test/**/*.test.ts', ...samples],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
        },
      },
      './collector/vitest.config.ts',
      './conformance/vitest.config.ts',
    ],
  },
})
