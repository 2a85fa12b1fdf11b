import type { Owed, OwedParcel } from './outbox/owed.js'
import type { Call } from './record/call.js'
import { maxDepth } from './record/limits.js'
import { type Parcel, pack, type Run, sumOf } from './record/parcel.js'
import { createRest } from './rest.js'
import type { Connection } from './store/key-value-store.js'
import type { Spill } from './store/spill.js'
import type { Store } from './store/store.js'

/** What a keeper needs. */
export interface KeeperParts {
  readonly pageLoad: string
  readonly database: Pick<Connection, 'open' | 'isOpen'>
  readonly store: Pick<Store, 'keep'>
  readonly spill: Pick<Spill, 'save' | 'clear'>
  readonly owed: Owed
  /** Last activity on this origin, Unix epoch, ms. */
  readonly lastActive: () => number
  /** The calls that wait. */
  readonly calls: readonly Call[]
  /** The page's clock and the device's clock, Unix epoch, ms. */
  readonly now: () => number
  readonly deviceTime: () => number
  readonly wait: (ms: number) => Promise<void>
  /** So many characters became owed, in these parcels. */
  readonly onOwed: (chars: number, parcels: readonly Parcel[]) => void
  readonly trouble: (code: 'store-failed', cause: unknown) => void
}

/** Brings records to storage. While the database is away they stay in the list of what is owed, and in the spill. */
export interface Keeper {
  /** Takes a record of the present task. */
  add(record: Run): void
  /** Hands what the task has made to storage. */
  ship(): void
  /** Takes over parcels that a page which is gone has left. */
  adopt(parcels: readonly Parcel[]): void
  /** Writes what the database has not confirmed, and the calls that wait, to the spill. @returns whether all had room. */
  spillAll(): boolean
  /** Empties the spill if nothing needs it any more. */
  clearSpill(): void
  /** The database is open, or takes writes again: hands over what it does not have. */
  retry(): void
  /** The database has failed. The keeper leaves it alone for a while, and reports the trouble once. */
  fail(cause: unknown): void
  /** Whether the database is left alone. */
  isResting(): boolean
  /** The page may go away: what is made goes to the spill, and to the database only if it has no room there. */
  hide(): void
  /** The page goes away: the spill says so. */
  leave(): void
  isLeaving(): boolean
  /** The page is back. */
  back(): void
}

/** Makes the keeper of one page load. */
export function createKeeper(parts: KeeperParts): Keeper {
  const { pageLoad, database, store, spill, owed, calls, lastActive, now, deviceTime, onOwed } = parts
  let made: Run[] = []
  let place = 0
  // Transactions of this page that append and are not done.
  let depth = 0
  let isHiding = false
  let isLeaving = false
  const rest = createRest({ ...parts, onOver: () => (database.isOpen() ? retry() : database.open()) })
  // What the database has not confirmed. A page may owe thousands of parcels, so they are not searched at each call.
  const open = new Set<OwedParcel>()

  function unconfirmed(): OwedParcel[] {
    for (const parcel of open) if (!parcel.left || parcel.kept === 'yes') open.delete(parcel)
    return [...open]
  }

  function spillAll(): boolean {
    if (!calls.length && !unconfirmed().length) return true
    return spill.save(calls, unconfirmed(), isLeaving ? 0 : deviceTime(), lastActive())
  }

  function clearSpill(): void {
    if (!unconfirmed().length && !calls.length) spill.clear()
  }

  function retry(): void {
    for (const parcel of owed.all()) if (parcel.kept !== 'yes') open.add(parcel)
    saveRest()
  }

  function saveRest(): void {
    save(unconfirmed().filter(({ kept }) => kept === 'no'))
  }

  async function keep(parcels: readonly OwedParcel[]): Promise<void> {
    depth++
    for (const parcel of parcels) parcel.kept = 'begun'
    try {
      await store.keep(parcels)
      for (const parcel of parcels) parcel.kept = 'yes'
      depth--
      rest.succeed()
      clearSpill()
      saveRest()
    } catch (cause) {
      depth--
      for (const parcel of parcels) parcel.kept = 'no'
      rest.fail(cause)
      spillAll()
    }
  }

  function save(parcels: readonly OwedParcel[]): void {
    if (!parcels.length) return
    for (const parcel of parcels) open.add(parcel)
    // Firefox and WebKit lose a transaction that begins as the page goes away. They keep what is in localStorage.
    if (isHiding && spillAll()) return
    const isReady = database.isOpen() && !rest.isOn()
    if (isReady) void keep(parcels)
    // What the storage process has not begun dies with its tab. localStorage does not.
    if (!isReady || depth > maxDepth) spillAll()
  }

  return {
    add: record => void made.push(record),
    ship() {
      if (!made.length) return
      const parcels = pack(made, pageLoad, place)
      made = []
      place += parcels.length
      save(owed.add(parcels, now()))
      onOwed(
        sumOf(parcels, ({ text }) => text.length),
        parcels,
      )
    },
    adopt(parcels) {
      save(owed.add(parcels, now()))
      onOwed(0, parcels)
    },
    spillAll,
    clearSpill,
    retry,
    fail: rest.fail,
    isResting: rest.isOn,
    hide() {
      isHiding = true
    },
    leave() {
      isLeaving = isHiding = true
    },
    isLeaving: () => isHiding,
    back() {
      isLeaving = isHiding = false
      clearSpill()
      retry()
    },
  }
}
