import { deleteDB } from 'idb'
import { openTimeoutMs } from '../record/limits.js'
import type { Presence } from '../record/writer.js'
import { type IndexedDbParts, openIndexedDb } from './indexeddb.js'
import { createMemory } from './memory.js'
import type { Store } from './store.js'

/** Which store keeps the records just now. */
export type StoreKind = 'opening' | 'indexeddb' | 'memory'

/** The store of this origin and write key: IndexedDB where it is to be had, memory where it is not, and for what it refuses. */
export interface OriginStore extends Store {
  /** Opens, once; settles, never rejects, when records can be kept: in the database, or in memory after `openTimeoutMs`. */
  open(): Promise<void>
  kind(): StoreKind
}

/**
 * @param onTrouble told each time that the database fails; what it refuses of this page is kept in memory.
 * @param onLate told when it opens after memory has had to do; the presence in it may say more than ours.
 */
export function createOriginStore(
  parts: Pick<IndexedDbParts, 'name' | 'now' | 'wait' | 'tail'>,
  onTrouble: (cause: unknown) => void,
  onLate: () => void,
): OriginStore {
  const memory = createMemory()
  let db: Store | null = null
  let isOpening = true
  let isClosed = false
  let presence: Presence | undefined

  async function openDatabase(): Promise<void> {
    try {
      const opened = await openIndexedDb({
        ...parts,
        onSpill(records, cause) {
          records.forEach(memory.keep)
          onTrouble(cause)
        },
        onClose() {
          db = null
          if (!isClosed) void openDatabase()
        },
      })
      if (isClosed) return opened.close()
      db = opened
      // What memory held in the meantime moves in, under the ids that it has.
      for (let held = await memory.owed(); held.length; held = await memory.owed()) {
        await memory.settle(held, () => false)
        held.forEach(opened.keep)
      }
      const ours = presence
      if (!ours) return
      await opened.change(found =>
        found?.session && !ours.session ? { ...found, rev: Math.max(found.rev, ours.rev + 1) } : ours,
      )
      onLate()
    } catch (cause) {
      onTrouble(cause)
    }
  }

  function close(): void {
    isClosed = true
    if (db) db.close()
    db = null
  }

  const one = (): Store => db || memory
  const both = <T>(run: (store: Store) => T): Promise<Awaited<T>[]> =>
    Promise.all((db ? [memory, db] : [memory]).map(run))
  let opening: Promise<void> | undefined

  return {
    open() {
      opening =
        opening ||
        Promise.race([openDatabase(), parts.wait(openTimeoutMs)]).then(() => {
          isOpening = false
        })
      return opening
    },
    kind: () => (isOpening ? 'opening' : db ? 'indexeddb' : 'memory'),
    keep: record => one().keep(record),
    commit: () => one().commit(),
    remember(to) {
      presence = to
      one().remember(to)
    },
    touch: active => one().touch(active),
    change(decide) {
      const once = (from: Presence | undefined): Presence => (presence = decide(from))
      const again = (cause: unknown): Promise<void> => {
        onTrouble(cause)
        db = null
        return memory.change(() => once(presence))
      }
      try {
        return one().change(once).catch(again)
      } catch (cause) {
        return again(cause)
      }
    },
    async owed(isPatient) {
      const held = await memory.owed()
      return held.length || !db ? held : db.owed(isPatient)
    },
    isUnread: () => memory.isUnread() || one().isUnread(),
    settle: async (records, isHistory) => void (await both(store => store.settle(records, isHistory))),
    sweep: async isHistory => void (await both(store => store.sweep(isHistory))),
    all: async () => (await both(store => store.all())).flat(),
    count: async () => (await both(store => store.count())).reduce((sum, count) => sum + count, 0),
    trim: async (maxChars, since) => (await both(store => store.trim(maxChars, since))).flat(),
    lease: (holder, now, until) => one().lease(holder, now, until),
    async purge() {
      const cleared = both(store => store.purge())
      close()
      // Asked for in this task, so that it comes before whatever opens the database again. Other tabs let go of it.
      await deleteDB(parts.name).catch(() => {})
      await cleared
    },
    close,
  }
}
