/** An event, as a list of the latest ones shows it. */
export interface LatestEvent {
  readonly eventID: string
  readonly eventName: string
  readonly url: string
  /** Browser's clock, Unix epoch, ms. */
  readonly timestamp: number
  readonly visitID: string
  readonly sessionID: string | null
  /** `null` if the event belongs to no session. */
  readonly identityId: string | null
}

/** How many visits and sessions are active. */
export interface Active {
  /** Visits that are not over. */
  readonly visits: number
  /** Sessions that have not ended and are not over. */
  readonly sessions: number
  /** Whether all were counted. If not, there are more, because so much is received that only the newest was looked at. */
  readonly isWhole: boolean
}

/** What is happening on a site. Both reads are bounded, whatever is stored. */
export interface LiveReads {
  /**
   * Counts visits and sessions that are open and not idle, of those of which something was received in the last half hour.
   * Those of automated browsers are left out.
   *
   * @param now collector's clock, Unix epoch, ms.
   */
  active(now: number): Promise<Active>
  /**
   * Lists the events that were received last, the newest first. Those of automated browsers are left out, and at most
   * `maxLatestLooked` events are looked at.
   */
  latest(limit: number): Promise<readonly LatestEvent[]>
}
