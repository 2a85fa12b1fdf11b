import type { PageBirth } from './birth.js'
import type { Call } from './call.js'
import type { LeftPage } from './open-page.js'
import type { OpenState } from './open-state.js'
import type { Run } from './parcel.js'

/** What a writer needs. Time and random numbers come from outside. */
export interface WriterParts {
  /** Gives a new unique id of 21 characters or more that sorts by the time at which it was made. */
  readonly makeId: () => string
  /** Takes a record, as a run of its own. */
  readonly keep: (record: Run) => void
  readonly idleLimitMs: number
  readonly sessionLimitMs: number
  /** Whether to record what happens while nobody is signed in. */
  readonly anonymous: boolean
  /** The share of visits to record, from 0 to 1. */
  readonly sample: number
  /** Gives the id of the visitor that a new visit has, which may be shared. @param own that of this origin. */
  readonly share?: (own: string) => string
  readonly languageCode: string
  readonly userAgent: string
  /** Whether a program drives the browser. */
  readonly automated?: true
  /** When the visitor before was forgotten on this device, Unix epoch, ms. No older open state is adopted. */
  readonly forgottenAt?: number
  /** The page that was open when a writer before was stopped, in the same document. */
  readonly inherited?: (() => LeftPage | null | undefined) | undefined
}

/** One page load of one tab. It turns calls into records and numbers them. All lifecycle rules stand here. */
export interface Writer {
  openState(): OpenState
  /** The page that is open in this tab. */
  page(): PageBirth | null
  /** A person was active at that time, in this page or another. */
  touch(active: number): void
  /** Closes the page without a record, because another page has taken its exit over. What a person does opens it anew. */
  drop(): void
  /**
   * Takes the open state of another tab, or of the store, if it is newer. May make records: of the end of a page whose
   * visit is over, and of the end of a session that has lost against one that another tab opened at the same moment.
   */
  adopt(state: OpenState | undefined): void
  /** Whether a call at that time would end the visit or the session, or begin a visit. Then the tab must read the stored open state before it decides. */
  isExpired(at: number): boolean
  /** Makes the records of one call. */
  bind(call: Call): void
  /**
   * Makes the orphan exit: the exit of the open page at its last activity, to be sent only if the page dies without
   * recording its own exit.
   *
   * @returns `null` if there is no page to leave, or nothing may be recorded.
   */
  orphanExit(): Run | null
  /**
   * Ends the open session without a record if it is one of these, because the collector has erased its person. The session
   * that the page would resume counts as open. What comes later is of nobody, in the same visit.
   *
   * @param sessions each as JSON.
   * @returns whether it was one of these.
   */
  erase(sessions: readonly string[], at: number): boolean
  /** A permanent id for the next call. */
  nextId(): string
}
