/** The replies of the collector that the shell and the pages read. Members that no page reads are left out. */

/** `GET /v1/token` */
export interface TokenReply {
  readonly name: string | null
  readonly sites: readonly { readonly site: string; readonly origins: readonly string[] }[]
  readonly rights: readonly string[]
  /** Unix epoch, ms; `null`: never. */
  readonly expires: number | null
}

/** An item of `GET …/numbers/sessions`. */
export interface ListedSession {
  readonly sessionID: string
  readonly visitID: string
  readonly identityId: string
  /** Unix epoch, ms. */
  readonly startDate: number
  /** 0 while nothing has ended the session. */
  readonly endDate: number
  readonly lastActivity: number
  /** Seconds. */
  readonly duration: number
  readonly endReason: string
  readonly pages: number
  readonly events: number
  readonly complete: boolean
  readonly automated: boolean
  readonly entry: string
  readonly exit: string
  readonly open: boolean
}

/** A list of the collector with the cursor of its next part, or `null` at its end. */
export interface ListReply<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}
