/** Whether items of automated browsers are left out, or are the only ones. */
export type Automated = 'exclude' | 'only'

/** What numbers are counted of. Days are days of UTC. */
export interface Period {
  /** The first moment of the first day, Unix epoch, ms. */
  readonly since: number
  /** The first moment after the last day, Unix epoch, ms. */
  readonly until: number
  /** If left out, automated browsers count like others. */
  readonly automated?: Automated
}

/** What is counted of one day. A visit and a session count on the day of their start, a page and an event on their own day. */
export interface DayNumbers {
  /** The first moment of the day, Unix epoch, ms. */
  readonly day: number
  readonly visits: number
  /**
   * Identities whose sessions began on the day, and visits that began on it in which nobody has signed in. Who came with
   * an automated browser and with another counts twice.
   */
  readonly visitors: number
  readonly sessions: number
  readonly pages: number
  /** Business events. */
  readonly events: number
  /** The time from the start of each page to the last activity on it, of a page at most `maxActiveMs`; ms. */
  readonly activeMs: number
}

/**
 * What a ranking lists. Addresses have no query and no fragment, and are cut to `maxKeyChars`.
 *
 * - `pages`: addresses of all pages, by the day of the page.
 * - `entries`, `exits`: addresses of the first and the last page of each visit, by the day of the visit.
 * - `referrers`: where the first page of each visit says it was opened from, if that is another site.
 * - `events`: names of business events.
 */
export type Ranked = 'pages' | 'entries' | 'exits' | 'referrers' | 'events'

export interface RankedRow {
  readonly key: string
  readonly count: number
  /** Only of pages; else 0. ms. */
  readonly activeMs: number
}

/** The first rows of a ranking, and the sums of all. */
export interface Ranking {
  readonly rows: readonly RankedRow[]
  readonly count: number
  readonly activeMs: number
  /** How many different keys there are. */
  readonly keys: number
}

/** A step of a funnel: a business event with this name, or a page with this address. */
export type Step = { readonly eventName: string } | { readonly url: string }

export interface FunnelCounts {
  /**
   * For each step, the sessions that did it after the step before. The first time of a step counts, or the last if the first
   * was too early. So of three steps or more, a session that did one of them many times may be left out.
   */
  readonly sessions: readonly number[]
  /** Whether all sessions of the period were looked at. If not, these are the newest. */
  readonly isWhole: boolean
  /** How many sessions were looked at that did the first step. */
  readonly looked: number
}

/** What sessions can be ordered by. */
export type SessionOrder = 'start' | 'duration' | 'lastActivity' | 'pages' | 'events'

/** Which sessions are listed. A session must match every filter. */
export interface SessionQuery {
  readonly identityId?: string
  readonly automated?: Automated
  /** Times of the start, Unix epoch, ms; `since` is inside, `until` too. */
  readonly since?: number
  readonly until?: number
  /** Seconds from the start to the end, or to the last activity if no event has ended the session. */
  readonly minDuration?: number
  readonly maxDuration?: number
  /** `true`: open and not idle at `now`. `false`: ended or idle. */
  readonly open?: boolean
  readonly now: number
  /** As a session is read: `abandoned` if nobody has closed it and it is idle, `unknown` if its end does not say why. */
  readonly endReason?: string
  /** Whether all records have arrived that the browser says it made in the visit. */
  readonly complete?: boolean
  /** An address of a page, without query and fragment. */
  readonly url?: string
  /** The name of a business event. */
  readonly eventName?: string
  readonly order: SessionOrder
  readonly isDescending: boolean
  /** The position after the last item of the page before: its value of `order`, its `sessionID` and `visitID`. */
  readonly after?: readonly [number, string, string]
  readonly limit: number
}

/** A session, as a list shows it. Its pages are those that were entered in it, and those on which something of it happened. */
export interface ListedSession {
  readonly sessionID: string
  readonly visitID: string
  readonly identityId: string
  readonly startDate: number
  /** 0 if no event has ended the session. */
  readonly endDate: number
  readonly lastActivity: number
  /** Seconds from the start to the end, or to the last activity if no event has ended the session. */
  readonly duration: number
  /** Empty if no event has ended the session. */
  readonly endReason: string
  /** When the session is over without an end event, collector's clock, Unix epoch, ms. */
  readonly idleAt: number
  readonly pages: number
  /** Business events. */
  readonly events: number
  readonly complete: boolean
  readonly automated: boolean
  /** Addresses of the first and the last page, without query and fragment; empty if there is none. */
  readonly entry: string
  readonly exit: string
}

export interface SessionPart {
  readonly items: readonly ListedSession[]
  /** `null`: this was the last part. A part may be empty and not the last, because a request looks at a bounded number. */
  readonly next: readonly [number, string, string] | null
}

/**
 * The numbers of one site. They are exact sums over what is stored: a replay changes nothing, and what is erased or too
 * old counts no more. They follow what is stored within seconds; `behind` tells by how much.
 */
export interface Numbers {
  /** Days on which nothing happened are left out. */
  days(period: Period): Promise<readonly DayNumbers[]>
  /** How many sessions had which duration: one count for each of `durationBuckets`. An end belongs to its bucket. */
  durations(period: Period): Promise<readonly number[]>
  ranking(of: Ranked, period: Period, by: 'count' | 'activeMs', limit: number): Promise<Ranking>
  /**
   * The properties that the data of business events with this name have, and how often: of each event the first
   * `maxEventProperties` that are texts, numbers or booleans.
   */
  properties(eventName: string, period: Period): Promise<readonly RankedRow[]>
  /** The values of a property of the events with this name. A number counts as its text, and long texts are cut. */
  values(eventName: string, property: string, period: Period, limit: number): Promise<Ranking>
  /** @param steps two to five. */
  funnel(steps: readonly Step[], period: Period): Promise<FunnelCounts>
  sessions(query: SessionQuery): Promise<SessionPart>
  /** How many visits have changed that are not counted anew yet, and since when the oldest waits. Unix epoch, ms; `null`: none. */
  behind(): Promise<{ readonly visits: number; readonly since: number | null }>
}

/** The upper ends of the buckets of durations, seconds. The last bucket has none. */
export const durationBuckets = [10, 30, 60, 180, 600, 1800, 3600, Number.POSITIVE_INFINITY] as const
