import { createHmac, randomBytes } from 'node:crypto'
import { type Known, splitGone } from './gone.js'
import type { Part } from './parts.js'
import type { Tombstone, TombstoneKind, TombstoneState } from './rights.js'
import type { Arrival } from './store.js'

/** What filtering arrivals gives. */
export interface Filtered {
  /** The number of the last change that was considered. The store must still have it when it writes. */
  readonly n: number
  readonly arrivals: readonly Arrival[]
  /** For each of the given arrivals, the ids of its events that are gone. */
  readonly gone: readonly (readonly string[])[]
}

/** The tombstones of a store, as this process knows them. */
export interface Tombstones {
  /** Takes out of arrivals what belongs to erased persons. Computes no hash for a site without tombstones. */
  readonly filter: (arrivals: readonly Arrival[]) => Filtered
  /** Reads what has changed. */
  readonly load: () => Promise<void>
  /**
   * Writes tombstones. When it resolves, they are on disk.
   *
   * @param make is called with the function that hashes a key, again if another process has written meanwhile.
   */
  readonly put: (make: (hash: Hash) => readonly Tombstone[]) => Promise<void>
  /**
   * Writes tombstones of another state of this store. When it resolves, they are on disk.
   *
   * @returns `false` if they have another secret than those of the store; nothing was written then.
   */
  readonly take: (state: Pick<TombstoneState, 'secret' | 'rows'>) => Promise<boolean>
}

/** Makes the keyed hash of a key: of an identity, of a visit, or of a visit and a session. */
export type Hash = (site: string, kind: TombstoneKind, ...key: readonly string[]) => string

/** Where tombstones are stored. */
export interface TombstoneTable {
  /** Reads the state, with the tombstones whose number is above `after`. */
  readonly read: (after: number) => Promise<TombstoneState>
  /**
   * Writes tombstones under the next number.
   *
   * @returns `false` if the number was no longer `n`; nothing was written then.
   */
  readonly write: (n: number, secret: string, rows: readonly Tombstone[]) => Promise<boolean>
}

/** @param keyOf makes the key of a visit, session or identity, as the store does. */
export function createTombstones(table: TombstoneTable, keyOf: (id: string) => string): Tombstones {
  let n = 0
  let secret = ''
  let sites = new Set<string>()
  let identities = new Map<string, number>()
  let sessions = new Set<string>()
  let visits = new Map<string, Part[]>()

  const hash: Hash = (...key) => toHash(secret, ...key)

  const known: Known = {
    erasedAt: (site, identityId) =>
      (sites.has(site) && identities.get(hash(site, 'identity', keyOf(identityId)))) || null,
    isErased: (site, visitID, sessionID) =>
      sites.has(site) && sessions.has(hash(site, 'session', keyOf(visitID), keyOf(sessionID))),
    partsOf: (site, visitID) => (sites.has(site) && visits.get(hash(site, 'visit', keyOf(visitID)))) || null,
  }

  function add({ site, kind, hash: own, erasedAt, fromAt, untilAt }: Tombstone): void {
    sites.add(site)
    if (kind === 'identity') identities.set(own, Math.max(identities.get(own) ?? 0, erasedAt))
    else if (kind === 'session') sessions.add(own)
    else {
      const others = (visits.get(own) ?? []).filter(({ from }) => from !== fromAt)
      visits.set(own, [...others, { from: fromAt, until: untilAt }])
    }
  }

  async function load(): Promise<void> {
    const before = n
    const state = await table.read(before)
    // Another load was faster.
    if (n !== before) return
    if (state.n < n || (secret && state.secret !== secret)) {
      // The database was restored from a backup.
      n = 0
      secret = ''
      sites = new Set()
      identities = new Map()
      sessions = new Set()
      visits = new Map()
      return load()
    }
    secret = state.secret
    for (const row of state.rows) add(row)
    n = state.n
  }

  return {
    load,
    filter(arrivals) {
      if (!sites.size) return { n, arrivals, gone: arrivals.map(() => []) }
      const split = arrivals.map(arrival => (sites.has(arrival.site) ? splitGone(arrival, known) : null))
      return {
        n,
        arrivals: arrivals.map((arrival, place) => split[place]?.arrival ?? arrival),
        gone: split.map(one => one?.gone ?? []),
      }
    },
    async put(make) {
      for (;;) {
        await load()
        const key = secret || randomBytes(32).toString('base64url')
        if (
          await table.write(
            n,
            key,
            make((...of) => toHash(key, ...of)),
          )
        )
          return load()
      }
    },
    async take({ secret: theirs, rows }) {
      for (;;) {
        await load()
        if (secret && secret !== theirs) return false
        if (!rows.length) return true
        if (await table.write(n, theirs, rows)) {
          await load()
          return true
        }
      }
    },
  }
}

/** Makes the keyed hash of a key with a secret. */
export function toHash(secret: string, site: string, kind: TombstoneKind, ...key: readonly string[]): string {
  return createHmac('sha256', secret)
    .update([site, kind, ...key].join('\0'))
    .digest('base64url')
}
