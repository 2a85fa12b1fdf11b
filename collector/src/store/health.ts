/** What one collector has counted of one site in one minute. */
export interface HealthRow {
  /** Empty: requests of which nobody knows the site, because their key is that of none. */
  readonly site: string
  /** The first moment of the minute, Unix epoch, ms. */
  readonly minute: number
  /** The process that has counted: an id of each start of a collector. */
  readonly collector: string
  /** When it last refused something in this minute, Unix epoch, ms; 0: it did not. */
  readonly refusedAt: number
  /** The counts as JSON. The store does not read them. */
  readonly counts: string
}

/**
 * Keeps what collectors count, for two days, so that any of them can tell of all. It is no record: if it is lost, nothing
 * else is.
 */
export interface HealthStore {
  /** Writes rows, each in the place of the row with the same site, minute and collector. */
  write(rows: readonly HealthRow[]): Promise<void>
  /** Reads the rows of a site, the oldest minute first. @param since the first minute, Unix epoch, ms. */
  since(site: string, since: number): Promise<readonly HealthRow[]>
  /** Reads the newest rows of a site in which something was refused, the newest first. */
  refused(site: string, limit: number): Promise<readonly HealthRow[]>
  /** Removes the rows of all sites before a minute, Unix epoch, ms. */
  removeBefore(minute: number): Promise<void>
}
