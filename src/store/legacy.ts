import { maxParcelRecords } from '../record/limits.js'
import { idsOf, isKey, type Parcel, pack, parseParcel, type Run } from '../record/parcel.js'
import type { Database } from './database.js'

/*
 * The layout of version 1: one object for each record, in two stores that tabs appended to in turn. Pages of that version may still run beside this one.
 */

/** A record of version 1; `null` if the value is none, or damaged. */
export function fromLegacy(value: unknown): Run | null {
  const { visit, session, page, writer, seq, ends, event } = (value || {}) as Record<string, string>
  const parsed = parseParcel([visit, session, page, writer, seq, ends, event].join('\n'))
  return parsed && (parsed.runs[0] as Run)
}

/** A record as version 1 keeps it. */
export function toLegacy(run: Run): object {
  const [visit, session, page, writer, seq, ends, event] = run
  return { id: idsOf([run])[0], visit, session, page, writer, seq, ends, event }
}

/**
 * Packs records of version 1 under the page load that made the first of them, so that every tab packs them alike.
 *
 * @param otherwise a page load for records whose ids do not tell theirs.
 */
export function packLegacy(records: readonly Run[], otherwise: string): Parcel[] {
  // An id is a page load and a number in it, so parcels that are packed later get other keys.
  const id = idsOf(records)[0] || ''
  return isKey(`0${id}.1.1`) ? pack(records, id.slice(0, 21), parseInt(id.slice(21), 36)) : pack(records, otherwise, 0)
}

/**
 * Moves records of version 1 into parcels. A record moves in one transaction, so that none can be lost on the way.
 *
 * @returns how many records were damaged; they are deleted.
 */
export async function moveLegacy({ read, write, isLegacy }: Database, otherwise: string): Promise<number> {
  let damaged = 0
  for (const name of ['owed0', 'owed1'] as const) {
    while (isLegacy()) {
      const keys = await read(name, store => store.getAllKeys(null, maxParcelRecords))
      if (!keys.length) break
      // All values under those keys: a page of version 1 may have added some among them.
      const range = IDBKeyRange.bound(keys[0], keys[keys.length - 1])
      const values = await read(name, store => store.getAll(range))
      const records = values.flatMap(value => {
        const run = fromLegacy(value)
        return run ? [run] : []
      })
      damaged += values.length - records.length
      await write([name, 'parcels'], function (from, to) {
        for (const { key, text } of packLegacy(records, otherwise)) to?.put(text, key)
        for (const key of keys) from.delete(key)
      })
    }
  }
  // What was settled served local questions. It may name a person, and nobody reads it any more.
  if (isLegacy()) await write(['history'], store => store.clear())
  return damaged
}
