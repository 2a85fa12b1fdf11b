import { openDB, unwrap } from 'idb'
import type { KeptRecord } from '../record/event.js'
import { maxBatchChars, maxBatchRecords, segmentGuardMs } from '../record/limits.js'
import { charsAt, keyOf, overflow, quietMs, type StoreName, schemaVersion, segments, stores, turnAt } from './schema.js'
import { createState, done } from './state.js'
import type { Store } from './store.js'

/** What the store asks of the world around it. */
export interface IndexedDbParts {
  readonly name: string
  /** The device's clock, for the turns of the segments: all tabs must read the same. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
  /** Takes the records of a transaction that failed (quota, site data cleared): they are in no store now. */
  readonly onSpill: (records: readonly KeptRecord[], cause: unknown) => void
  /** The database is gone under our hands, or another version of the library wants it. */
  readonly onClose: () => void
}

/** A transaction that is being appended to, and what it holds, should it fail. */
interface Run {
  readonly segment: number
  readonly store: IDBObjectStore
  readonly records: KeptRecord[]
}

/** Opens the database of one write key; rejects where IndexedDB is not to be had. It may never settle: give it a time limit. */
export async function openIndexedDb({ name, now, wait, onSpill, onClose }: IndexedDbParts): Promise<Store> {
  const db = await openDB(name, schemaVersion, {
    upgrade(opened) {
      for (const store of stores) opened.createObjectStore(store)
    },
    // A tab that holds on to an old version would hang the upgrade of a newer one for ever.
    blocking() {
      db.close()
      onClose()
    },
    terminated: onClose,
  })
  const raw = unwrap(db) as IDBDatabase
  // Settled records whose segment is not at rest yet, by key: null if nothing of them stays.
  const doomed = segments.map(() => new Map<string, KeptRecord | null>())
  const unread = [true, true]
  // Where each record lies that this page has kept or read.
  const home = new WeakMap<KeptRecord, number>()
  let further: Run | null = null
  let isBegun = false
  // Records of this page in the segment that is appended to now, which may not be counted by reading.
  let turn = 0
  let fresh = 0

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
    isBegun = false
    if (further) further.store.transaction.commit()
    further = null
  }

  function begin(segment: number): Run {
    const tx = write(segments[segment] as StoreName)
    const records: KeptRecord[] = []
    tx.onabort = () => onSpill(records, tx.error)
    unread[segment] = true
    return { segment, records, store: tx.objectStore(segments[segment] as StoreName) }
  }

  // A transaction that has started and is committed survives its tab; one that waits for us, or behind a reader, does
  // not. So the first record of a task is committed at once, and all its others share a second transaction.
  function keep(record: KeptRecord): void {
    const at = turnAt(now())
    if (turn !== at) fresh = 0
    turn = at
    fresh++
    try {
      const run = further || begin(at % 2)
      run.store.put(record, keyOf(record))
      run.records.push(record)
      home.set(record, run.segment)
      if (isBegun) further = run
      else {
        isBegun = true
        run.store.transaction.commit()
        queueMicrotask(commit)
      }
    } catch (error) {
      onSpill([record], error)
    }
  }

  // The segment that may be read and deleted from just now; waits out the moments before the tabs change over.
  async function quiet(): Promise<number> {
    for (let left = quietMs(now()); left <= 0; left = quietMs(now())) await wait(left + segmentGuardMs + 5)
    return (turnAt(now()) + 1) % 2
  }

  // Deletes what is settled in a segment at rest: the whole range at once if nothing else lies in it.
  async function bury(at: number): Promise<void> {
    const dead = doomed[at] as Map<string, KeptRecord | null>
    const keys = [...dead.keys()].sort()
    if (!keys.length) return
    const tx = write([segments[at] as StoreName, 'history'])
    const store = tx.objectStore(segments[at] as StoreName)
    const history = tx.objectStore('history')
    const range = IDBKeyRange.bound(keys[0], keys[keys.length - 1])
    const counting = store.count(range)
    counting.onsuccess = () => {
      if (counting.result === keys.length) store.delete(range)
      else for (const key of keys) store.delete(key)
      for (const key of keys) {
        const record = dead.get(key)
        if (record) history.put(record, key)
        else history.delete(key)
      }
      tx.commit()
    }
    await done(tx)
    for (const key of keys) dead.delete(key)
  }

  async function owed(): Promise<readonly KeptRecord[]> {
    const at = await quiet()
    const segment = segments[at] as StoreName
    await bury(at)
    const keys = await read<string[]>(segment, store => store.getAllKeys(null, maxBatchRecords))
    unread[at] = keys.length > 0
    if (!keys.length) return []
    let chars = 0
    const batch = keys.filter((key, place) => (chars += charsAt(key)) <= maxBatchChars || !place)
    const range = IDBKeyRange.bound(batch[0], batch[batch.length - 1])
    const records = await read<KeptRecord[]>(segment, store => store.getAll(range))
    // What a page had settled, and could not delete before it died.
    const settled = new Set(await read<string[]>('history', store => store.getAllKeys(range)))
    const unsettled = records.filter(record => {
      home.set(record, at)
      const isSettled = settled.has(keyOf(record))
      if (isSettled) (doomed[at] as Map<string, KeptRecord | null>).set(keyOf(record), null)
      return !isSettled
    })
    return unsettled.length ? unsettled : owed()
  }

  return {
    ...createState(write, error => onSpill([], error)),
    keep,
    commit,
    owed,
    isUnread: () => unread.includes(true),
    async settle(records, isHistory) {
      const resting = quietMs(now()) > 0 ? (turnAt(now()) + 1) % 2 : -1
      const tx = write('history')
      for (const record of records) {
        const at = home.get(record)
        const kept = isHistory(record) ? record : null
        if (at === undefined) continue
        doomed[at]?.set(keyOf(record), kept)
        if (at !== resting) tx.objectStore('history').put(kept, keyOf(record))
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
        const isDying = doomed.some(dead => dead.has(cursor.key as string))
        if (!isDying && !(cursor.value && isHistory(cursor.value))) cursor.delete()
        cursor.continue()
      }
      await done(tx)
    },
    async all() {
      const kept = await read<KeptRecord[]>(segments[await quiet()] as StoreName, store => store.getAll())
      const history = await read<(KeptRecord | null)[]>('history', store => store.getAll())
      return [...history, ...kept].filter(record => record !== null)
    },
    async count() {
      const at = await quiet()
      const resting = await read<number>(segments[at] as StoreName, store => store.count())
      const active = turn === turnAt(now()) ? fresh - (doomed[1 - at] as Map<string, unknown>).size : 0
      return resting + Math.max(active, 0)
    },
    async trim(maxChars, since) {
      const segment = segments[await quiet()] as StoreName
      const keys: string[] = []
      for (let more = ['']; more.length; keys.push(...more)) {
        const range = IDBKeyRange.lowerBound(keys[keys.length - 1] || '', true)
        more = await read<string[]>(segment, store => store.getAllKeys(range, 5000))
      }
      const dropped: KeptRecord[] = []
      const tx = write(segment)
      // Each segment may hold half.
      for (const key of overflow(keys, maxChars / 2, since)) {
        const reading = tx.objectStore(segment).get(key)
        reading.onsuccess = () => dropped.push(reading.result)
        tx.objectStore(segment).delete(key)
      }
      await done(tx)
      return dropped
    },
    purge() {
      for (const dead of doomed) dead.clear()
      const tx = write(stores)
      for (const store of stores) tx.objectStore(store).clear()
      tx.commit()
      return done(tx)
    },
    close: () => db.close(),
  }
}
