/** What a tombstone is of. */
export type TombstoneKind = 'identity' | 'session' | 'visit'

/** What stays of something erased: a keyed hash, from which nobody without the secret can tell what it was. */
export interface Tombstone {
  readonly site: string
  readonly kind: TombstoneKind
  /** HMAC-SHA256 of the key, in base64url. */
  readonly hash: string
  /** By the collector's clock, Unix epoch, ms. */
  readonly erasedAt: number
  /** Of a visit: the erased part, by the clock of its browser. Of others, both are 0. */
  readonly fromAt: number
  readonly untilAt: number
}

/** All tombstones after a number of them. `n` is the number of the last change; `secret` is empty before the first. */
export interface TombstoneState {
  readonly n: number
  readonly secret: string
  readonly rows: readonly Tombstone[]
}

/** How much was removed. */
export interface Erased {
  readonly sessions: number
  readonly events: number
  readonly visits: number
}

/** What `eraseAgain` did. */
export interface ErasedAgain extends Erased {
  /**
   * Whether the store has the tombstones now. It cannot take those of a store with another secret. What such a store had erased
   * is removed, but records that arrive later are refused only of persons of whom something was removed.
   */
  readonly isKept: boolean
}

/** What was once said of a person, as `traits` stores it. */
export interface StoredTrait {
  readonly trait: string
  readonly value: string
  /** The id of the event that said it, or the id of the visit whose browser it is. */
  readonly sourceID: string
  /** When it was said, by the collector's clock; 0 if that was ahead of its receipt. Unix epoch, ms. */
  readonly at: number
  /** When the collector got it, Unix epoch, ms. */
  readonly receivedAt: number
}

/** One bite of what `removeOld` does. */
export interface Bite {
  /** How many visits were removed whole. */
  readonly visits: number
  /** Whether anything was removed. */
  readonly hasRemoved: boolean
  /** Where the next bite begins; `null` if this was the last. */
  readonly next: OldCursor | null
}

/** The place after a visit in the order of receipt. */
export interface OldCursor {
  readonly receivedAt: number
  readonly visitID: string
}

/** What persons and sites may ask of a store, beyond reads. */
export interface Rights {
  /**
   * Erases an identity: its sessions with their events and pages, what is known of it, and what was done in the same visits
   * before, while nobody was signed in. A visit with nothing else goes too. When it resolves, this is on disk, and nothing
   * that arrives later, or arrived meanwhile at any collector, brings it back: `merge` answers it as gone. A session that
   * begins after `now` is a new start. What was received well after `now` goes too, because the clock was ahead then. An identity of
   * which nothing is known leaves its tombstone too.
   *
   * @param now collector's clock, Unix epoch, ms.
   * @throws (rejects) if the store fails. Some may be removed then. Call it again.
   */
  erase(site: string, identityId: string, now: number): Promise<Erased>
  /**
   * Removes visits of a site, with all that belongs to them, of which nothing was received since a time. Of other visits, it removes
   * the events that were received before, and the sessions and pages that were and have no event left. So whoever adds to a visit, session or page
   * keeps its row, and nothing else of what is old. Identities without a session left go too, and what was said of others before and
   * said anew since. It works a small bite of at most 200 visits, so that merges do not wait.
   *
   * @param before Unix epoch, ms.
   * @param after where the bite begins; `null`: at the oldest visit.
   */
  removeOld(site: string, before: number, after: OldCursor | null): Promise<Bite>
  /** All tombstones, to be kept beside a backup: a store that was restored from an older state lacks the later ones. */
  tombstones(): Promise<TombstoneState>
  /**
   * Erases whom the tombstones of another state of this store name, as of the times at which they were erased. Repeated, it removes
   * nothing more.
   *
   * @param now collector's clock, Unix epoch, ms.
   * @throws (rejects) if the store fails. Some may be removed then. Call it again.
   */
  eraseAgain(state: TombstoneState, now: number): Promise<ErasedAgain>
  /** Lists all that was ever said of an identity by (trait, sourceID). */
  traits(site: string, identityId: string, after: StoredTrait | null, limit: number): Promise<readonly StoredTrait[]>
}
