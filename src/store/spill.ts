import { type Call, isCall } from '../record/call.js'
import { isTime, type Json, readObject } from '../record/check.js'
import { toJson } from '../record/json.js'
import { maxEarlyChars, maxLeftChars } from '../record/limits.js'
import {
  countOf,
  isKey,
  makeParcel,
  type Parcel,
  parseParcel,
  pickNewest,
  type Run,
  sumOf,
  toRuns,
  toText,
} from '../record/parcel.js'
import { fromLegacy, packLegacy } from './legacy.js'

/** What pages that are gone have left in localStorage. */
export interface Left {
  /** Calls in call order, a list for each page load. */
  readonly calls: readonly (readonly Call[])[]
  readonly parcels: readonly Parcel[]
  /** How many entries were damaged. */
  readonly damaged: number
  /** Page loads that said that they went away. */
  readonly departed: ReadonlySet<string>
  /** Deletes all of this from localStorage. */
  release(): void
}

/**
 * The spill: what goes to localStorage because the database has not taken it, one item for each page load. Where
 * localStorage is full or denied nothing is written, and nothing is reported, because the database or the page's memory
 * still holds it.
 */
export interface Spill {
  /**
   * Writes the calls that wait and the parcels that the database has not confirmed, as far as they have room, in place of
   * what this page had written before. A page that goes away has more room. Then each parcel has an item too.
   *
   * @param at time of writing, Unix epoch, ms; 0 if the page goes away.
   * @param active last activity on this origin, Unix epoch, ms.
   * @returns whether all of it is written.
   */
  save(calls: readonly Call[], parcels: readonly Parcel[], at: number, active: number): boolean
  /** The latest activity that a page told as it went away, Unix epoch, ms; 0 if none did. */
  lastActive(): number
  /** Deletes what this page has written. */
  clear(): void
  /** Whether another page has taken over what this one had left. */
  wasTaken(): boolean
  /** Finds what other page loads have left: what says that its page went away, and what is older than `ageMs`. */
  left(now: number, ageMs: number): Left
  /** Deletes everything under this write key, whoever wrote it. */
  purge(): void
}

/**
 * Makes the spill of one page load. Nothing is touched before it is needed, because the first access to localStorage reads
 * all of it.
 *
 * @param storage gives `localStorage`, and may throw.
 */
export function createSpill(writeKey: string, pageLoad: string, storage: () => Storage): Spill {
  const prefix = `sojourn-${writeKey}:`
  const mine = prefix + pageLoad
  let writtenAt = -1

  function attempt<T>(run: (storage: Storage) => T): T | undefined {
    try {
      return run(storage())
    } catch {
      // Full, denied or gone. The spill is a second chance, and its absence is not the fault of the page.
      return undefined
    }
  }

  function namesFrom(start: string): string[] {
    return attempt(one => Object.keys(one).filter(name => name.startsWith(start))) || []
  }

  function read(name: string): Json {
    return readObject(attempt(one => one.getItem(name))) || {}
  }

  /** The items of other page loads. */
  function names(): string[] {
    return namesFrom(prefix).filter(name => !name.startsWith(mine))
  }

  function remove(start: string): void {
    for (const name of namesFrom(start)) attempt(one => one.removeItem(name))
    writtenAt = -1
  }

  return {
    save(calls, parcels, at, active) {
      let room = at ? maxEarlyChars : maxLeftChars
      const some: Call[] = []
      for (const call of calls) {
        room -= toJson(call).length + 1
        // The first calls matter most: a sign-in is among them.
        if (room < 0) break
        some.push(call)
      }
      // JSON makes two characters of each quote.
      const newest = pickNewest(parcels, Math.min(room, maxEarlyChars) * 0.8, Infinity)
      let { key, text } = makeParcel(newest, pageLoad, parcels.length + 1e6)
      // What the database may have too keeps its key, so that it is not sent twice.
      for (const parcel of parcels) if (parcel.text === text) key = parcel.key
      const isAll = countOf(newest) === sumOf(parcels, ({ text }) => countOf(toRuns(text)))
      return !!attempt(function (one) {
        one.setItem(mine, toJson({ at, active, calls: some, key, text }))
        writtenAt = at
        if (isAll || at) return isAll && room >= 0
        // An item for each parcel, the oldest first. The database may have them too, so each keeps its key.
        for (const { key, text } of parcels) {
          room -= text.length
          if (room < 0) return false
          one.setItem(mine + key, toJson({ at, key, text }))
        }
        return true
      })
    },
    clear() {
      if (writtenAt >= 0) remove(mine)
    },
    lastActive() {
      const items = names().map(read)
      return Math.max(0, ...items.map(({ at, active }) => (at === 0 && isTime(active) ? active : 0)))
    },
    wasTaken: () => !writtenAt && attempt(one => one.getItem(mine)) === null,
    left(now, ageMs) {
      const calls: Call[][] = []
      const parcels: Parcel[] = []
      const legacyCalls: Call[] = []
      const legacyRecords: Run[] = []
      const departed = new Set<string>()
      let damaged = 0
      const taken = names()
        .sort()
        .filter(function (name) {
          const item = read(name)
          const at = isTime(item.at) ? item.at : NaN
          if (at && Math.abs(now - at) < ageMs) return false
          const record = fromLegacy(item)
          const parcel = isKey(item.key) ? parseParcel(item.text, item.key) : null
          const list = Array.isArray(item.calls) ? item.calls : []
          if (isCall(item)) legacyCalls.push(item)
          else if (record) legacyRecords.push(record)
          else if (!parcel && !list.some(isCall)) {
            // Nothing of what the page had was small enough.
            if (item.text !== '' || list.length) damaged++
          } else {
            if (parcel) parcels.push({ key: item.key as string, text: toText(parcel.runs) })
            damaged += (parcel ? parcel.damaged : 0) + list.filter(call => !isCall(call)).length
            calls.push(list.filter(isCall))
          }
          if (!at) departed.add(name.slice(prefix.length))
          return true
        })
      parcels.push(...packLegacy(legacyRecords, pageLoad))
      calls.push(legacyCalls)
      return {
        calls,
        parcels,
        damaged,
        departed,
        release: () => attempt(one => taken.forEach(name => one.removeItem(name))),
      }
    },
    purge: () => remove(prefix),
  }
}
