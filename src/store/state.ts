import type { KeptRecord } from '../record/event.js'
import { agedMs } from '../record/limits.js'
import type { Presence } from '../record/writer.js'
import type { StoreName } from './schema.js'
import type { Store } from './store.js'

interface Lease {
  readonly holder: string
  readonly until: number
}

/** The part of a store that its tabs share. */
export interface SharedState extends Pick<Store, 'remember' | 'touch' | 'change' | 'lease' | 'wills'> {
  /** Notes whether too old records lie in that segment; true once that has been so for `agedMs`, by whatever clock. */
  isAged(segment: StoreName, isOld: boolean): Promise<boolean>
}

interface Will {
  readonly record: KeptRecord
  readonly at: number
}

/** What the origin's tabs share: the presence, the last activity, the lease, the wills. Each is one value of the `state` store. */
export function createState(
  write: (name: StoreName) => IDBTransaction,
  now: () => number,
  onTrouble: (cause: unknown) => void,
): SharedState {
  function put(run: (store: IDBObjectStore) => void): void {
    try {
      const tx = write('state')
      run(tx.objectStore('state'))
      tx.commit()
    } catch (error) {
      onTrouble(error)
    }
  }

  /** Changes one value in one transaction; `decide` runs in the task that read it, and the last activity. */
  function change<T>(key: string, decide: (value: T | undefined, active: number) => T): Promise<void> {
    const tx = write('state')
    const store = tx.objectStore('state')
    const activity = store.get('active')
    const reading = store.get(key)
    reading.onsuccess = () => {
      store.put(decide(reading.result, activity.result || 0), key)
      tx.commit()
    }
    return done(tx)
  }

  return {
    remember: presence => put(store => store.put(presence, 'presence')),
    touch: (active, writer, record) =>
      put(store => {
        store.put(active, 'active')
        if (record) store.put({ record, at: now() }, `will:${writer}`)
        else store.delete(`will:${writer}`)
      }),
    async wills(at, ageMs) {
      const found: KeptRecord[] = []
      const tx = write('state')
      const walking = tx.objectStore('state').openCursor(IDBKeyRange.bound('will:', 'will;'))
      walking.onsuccess = () => {
        const cursor = walking.result
        if (!cursor) return
        const will = cursor.value as Will
        if (Math.abs(at - will.at) > ageMs) {
          found.push(will.record)
          cursor.delete()
        }
        cursor.continue()
      }
      await done(tx)
      return found
    },
    change: decide =>
      change<Presence>('presence', (presence, active) =>
        decide(presence && { ...presence, active: Math.max(presence.active, active) }),
      ),
    async isAged(segment, isOld) {
      let isLong = false
      if (isOld)
        await change<number>(`aged:${segment}`, since => {
          const past = now() - (since || Infinity)
          isLong = past >= agedMs
          // What was noted by a clock ahead of this one is noted anew.
          return past >= 0 ? (since as number) : now()
        })
      else put(store => store.delete(`aged:${segment}`))
      return isLong
    },
    async lease(holder, at, until) {
      let isOurs = false
      await change<Lease>('lease', lease => {
        // One that outlasts the longest was given by a clock ahead of this one.
        isOurs = !lease || lease.holder === holder || lease.until < at || lease.until > until
        return isOurs || !lease ? { holder, until } : lease
      })
      return isOurs
    },
  }
}

/** Settles with the transaction. */
export function done(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(tx.error)
  })
}
