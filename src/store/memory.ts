import type { KeptRecord } from '../record/event.js'
import type { Presence } from '../record/writer.js'
import { firstBatch, keyOf, overflow } from './schema.js'
import type { Store } from './store.js'

/** The store where IndexedDB is not to be had: the same promise, for as long as the page lives. */
export function createMemory(): Store {
  const owed = new Map<string, KeptRecord>()
  const history = new Map<string, KeptRecord>()
  let presence: Presence | undefined
  const nothing = (): void => {}

  return {
    keep: record => void owed.set(keyOf(record), record),
    commit: nothing,
    remember(to) {
      presence = to
    },
    touch(active) {
      if (presence) presence = { ...presence, active: Math.max(presence.active, active) }
    },
    // A page's own memory dies with it: there is nobody to read its will.
    wills: async () => [],
    async change(decide) {
      presence = decide(presence)
    },
    owed: async () => firstBatch([...owed.keys()]).map(key => owed.get(key) as KeptRecord),
    isUnread: () => owed.size > 0,
    async settle(records, isHistory) {
      for (const record of records) {
        const key = keyOf(record)
        if (owed.delete(key) && isHistory(record)) history.set(key, record)
      }
    },
    async sweep(isHistory) {
      for (const [key, record] of history) if (!isHistory(record)) history.delete(key)
    },
    all: async () => [...history.values(), ...owed.values()],
    count: async () => owed.size,
    async trim(maxChars) {
      // None of it is older than this page.
      const keys = overflow([...owed.keys()], maxChars, 0)
      const dropped = keys.map(key => owed.get(key) as KeptRecord)
      for (const key of keys) owed.delete(key)
      return dropped
    },
    lease: async () => true,
    async purge() {
      owed.clear()
      history.clear()
      presence = undefined
    },
    close: nothing,
  }
}
