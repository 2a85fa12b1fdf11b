import type { ScriptStore } from '../scripts.js'
import type { HealthDatabase } from './health.js'

/** Keeps the pieces of scripts in a table of an SQL database. */
export function createSqlScripts({ schema, all, change }: HealthDatabase): ScriptStore {
  return {
    async keep(release, pieces) {
      await change(
        `INSERT INTO ${schema}scripts ("release", "pieces") VALUES (?, ?) ON CONFLICT ("release") DO NOTHING RETURNING 1`,
        [release, pieces],
      )
    },
    async find(release) {
      const [found] = await all(`SELECT "pieces" FROM ${schema}scripts WHERE "release" = ?`, [release])
      return (found as { readonly pieces: string } | undefined)?.pieces ?? null
    },
    async releases() {
      const rows = await all(`SELECT "release" FROM ${schema}scripts ORDER BY "release"`, [])
      return (rows as readonly { readonly release: string }[]).map(({ release }) => release)
    },
  }
}
