import { tellPerson } from '../../src/query/person.js'
import type { SqlDialect } from '../../src/store/sql/dialect.js'
import { createReads } from '../../src/store/sql/reads.js'
import type { Select } from '../../src/store/sql/select.js'
import type { CollectorStore } from '../../src/store/store.js'

/** Runs a query and resolves with its rows. */
export type Run = (select: Select) => Promise<object[]>

/**
 * Exports a person, and returns the queries for lists that name the person or a visit.
 *
 * @param named the id of the person, or the key of the visit.
 * @param visits how many must be told whole before it stops.
 */
export async function selectsOfPerson(
  dialect: SqlDialect,
  identityId: string,
  visits: number,
  run: Run,
  named = identityId,
): Promise<readonly Select[]> {
  const seen = new Map<string, Select>()
  const reads = createReads(dialect, 'default', async select => {
    if (select.values.includes(named) && select.sql.includes('ORDER BY')) seen.set(select.sql, select)
    return run(select)
  })
  const store = { of: () => reads, rights: { traits: async () => [] } } as unknown as CollectorStore
  let told = 0
  for await (const piece of tellPerson(store, 'default', identityId, 1)) {
    if (piece.startsWith('{"visit":')) told++
    if (told > visits) break
  }
  if (told < visits) throw new Error(`only ${told} visits were told`)
  return [...seen.values()]
}
