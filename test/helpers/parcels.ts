import { type Parcel, pack } from '../../src/record/parcel.js'
import { timedIds } from './ids.js'
import { recordsWith } from './tab.js'

/** The parcels of one page load with so many records. */
export function parcelsWith(count: number, options: Parameters<typeof recordsWith>[1] = {}): Parcel[] {
  const makeId = options.makeId ?? timedIds()
  const pageLoad = makeId()
  return pack(recordsWith(count, { ...options, makeId }), pageLoad, 0)
}

/** A parcel of one page load with so many records. */
export function parcelWith(count: number, options?: Parameters<typeof recordsWith>[1]): Parcel {
  const parcels = parcelsWith(count, options)
  if (parcels.length !== 1) throw new Error(`${parcels.length} parcels`)
  return parcels[0] as Parcel
}
