import { deleteDB } from 'idb'
import type { KeptRecord } from '../record/event.js'
import { backoffMaxMs, openTimeoutMs, storeRetryMs } from '../record/limits.js'
import type { Presence } from '../record/writer.js'
import { type IndexedDbParts, openIndexedDb } from './indexeddb.js'
import { createMemory } from './memory.js'
import type { Store } from './store.js'

/** Which store keeps the records just now. */
export type StoreKind = 'opening' | 'indexeddb' | 'memory'

/** The store of this origin and write key: IndexedDB where it is to be had, memory where it is not, and for what it refuses. */
export interface OriginStore extends Store {
  /** Opens, unless it is open; settles, never rejects, when records can be kept: in the database, or in memory after `openTimeoutMs`. */
  open(): Promise<void>
  /** Lets go of the database until the next `open`: a frozen tab that holds on to it would hang the upgrade of a newer version. */
  pause(): void
  kind(): StoreKind
}

/**
 * The circuit breaker of storage stands here: once the database has failed, what is appended goes to memory, and to the tail
 * as far as that has room, for `storeRetryMs` and then twice as long each time; the trouble is told once, until the database has taken a record again.
 *
 * @param onTrouble told once each time that the database begins to fail.
 * @param onLate told when it opens after memory has had to do; the presence in it may say more than ours.
 * @param onLost told when the database was taken away with what was in it: the site's data was cleared.
 */
export function createOriginStore(
  parts: Pick<IndexedDbParts, 'name' | 'now' | 'wait' | 'tail'>,
  onTrouble: (cause: unknown) => void,
  onLate: () => void,
  onLost: () => void,
): OriginStore {
  const { tail, now } = parts
  const memory = createMemory()
  let db: Store | null = null
  let isOpening = true
  let isClosed = false
  let isTold = false
  let failedAt = 0
  let restMs = 0
  let presence: Presence | undefined
  let trying: Promise<void> | null = null
  let opening = Promise.resolve()

  // Whichever way the clock was set.
  const isBroken = (): boolean => isTold && Math.abs(now() - failedAt) < restMs

  function fail(cause: unknown): void {
    if (!isBroken()) {
      failedAt = now()
      restMs = isTold ? Math.min(restMs * 2, backoffMaxMs) : storeRetryMs
    }
    if (!isTold) onTrouble(cause)
    isTold = true
  }

  // A tab that dies while the database is away leaves in localStorage what of this has room there.
  function hold(record: KeptRecord): void {
    delete record.lies
    memory.keep(record)
    tail.add({ ...record, at: now() })
  }

  // What memory held in the meantime moves in, under the ids that it has.
  async function moveIn(to: Store): Promise<void> {
    for (const record of await memory.trim(0, Infinity)) to.keep(record)
  }

  async function openDatabase(): Promise<void> {
    try {
      const opened = await openIndexedDb({
        ...parts,
        onSpill(records, cause) {
          records.forEach(hold)
          fail(cause)
        },
        onKept() {
          if (isTold && db) void moveIn(db)
          isTold = false
        },
        onClose(isLost) {
          db = null
          if (isLost) onLost()
          if (!isClosed) void open()
        },
      })
      if (isClosed) return opened.close()
      db = opened
      await moveIn(opened)
      const ours = presence
      if (!ours) return
      await opened.change(found =>
        found && (found.rev > ours.rev || (found.session && !ours.session))
          ? { ...found, rev: Math.max(found.rev, ours.rev + 1) }
          : ours,
      )
      onLate()
    } catch (cause) {
      fail(cause)
    }
  }

  function open(): Promise<void> {
    if (!db && !trying) {
      trying = openDatabase().then(() => {
        trying = null
      })
      opening = Promise.race([trying, parts.wait(openTimeoutMs)]).then(() => {
        isOpening = false
      })
    }
    return opening
  }

  function pause(): void {
    if (db) db.close()
    db = null
  }

  /** Asks the database; where it fails, or is not there, the answer is `otherwise`. */
  async function ask<T>(run: (store: Store) => Promise<T>, otherwise: T): Promise<T> {
    try {
      if (db) return await run(db)
    } catch (cause) {
      fail(cause)
    }
    return otherwise
  }

  const one = (): Store => db || memory

  return {
    open,
    pause,
    kind: () => (isOpening ? 'opening' : db && !isBroken() ? 'indexeddb' : 'memory'),
    keep(record) {
      if (isBroken()) hold(record)
      else if (db) db.keep(record)
      else {
        hold(record)
        if (!isClosed) void open()
      }
    },
    commit: () => one().commit(),
    remember(to) {
      presence = to
      one().remember(to)
    },
    touch: (active, writer, will) => one().touch(active, writer, will),
    wills: (at, ageMs) => ask(store => store.wills(at, ageMs), []),
    async change(decide) {
      const once = (from: Presence | undefined): Presence => (presence = decide(from))
      if (!(await ask(store => store.change(once).then(() => true), false))) await memory.change(() => once(presence))
    },
    async owed(isPatient) {
      const held = await memory.owed()
      return held.length ? held : ask(store => store.owed(isPatient), held)
    },
    isUnread: () => memory.isUnread() || one().isUnread(),
    async settle(records, isHistory) {
      tail.clear(records)
      await memory.settle(records, isHistory)
      await ask(store => store.settle(records, isHistory), undefined)
    },
    async sweep(isHistory) {
      await memory.sweep(isHistory)
      await ask(store => store.sweep(isHistory), undefined)
    },
    all: async () => [...(await memory.all()), ...(await ask(store => store.all(), []))],
    count: async () => (await memory.count()) + (await ask(store => store.count(), 0)),
    trim: async (maxChars, since) => [
      ...(await memory.trim(maxChars, since)),
      ...(await ask(store => store.trim(maxChars, since), [])),
    ],
    lease: (holder, at, until) => ask(store => store.lease(holder, at, until), true),
    async purge() {
      const cleared = [memory.purge(), ask(store => store.purge(), undefined)]
      isClosed = true
      pause()
      // Asked for in this task, so that it comes before whatever opens the database again. Other tabs let go of it.
      await deleteDB(parts.name).catch(() => {})
      await Promise.all(cleared)
    },
    close() {
      isClosed = true
      pause()
    },
  }
}
