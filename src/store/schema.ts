/** Version of the schema. A greater version adds object stores and never takes one away, so every version finds its own. */
export const schemaVersion = 2

/** What version 1 kept, see `legacy.ts`. Pages of that version may still run beside this one. */
export const legacyStores = ['owed0', 'owed1', 'history'] as const

/**
 * The object stores.
 *
 * - `parcels`: what this device owes. Key: `makeKey`. Value: the text of a parcel.
 * - `settled`: parcels of the open session that the collector has, for local queries. Key: session id, space, parcel key.
 * - `state`: what the tabs share, one value each.
 */
export const stores = ['parcels', 'settled', 'state'] as const
export type StoreName = (typeof stores)[number] | (typeof legacyStores)[number]

/** One database for each write key. */
export function databaseName(key: string): string {
  return `sojourn-${key}`
}

/**
 * The name under which the pages of an origin share what is no store: channel and localStorage. With an own store it is
 * empty, because such a store may belong to another origin than the page: then pages share the store alone.
 */
export function sharedName({ key, makeStore }: { readonly key: string; readonly makeStore?: unknown }): string {
  return makeStore ? '' : databaseName(key)
}
