import type { TestProject } from 'vitest/node'
import { findPostgres, postgresHint } from './binaries.js'
import { type Address, startCluster } from './postgres.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that the test files of a run share; `null` where there is no PostgreSQL. */
    readonly postgres: Address | null
  }
}

/** Once for all test files of a run: a PostgreSQL server, where there is one. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!findPostgres()) {
    project.provide('postgres', null)
    return async () => {
      process.stderr.write(`\nNOT RUN: the tests on PostgreSQL, for it was not found. To run them, ${postgresHint}.\n`)
    }
  }
  const { stop, bin, port, socket } = await startCluster()
  project.provide('postgres', { bin, port, socket })
  return stop
}
