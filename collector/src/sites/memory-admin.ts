import { type AdminState, type AdminStore, nothingDecided } from './admin.js'
import { adminTables } from './tables.js'

/** Makes the admin state in memory, for tests only. It loses everything when the process ends. */
export function createMemoryAdmin(): AdminStore {
  let state: AdminState = nothingDecided
  let version = 0
  return {
    read: async () => ({ ...state, version }),
    version: async () => version,
    async change(decide) {
      const next = decide(state)
      checkKeys(next)
      state = next
      version++
      return state
    },
  }
}

// A database does the same.
function checkKeys(state: AdminState): void {
  for (const { name, keys, rowsOf } of adminTables) {
    const rows = rowsOf(state)
    if (new Set(rows.map(row => JSON.stringify(row.slice(0, keys)))).size < rows.length)
      throw new Error(`two rows of ${name} have one key`)
  }
}
