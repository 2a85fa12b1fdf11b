/**
 * Keeps what scripts for pages are composed of, by release: pages that ask for a release with the hash of its bytes get the same
 * bytes from every later version of the collector. It has nothing of a person.
 */
export interface ScriptStore {
  /** Keeps the pieces of a release. If it has some already, those stay. When it resolves, they are on disk. */
  keep(release: string, pieces: string): Promise<void>
  /** The pieces of a release; `null` if there are none. */
  find(release: string): Promise<string | null>
  /** All releases that are kept. */
  releases(): Promise<readonly string[]>
}

/** Keeps them in memory. It loses everything when the process ends. */
export function createMemoryScripts(): ScriptStore {
  const kept = new Map<string, string>()
  return {
    async keep(release, pieces) {
      if (!kept.has(release)) kept.set(release, pieces)
    },
    find: async release => kept.get(release) ?? null,
    releases: async () => [...kept.keys()],
  }
}

/** The step of the SQLite migrations that creates the table. It is published and never changes. */
export const sqliteScriptsStep = `
  CREATE TABLE scripts (
    "release" TEXT NOT NULL PRIMARY KEY,
    pieces TEXT NOT NULL
  ) STRICT;
  `

/** The step of the PostgreSQL migrations that does the same. It is published and never changes. */
export const postgresScriptsStep: readonly string[] = [
  `CREATE TABLE sojourn.scripts (
      "release" text COLLATE "C" PRIMARY KEY,
      "pieces" text NOT NULL
    )`,
]

/** The tables of the step. On Citus, each node has a copy of them (reference tables). */
export const scriptsTableNames: readonly string[] = ['scripts']
