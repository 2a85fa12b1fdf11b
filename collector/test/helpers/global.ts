import type { TestProject } from 'vitest/node'
import { findPostgres, postgresHint } from './binaries.js'
import { type Address, startCluster } from './postgres.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that all test files of a run share; `null` if PostgreSQL was not found. */
    readonly postgres: Address | null
  }
}

/** Starts one PostgreSQL server for all test files of a run, if PostgreSQL is found. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!findPostgres()) {
    project.provide('postgres', null)
    return async () => {
      process.stderr.write(`\nNOT RUN: the tests on PostgreSQL. It was not found. To run them, ${postgresHint}.\n`)
    }
  }
  const { stop, bin, port, socket } = await startCluster()
  project.provide('postgres', { bin, port, socket })
  return stop
}
