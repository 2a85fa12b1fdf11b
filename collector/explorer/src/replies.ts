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
  /** `null` while the session is open. */
  readonly endReason: string | null
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

/** A day of `GET …/numbers/days`. */
export interface DayNumbers {
  /** The first moment of the day, UTC, Unix epoch, ms. */
  readonly day: number
  readonly visits: number
  readonly visitors: number
  readonly sessions: number
  readonly pages: number
  readonly events: number
  readonly activeMs: number
}

/** `GET …/numbers/days` */
export interface DaysReply {
  readonly days: readonly DayNumbers[]
  readonly total: Readonly<Record<'visits' | 'sessions' | 'pages' | 'events' | 'activeMs', number>>
  readonly behind: { readonly visits: number; readonly since: number | null }
}

/** `GET …/numbers/durations` */
export interface DurationsReply {
  readonly buckets: readonly { readonly maxSeconds: number | null; readonly sessions: number }[]
}

/** A row of a ranking. */
export interface RankedItem {
  readonly key: string
  readonly count: number
  readonly activeMs: number
}

/** `GET …/numbers/ranking`, `GET …/numbers/values` */
export interface RankingReply {
  readonly items: readonly RankedItem[]
  readonly total: { readonly count: number; readonly activeMs: number; readonly keys: number }
}

/** `GET …/numbers/properties` */
export interface PropertiesReply {
  readonly items: readonly { readonly key: string; readonly count: number }[]
}

/** `GET …/numbers/funnel` */
export interface FunnelReply {
  readonly steps: readonly { readonly step: string; readonly sessions: number }[]
  readonly looked: number
  readonly isWhole: boolean
}

/** A minute of `GET …/now`: records of each fate. */
export interface MinuteCounts {
  /** The first moment of the minute, Unix epoch, ms. */
  readonly at: number
  /** New business events. */
  readonly events: number
  readonly stored: number
  readonly replays: number
  readonly refused: number
  readonly late: number
}

/** An event of `GET …/now`. */
export interface LatestEvent {
  readonly eventID: string
  readonly eventName: string
  readonly url: string
  readonly timestamp: number
  readonly visitID: string
  readonly sessionID: string | null
  readonly identityId: string | null
}

/** `GET …/now` */
export interface NowReply {
  readonly now: number
  readonly active: { readonly visits: number; readonly sessions: number; readonly isWhole?: boolean }
  /** The last hour, the oldest minute first. */
  readonly minutes: readonly MinuteCounts[]
  readonly refused: readonly {
    readonly code: string
    readonly count: number
    readonly lastAt: number
    readonly origin: string | null
  }[]
  readonly delay: { readonly p50Ms: number | null; readonly p95Ms: number | null }
  readonly latest: readonly LatestEvent[]
  readonly collectors: number
}

/** `GET …/setup` */
export interface SetupReply {
  readonly site: string
  readonly keys: readonly string[]
  readonly origins: readonly string[]
  /** `null`: no key of the site works. */
  readonly tag: string | null
  /** The plugins that a tag may name. */
  readonly plugins: readonly string[]
  readonly csp: readonly string[]
  readonly first: { readonly receivedAt: number } | null
  readonly latest: { readonly receivedAt: number } | null
  readonly refused: {
    readonly code: string
    readonly message: string
    readonly at: number
    readonly origin: string | null
  } | null
}
