import { countAt, countOf, type Parcel, type Run, toText } from '../record/parcel.js'

/** A parcel of this page that is not settled. */
export interface OwedParcel extends Parcel {
  /** The records that are not settled. Empty while only the database holds the text. */
  text: string
  /** When it became owed, Unix epoch, ms. A record that an answer did not name becomes owed anew. */
  at: number
  /** Whether the database has it, or is about to. */
  kept: 'no' | 'begun' | 'yes'
  /** Whether a copy of it has left with a closing page. */
  isCopied: boolean
  /** How many of its records are not settled. */
  left: number
}

/**
 * The one list of what this page has made and the collector has not named. Sending, the exit copy, the time without a
 * database, and local queries all read it. Everything else on the device was made by other page loads.
 */
export interface Owed {
  add(parcels: readonly Parcel[], at: number): readonly OwedParcel[]
  get(key: unknown): OwedParcel | undefined
  /** All parcels, oldest first. */
  all(): readonly OwedParcel[]
  /**
   * Notes that only these records of a parcel are still owed; without any, the parcel is forgotten.
   *
   * @returns how many records were owed until now.
   */
  settle(key: string, runs: readonly Run[]): number
  /** A record of the parcel was not named by an answer: the parcel becomes owed anew at that time. */
  delay(key: string, at: number): void
  /** How many records are owed. */
  count(): number
  /** Leaves texts to the database, oldest first, until memory holds at most so many characters. */
  release(maxChars: number): void
  /** The database is gone with all that was in it. @returns how many records nothing holds any more. */
  lose(): number
}

/** Makes an empty list. */
export function createOwed(): Owed {
  const parcels = new Map<unknown, OwedParcel>()
  let records = 0
  let heldChars = 0

  function hold(parcel: OwedParcel, text: string): void {
    heldChars += text.length - parcel.text.length
    parcel.text = text
  }

  function settle(key: string, runs: readonly Run[]): number {
    const parcel = parcels.get(key)
    if (!parcel) return 0
    const settled = Math.max(parcel.left - countOf(runs), 0)
    parcel.left -= settled
    records -= settled
    if (parcel.text) hold(parcel, runs.length ? toText(runs) : '')
    if (!parcel.left) parcels.delete(key)
    return settled
  }

  return {
    add: (added, at) =>
      added.map(({ key, text }) => {
        settle(key, [])
        const parcel: OwedParcel = { key, text: '', at, kept: 'no', isCopied: false, left: countAt(key) }
        parcels.set(key, parcel)
        records += parcel.left
        hold(parcel, text)
        return parcel
      }),
    get: key => parcels.get(key),
    all: () => [...parcels.values()],
    settle,
    delay(key, at) {
      const parcel = parcels.get(key)
      if (parcel) parcel.at = at
    },
    count: () => records,
    release(maxChars) {
      for (const parcel of parcels.values()) {
        if (heldChars <= maxChars) return
        if (parcel.kept === 'yes') hold(parcel, '')
      }
    },
    lose() {
      let lost = 0
      for (const parcel of parcels.values()) {
        parcel.kept = 'no'
        if (!parcel.text) lost += settle(parcel.key, [])
      }
      return lost
    },
  }
}
