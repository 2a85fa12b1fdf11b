import type { Presence } from '../record/writer.js'
import type { StoreName } from './schema.js'
import type { Store } from './store.js'

interface Lease {
  readonly holder: string
  readonly until: number
}

/** What the origin's tabs share: the presence, the last activity, the lease. Each is one value of the `state` store. */
export function createState(
  write: (name: StoreName) => IDBTransaction,
  onTrouble: (cause: unknown) => void,
): Pick<Store, 'remember' | 'touch' | 'change' | 'lease'> {
  function put(key: string, value: unknown): void {
    try {
      const tx = write('state')
      tx.objectStore('state').put(value, key)
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
    remember: presence => put('presence', presence),
    touch: active => put('active', active),
    change: decide =>
      change<Presence>('presence', (presence, active) =>
        decide(presence && { ...presence, active: Math.max(presence.active, active) }),
      ),
    async lease(holder, now, until) {
      let isOurs = false
      await change<Lease>('lease', lease => {
        isOurs = !lease || lease.holder === holder || lease.until < now
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
