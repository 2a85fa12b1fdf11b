/** What is summed. The numbers are stored and never change. */
export const dims = {
  days: 0,
  durations: 1,
  pages: 2,
  entries: 3,
  exits: 4,
  referrers: 5,
  events: 6,
  properties: 7,
  values: 8,
} as const

/** The keys of the dimension `days`. */
export const counters = { visits: 0, visitors: 1, sessions: 2, pages: 3, events: 4 } as const

/** The keys of these dimensions are ids of texts. */
export function hasWords(dim: number): boolean {
  return dim >= dims.pages
}

/** Totals of these dimensions are summed by block of days too. Those of properties are not, because they are many. */
export function hasBlocks(dim: number): boolean {
  return dim >= dims.pages && dim < dims.properties
}

/** What a visit adds to one total. */
export interface Total {
  readonly dim: number
  /** Of a property, the id of the name of its event; of a value, the id of its property; else 0. */
  readonly parent: number
  /** Days since 1970. */
  readonly day: number
  readonly key: number
  n: number
  ms: number
}

/** A session as it is listed. `entry` and `exit` are ids of addresses; 0 if there is none. */
export interface ListedRow {
  readonly ref: number
  readonly visitID: string
  readonly sessionID: string
  readonly identityId: string
  readonly startDate: number
  readonly endDate: number
  readonly lastActivity: number
  readonly duration: number
  readonly endReason: string
  readonly idleAt: number
  readonly pages: number
  readonly events: number
  readonly complete: number
  readonly entry: number
  readonly exit: number
}

/** The first and the last time of something in a session, ms after the start of the session. */
export interface Mark {
  first: number
  last: number
}

/** What is counted of one visit. It depends only on the rows of the visit, so that counting it again changes nothing. */
export interface Digest {
  readonly automated: number
  readonly totals: readonly Total[]
  /** The identities that were signed in, by the day of their session. */
  readonly visitors: readonly (readonly [day: number, who: number])[]
  /** The texts of all ids. */
  readonly words: ReadonlyMap<number, string>
  readonly sessions: readonly { readonly row: ListedRow; readonly marks: ReadonlyMap<number, Mark> }[]
}
