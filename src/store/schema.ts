/** Version of the schema. A greater version adds object stores and never takes one away, so every version finds its own. */
export const schemaVersion = 2

/**
 * The object stores.
 *
 * - `parcels`: what this device owes. Key: `makeKey`. Value: the text of a parcel.
 * - `settled`: parcels of the open session that the collector has, for local queries. Key: session id, space, parcel key.
 * - `state`: what the tabs share, one value each.
 * - `owed0`, `owed1`, `history`: the layout of version 1, see `legacy.ts`.
 */
export const stores = ['parcels', 'settled', 'state', 'owed0', 'owed1', 'history'] as const
export type StoreName = (typeof stores)[number]

/** One database for each write key. */
export function databaseName(key: string): string {
  return `sojourn-${key}`
}
