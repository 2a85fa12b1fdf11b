import { isObject, isTime } from '../record/check.js'
import { agedMs } from '../record/limits.js'
import { type OpenState, parseOpenState } from '../record/open-state.js'
import type { Run } from '../record/parcel.js'
import type { Database } from './database.js'
import { fromLegacy, toLegacy } from './legacy.js'

/** The exit that a page would have sent, kept by a page that may die. */
export interface Orphan {
  /** `null` if what lies there is damaged. */
  readonly exit: Run | null
  /** When it was written, Unix epoch, ms. */
  readonly at: number
  /** Whether the page was frozen when it wrote this. A frozen page cannot say that it lives. */
  readonly isFrozen: boolean
}

/** What the tabs of an origin share. Each part is one value of the `state` store. */
export interface Shared {
  /**
   * Reads, decides and writes the open state in one transaction. `decide` runs in the task that read it. It is given
   * `undefined` if nothing usable stands there.
   */
  change(
    pageLoad: string,
    decide: (state: OpenState | undefined) => { readonly state: OpenState; readonly orphan: Orphan | null },
  ): Promise<void>
  /**
   * Writes what a page knows, before the current task ends: the open state if it has changed, else its last activity alone,
   * because a tab that missed a sign-in must not undo it. The orphan exit is written, or deleted where there is none.
   */
  note(state: OpenState, isChanged: boolean, pageLoad: string, orphan: Orphan | null): Promise<void>
  /** All orphan exits on this device but that of this page load, by the page load that would have sent them. */
  orphans(pageLoad: string): Promise<ReadonlyMap<string, Orphan>>
  removeOrphans(pageLoads: readonly string[]): Promise<void>
  /**
   * Whether parcels have been too old for `agedMs` by any clock: a clock may be wrong for a while.
   *
   * @param isOld whether there are parcels that are too old by the present clock.
   */
  isAged(isOld: boolean): Promise<boolean>
  /** Takes the right to send for browsers without Web Locks. @returns whether the holder has it `until` that time. */
  lease(holder: string, at: number, until: number): Promise<boolean>
}

// These names are those of version 1, whose pages read them too.
const openStateKey = 'presence'
const orphanKey = 'will:'

/** @param now the device's clock, Unix epoch, ms. */
export function createShared({ read, write, change }: Database, now: () => number): Shared {
  return {
    change: (pageLoad, decide) =>
      change(openStateKey, function (value, active, store) {
        const found = parseOpenState(value)
        const next = decide(found && { ...found, active: Math.max(found.active, isTime(active) ? active : 0) })
        putOrphan(store, pageLoad, next.orphan)
        store.put(next.state.active, 'active')
        return next.state
      }),
    note: (state, isChanged, pageLoad, orphan) =>
      write(['state'], function (store) {
        if (isChanged) store.put(state, openStateKey)
        store.put(state.active, 'active')
        putOrphan(store, pageLoad, orphan)
      }),
    async orphans(pageLoad) {
      const range = IDBKeyRange.bound(orphanKey, 'will;')
      const keys = await read('state', store => store.getAllKeys(range))
      const orphans = new Map<string, Orphan>()
      for (const key of keys) {
        if (key === orphanKey + pageLoad) continue
        const value = await read<unknown>('state', store => store.get(key))
        const { record, at, isFrozen } = isObject(value) ? value : {}
        const orphan = { exit: fromLegacy(record), at: Number(at), isFrozen: !!isFrozen }
        orphans.set((key as string).slice(orphanKey.length), orphan)
      }
      return orphans
    },
    removeOrphans: pageLoads =>
      write(['state'], function (store) {
        for (const pageLoad of pageLoads) store.delete(orphanKey + pageLoad)
      }),
    async isAged(isOld) {
      let isLong = false
      await change('aged', function (since) {
        const past = isOld && isTime(since) ? now() - since : -1
        isLong = past >= agedMs
        // What a clock ahead of this one has noted is noted anew.
        return past >= 0 ? since : isOld ? now() : null
      })
      return isLong
    },
    async lease(holder, at, until) {
      let isOurs = false
      await change('lease', function (value) {
        const lease = isObject(value) ? value : {}
        // A lease that outlasts the longest possible one comes from a clock ahead of this one.
        isOurs = lease.holder === holder || !(Number(lease.until) >= at && Number(lease.until) <= until)
        return isOurs ? { holder, until } : value
      })
      return isOurs
    },
  }
}

function putOrphan(store: IDBObjectStore, pageLoad: string, orphan: Orphan | null): void {
  if (orphan && orphan.exit) store.put({ ...orphan, record: toLegacy(orphan.exit), exit: null }, orphanKey + pageLoad)
  else store.delete(orphanKey + pageLoad)
}
