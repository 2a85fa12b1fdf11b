import { isObject, isText, isTime } from '../record/check.js'
import { agedMs } from '../record/limits.js'
import { type OpenState, parseOpenState } from '../record/open-state.js'
import type { Run } from '../record/parcel.js'
import type { Change, KeyValueStore } from './key-value-store.js'
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
   * `undefined` if nothing usable stands there, and whether the orphan exit of this page load does: another page may have
   * taken it over.
   */
  change(
    pageLoad: string,
    decide: (
      state: OpenState | undefined,
      isKept: boolean,
    ) => { readonly state: OpenState; readonly orphan: Orphan | null },
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
export function createShared({ keys, read, write, change }: KeyValueStore, now: () => number): Shared {
  return {
    change: (pageLoad, decide) =>
      change([openStateKey, 'active', orphanKey + pageLoad], function ([value, active, orphan]) {
        const found = parseOpenState(value)
        const next = decide(
          found && { ...found, active: Math.max(found.active, isTime(active) ? active : 0) },
          !!orphan,
        )
        return [...toNote(next.state, pageLoad, next.orphan), item(openStateKey, next.state)]
      }),
    note: (state, isChanged, pageLoad, orphan) =>
      write([...toNote(state, pageLoad, orphan), ...(isChanged ? [item(openStateKey, state)] : [])]),
    async orphans(pageLoad) {
      const found = (await keys('state', orphanKey)).filter(
        key => isText(key) && key.startsWith(orphanKey) && key !== orphanKey + pageLoad,
      )
      const values = found.length ? await read('state', found) : []
      const orphans = new Map<string, Orphan>()
      values.forEach(function (value, place) {
        // The page may have left between the two requests.
        if (value === undefined) return
        const { record, at, isFrozen } = isObject(value) ? value : {}
        const key = (found[place] as string).slice(orphanKey.length)
        orphans.set(key, { exit: fromLegacy(record), at: Number(at), isFrozen: !!isFrozen })
      })
      return orphans
    },
    removeOrphans: pageLoads => write(pageLoads.map(pageLoad => item(orphanKey + pageLoad))),
    async isAged(isOld) {
      let isLong = false
      await change(['aged'], function ([since]) {
        const past = isOld && isTime(since) ? now() - since : -1
        isLong = past >= agedMs
        // What a clock ahead of this one has noted is noted anew.
        return [item('aged', past >= 0 ? since : isOld ? now() : undefined)]
      })
      return isLong
    },
    async lease(holder, at, until) {
      let isOurs = false
      await change(['lease'], function ([value]) {
        const lease = isObject(value) ? value : {}
        // A lease that outlasts the longest possible one comes from a clock ahead of this one.
        isOurs = lease.holder === holder || !(Number(lease.until) >= at && Number(lease.until) <= until)
        return isOurs ? [item('lease', { holder, until })] : []
      })
      return isOurs
    },
  }
}

/** Puts a value of `state`; without one it is deleted. */
function item(key: string, value?: unknown): Change {
  return { space: 'state', key, value }
}

/** What a page knows but for the open state: its last activity, and its orphan exit. */
function toNote({ active }: OpenState, pageLoad: string, orphan: Orphan | null): Change[] {
  const isKept = orphan && orphan.exit
  const kept = isKept ? { ...orphan, record: toLegacy(isKept), exit: null } : undefined
  return [item('active', active), item(orphanKey + pageLoad, kept)]
}
