import { type IDBPDatabase, openDB, unwrap } from 'idb'
import type { KeptRecord } from '../record/event.js'
import { maxBatchRecords, maxDepth, segmentGuardMs } from '../record/limits.js'
import {
  charsAt,
  firstBatch,
  isOlder,
  keyOf,
  overflow,
  quietMs,
  type StoreName,
  schemaVersion,
  segments,
  stores,
  turnAt,
} from './schema.js'
import { createState, done } from './state.js'
import type { Store } from './store.js'
import type { Tail } from './tail.js'

/** What the store asks of the world around it. */
export interface IndexedDbParts {
  readonly name: string
  /** The device's clock, for the turns of the segments: all tabs must read the same. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Takes the records of a transaction that failed (quota, site data cleared): they are in no store now. */
  readonly onSpill: (records: readonly KeptRecord[], cause: unknown) => void
  /** Written while the storage process is behind: what it has not begun dies with its tab, localStorage does not. */
  readonly tail: Pick<Tail, 'add' | 'clear'>
  /** A transaction that appends is done. */
  readonly onKept: () => void
  /** Another version of the library wants the database; or, `isLost`, it is gone under our hands with all that was in it. */
  readonly onClose: (isLost: boolean) => void
}

/** So often the other segment is waited for: timers of hidden tabs come late, and a clock may stand still. */
const mostTurns = 4

/** A transaction that is being appended to, and what it holds, should it fail. */
interface Run {
  readonly segment: number
  readonly store: IDBObjectStore
  readonly records: KeptRecord[]
}

/** Opens the database of one write key; rejects where IndexedDB is not to be had. It may never settle: give it a time limit. */
export async function openIndexedDb({
  name,
  now,
  wait,
  tail,
  onSpill,
  onKept,
  onClose,
}: IndexedDbParts): Promise<Store> {
  let isNew = false
  const open = (version?: number): Promise<IDBPDatabase> =>
    openDB(name, version, {
      upgrade(opened, before) {
        isNew = !before
        for (const store of stores) if (!opened.objectStoreNames.contains(store)) opened.createObjectStore(store)
      },
      // A tab that holds on to an old version would hang the upgrade of a newer one for ever.
      blocking() {
        db.close()
        onClose(false)
      },
      terminated: () => onClose(true),
    })
  const db = await open(schemaVersion).catch((cause: Error) => {
    // A newer version of the library was here. Versions add to the schema and take nothing away: ours is in it.
    if (cause.name === 'VersionError') return open()
    throw cause
  })
  const raw = unwrap(db) as IDBDatabase
  // Settled records that are still in their segment, by key: what stays of them as history, or whether a mark of it stands there.
  const doomed = segments.map(() => new Map<string, KeptRecord | boolean>())
  // What each segment may hold that this page has not read, and what it held when it was last read.
  const unread = [true, true]
  const known = [0, 0] as [number, number]
  // Whether it was looked at since it was opened: an earlier page load, or another tab, may have left anything in it.
  const isSeen = [isNew, isNew]
  const weight = [0, 0]
  const seen: (readonly KeptRecord[] | null)[] = [null, null]
  let run: Run | null = null
  // Transactions of this page that append and are not done.
  let depth = 0

  const isDoomed = (record: KeptRecord): boolean => doomed.some(dead => dead.has(keyOf(record)))

  const write = (names: StoreName | readonly StoreName[]): IDBTransaction =>
    raw.transaction(names as string[], 'readwrite', { durability: 'relaxed' })

  /** Reads, and commits at once: an append that waits behind a reader dies with its tab. */
  async function read<T>(store: StoreName, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    const tx = raw.transaction(store)
    const request = ask(tx.objectStore(store))
    tx.commit()
    await done(tx)
    return request.result as T
  }

  function commit(): void {
    if (run) run.store.transaction.commit()
    run = null
  }

  function begin(segment: number): Run {
    const tx = write(segments[segment] as StoreName)
    const records: KeptRecord[] = []
    tx.oncomplete = () => {
      depth--
      tail.clear(records)
      onKept()
    }
    tx.onabort = () => {
      depth--
      onSpill(records, tx.error)
    }
    depth++
    unread[segment] = true
    return { segment, records, store: tx.objectStore(segments[segment] as StoreName) }
  }

  // A transaction that has started and is committed survives its tab; one that waits for us, or behind a reader, does
  // not. So all records of a task share one, committed as the task ends: a second one would wait for the first to be written.
  function keep(record: KeptRecord): void {
    try {
      if (!run) {
        run = begin(turnAt(now()) % 2)
        queueMicrotask(commit)
      }
      record.lies = run.segment
      run.store.put(record, keyOf(record))
      run.records.push(record)
      if (depth > maxDepth) tail.add({ ...record, at: now() })
      known[run.segment as 0]++
    } catch (error) {
      run = null
      onSpill([record], error)
    }
  }

  // The segment that may be read and deleted from just now; waits out the moments before the tabs change over. Once: a clock
  // that stands still, as a page under test may have one, never gets past them.
  async function quiet(): Promise<number> {
    const left = quietMs(now())
    if (left <= 0) await wait(left + segmentGuardMs + 1)
    return (turnAt(now()) + 1) % 2
  }

  /** Waits for the tabs to change over. */
  const turn = (): Promise<void> => wait(Math.max(0, quietMs(now()) + segmentGuardMs) + 1)

  // Deletes what is settled in a segment at rest: the whole range at once, if just that lies in it. Deletes only: where the quota
  // is used up a transaction that puts something fails, and nothing would ever go.
  async function bury(at: number): Promise<void> {
    const dead = doomed[at] as Map<string, KeptRecord | boolean>
    const keys = [...dead.keys()].sort()
    if (!keys.length) return
    const tx = write([segments[at] as StoreName, 'history'])
    const store = tx.objectStore(segments[at] as StoreName)
    const history = tx.objectStore('history')
    const range = IDBKeyRange.bound(keys[0], keys[keys.length - 1])
    const reading = store.getAllKeys(range, keys.length + 1)
    reading.onsuccess = () => {
      if ((reading.result as string[]).join() === keys.join()) store.delete(range)
      else for (const key of keys) store.delete(key)
      for (const key of keys) {
        // What marks it as settled goes with it; what is history stays there.
        if (dead.get(key) === true) history.delete(key)
      }
      tx.commit()
    }
    await done(tx)
    if (seen[at]) seen[at] = seen[at].filter(record => !dead.has(keyOf(record)))
    for (const key of keys) dead.delete(key)
  }

  async function owed(isPatient?: boolean, turns = mostTurns): Promise<readonly KeptRecord[]> {
    const at = await quiet()
    const segment = segments[at] as StoreName
    await bury(at)
    const keys = firstBatch(await read<string[]>(segment, store => store.getAllKeys(null, maxBatchRecords)))
    unread[at] = keys.length > 0
    if (!keys.length) {
      isSeen[at] = true
      if (!turns || !unread[1 - at] || (!isPatient && isSeen[1 - at])) return []
      await turn()
      return owed(isPatient, turns - 1)
    }
    const range = IDBKeyRange.bound(keys[0], keys[keys.length - 1])
    const records = await read<KeptRecord[]>(segment, store => store.getAll(range))
    // What a page had settled, and could not delete before it died.
    const settled = await read<string[]>('history', store => store.getAllKeys(range))
    const stays = await read<(KeptRecord | null)[]>('history', store => store.getAll(range))
    const left = new Map(settled.map((key, place) => [key, stays[place] as KeptRecord | null]))
    const unsettled = records.filter(record => {
      const key = keyOf(record)
      if (left.has(key)) doomed[at]?.set(key, left.get(key) || true)
      return !left.has(key)
    })
    return unsettled.length ? unsettled : owed(isPatient, turns)
  }

  const state = createState(write, now, error => onSpill([], error))

  async function trimAt(at: number, maxChars: number, since: number): Promise<readonly KeptRecord[]> {
    const segment = segments[at] as StoreName
    await bury(at)
    const keys: string[] = []
    for (let more = ['']; more.length; keys.push(...more)) {
      const range = IDBKeyRange.lowerBound(keys[keys.length - 1] || '', true)
      more = await read<string[]>(segment, store => store.getAllKeys(range, 5000))
    }
    const dropped: KeptRecord[] = []
    const isAged = await state.isAged(
      segment,
      keys.some(key => isOlder(key, since)),
    )
    const tx = write(segment)
    for (const key of overflow(keys, maxChars, isAged ? since : 0)) {
      const reading = tx.objectStore(segment).get(key)
      reading.onsuccess = () => dropped.push(reading.result)
      tx.objectStore(segment).delete(key)
    }
    await done(tx)
    known[at as 0] = keys.length - dropped.length
    const chars = (sum: number, key: string): number => sum + charsAt(key)
    weight[at] = keys.reduce(chars, 0) - dropped.map(keyOf).reduce(chars, 0)
    return dropped
  }

  return {
    ...state,
    keep,
    commit,
    owed: isPatient => owed(isPatient),
    isUnread: () => unread.includes(true),
    async settle(records, isHistory) {
      if (records.every(({ lies }) => lies === undefined)) return
      // Who has sent something looks once more: a tab that has died meanwhile may have left its own.
      unread.fill(true)
      const resting = quietMs(now()) > 0 ? (turnAt(now()) + 1) % 2 : -1
      const tx = write('history')
      for (const record of records) {
        const at = record.lies
        if (at === undefined) continue
        const kept = isHistory(record) ? record : null
        const isMarked = at !== resting
        doomed[at]?.set(keyOf(record), kept || isMarked)
        known[at as 0]--
        if (kept || isMarked) tx.objectStore('history').put(kept, keyOf(record))
      }
      tx.commit()
      if (resting >= 0) await bury(resting)
    },
    async sweep(isHistory) {
      const tx = write('history')
      const walking = tx.objectStore('history').openCursor()
      walking.onsuccess = () => {
        const cursor = walking.result
        if (!cursor) return
        // What marks a record as settled goes with the record, or when both segments were found empty.
        const key = cursor.key as string
        const dying = doomed.find(dead => dead.has(key))
        const isOver = cursor.value ? !isHistory(cursor.value) : !dying && !unread.includes(true)
        if (isOver && dying) {
          dying.set(key, true)
          cursor.update(null)
        } else if (isOver) cursor.delete()
        cursor.continue()
      }
      await done(tx)
    },
    async all() {
      // Each segment once; after that what is appended to is known from when it was last at rest, and from this page.
      for (let turns = mostTurns; ; turns--) {
        const at = await quiet()
        seen[at] = await read<KeptRecord[]>(segments[at] as StoreName, store => store.getAll())
        if (seen[1 - at] || !turns) break
        await turn()
      }
      const history = await read<(KeptRecord | null)[]>('history', store => store.getAll())
      const owing = seen.flat().filter(one => one && !isDoomed(one))
      return [...new Map([...history, ...owing].flatMap(one => (one ? [[one.id, one] as const] : []))).values()]
    },
    async count() {
      for (let turns = mostTurns; ; turns--) {
        const at = await quiet()
        await bury(at)
        known[at] = await read<number>(segments[at] as StoreName, store => store.count())
        isSeen[at] = true
        if (isSeen[1 - at] || !turns) return known[at] + Math.max(0, known[1 - at] as number)
        await turn()
      }
    },
    async trim(maxChars, since) {
      const dropped: KeptRecord[] = []
      const isTrimmed = [false, false]
      for (let turns = mostTurns; ; turns--) {
        const at = await quiet()
        dropped.push(...(await trimAt(at, maxChars - (weight[1 - at] as number), since)))
        isTrimmed[at] = true
        if (isTrimmed[1 - at] || !turns) return dropped
        await turn()
      }
    },
    purge() {
      for (const at of [0, 1] as const) {
        doomed[at]?.clear()
        known[at] = weight[at] = 0
        unread[at] = false
        seen[at] = null
      }
      const tx = write(stores)
      for (const store of stores) tx.objectStore(store).clear()
      tx.commit()
      return done(tx)
    },
    close: () => db.close(),
  }
}
