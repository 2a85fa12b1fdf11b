// What an administrator decides: sites, their keys, origins and secrets, and the tokens of readers. All times are Unix
// epoch in ms, by the clock of the machine on which it was decided.

/** What a token allows. `metrics` is no right to read what people did. */
export type Right = 'read' | 'export' | 'erase' | 'metrics'

/** All rights, in the order in which they are listed. */
export const rights: readonly Right[] = ['read', 'export', 'erase', 'metrics']

/**
 * How much a site may send in a minute. `null`: any amount. Bytes are those of unzipped bodies. Records are events, refused
 * ones too.
 */
export interface SiteQuota {
  readonly requestsPerMinute: number | null
  readonly bytesPerMinute: number | null
  readonly recordsPerMinute: number | null
}

/** A site: its records are apart from those of every other site. */
export interface SiteRow {
  readonly name: string
  readonly createdAt: number
  /** From then on nothing is taken for the site. `null`: it has no end. What is stored can be read after that too. */
  readonly endsAt: number | null
  /** Records older than this may be removed. `null`: they are kept. */
  readonly keepMs: number | null
  readonly quota: SiteQuota | null
}

/** A write key. It is public, because it stands in every page of the site. */
export interface KeyRow {
  readonly key: string
  readonly site: string
  readonly createdAt: number
  /** From then on the key is wrong. `null`: it has no end. */
  readonly endsAt: number | null
}

/** Pages of this origin may send with the keys of this site. */
export interface OriginRow {
  readonly site: string
  readonly origin: string
}

/** A secret with which the server of a site signs identities. It is stored as it is, because signing needs it. */
export interface SecretRow {
  readonly site: string
  readonly secret: string
  readonly createdAt: number
}

/** A token of readers. Only its digest is stored, so that nobody can read with a copy of the database. */
export interface TokenRow {
  readonly name: string
  /** SHA-256 of the token, in small hexadecimal digits. */
  readonly digest: string
  /** The sites that it covers; `null`: all, also those that are added later. */
  readonly sites: readonly string[] | null
  readonly rights: readonly Right[]
  readonly createdAt: number
  /** From then on the token is wrong. `null`: it has no end. */
  readonly endsAt: number | null
}

/** All that was decided. */
export interface AdminState {
  readonly sites: readonly SiteRow[]
  readonly keys: readonly KeyRow[]
  readonly origins: readonly OriginRow[]
  readonly secrets: readonly SecretRow[]
  readonly tokens: readonly TokenRow[]
}

/** The state of a new database. */
export const nothingDecided: AdminState = { sites: [], keys: [], origins: [], secrets: [], tokens: [] }

/** Keeps what was decided, in the database of the records. All processes that share the database share it. */
export interface AdminStore {
  /** Reads everything, as it was at one moment. `version` grows with every change. */
  read(): Promise<AdminState & { readonly version: number }>
  /** Reads the version alone, which costs less. */
  version(): Promise<number>
  /**
   * Changes the state. When it resolves, the change is on disk. If another process has changed it meanwhile, `decide`
   * is called again with the newer state, so that no change is lost.
   *
   * @param decide makes the new state from the present one. If it throws, nothing changes.
   * @returns the new state.
   * @throws (rejects) what `decide` throws, or the error of the database.
   */
  change(decide: (state: AdminState) => AdminState): Promise<AdminState>
}
