import { describe } from 'vitest'
import { mergeContract } from '../contracts/merge.js'
import { readContract } from '../contracts/reads.js'
import { rightsContract } from '../contracts/rights.js'
import { hasPostgres } from '../helpers/database.js'
import { isLong } from '../helpers/long.js'
import { openWith } from '../helpers/postgres-store.js'

// In a file of its own, so that it runs beside the other form.
describe.skipIf(!hasPostgres)('with a server', () => {
  const name = 'PostgreSQL, written table by table as Citus wants it,'
  const open = () => openWith({ isDistributed: true })
  mergeContract(name, open, isLong ? 3 : 2)
  rightsContract(name, open)
  // Reads are the same in both forms.
  if (isLong) readContract(name, open, 3)
})
