import type { Drainer } from './browser/locks.js'
import type { RecordFate } from './known.js'
import type { FlushResult } from './outbox/outbox.js'
import type { PaceState } from './outbox/pace.js'
import type { LeftPage } from './record/open-page.js'
import type { OpenState } from './record/open-state.js'
import type { Connection } from './store/key-value-store.js'

/** Where records are kept just now: `own` is the option `store`, and `memory` holds while the store is not to be had. */
export type StoreKind = 'opening' | Connection['kind'] | 'memory'

/** What the outbox and the store are doing. */
export interface RecordingState extends PaceState {
  readonly store: StoreKind
  /** The visit that is open; `null` if none is, or if the tracker does not know yet. */
  readonly visitID: string | null
  /** The session that is open, and who is signed in; `null` as above. */
  readonly sessionID: string | null
  readonly identityId: string | null
  /** Records that the collector has not named yet. */
  readonly owed: number
  readonly drainer: Drainer
}

/** From a call to the collector's answer. It binds the calls that wait, and connects the parts to what happens to the page. */
export interface Recording {
  /** The page may have missed what other tabs have told, so the store is read again for those who observe. */
  readAgain(): void
  onOpen(): void
  onFail(cause: unknown): void
  onLost(): void
  /** The database has had its time to open. */
  onTimeout(): void
  /** Whether the page goes away. Then no later task comes. */
  isLeaving(): boolean
  /** Binds the calls that wait, as far as it is known what is open, and hands the records to storage. */
  bind(): void
  /** What can wait until the task of the start is over. */
  startRest(): void
  /** Whether the visit that is open is over at that time. */
  isOver(at: number): boolean
  flush(isForced?: boolean): Promise<FlushResult>
  /** The tab is hidden, and may be killed without another word. */
  hide(): void
  /** The page goes away, for good or into the back/forward cache. */
  leave(): void
  /** The page is frozen. It lets go of everything that another tab may wait for. */
  freeze(): void
  /** The page is back. */
  back(): void
  openState(): OpenState
  /** The page that is open. */
  left(): LeftPage | null
  facts(): Promise<readonly RecordFate[]>
  state(): RecordingState
  /** Hands over what was called so far, then stops listening and sending. Settles when that is done. */
  stop(): Promise<void>
  /**
   * Drops what this page holds, deletes it on this device, and ends. What is in flight is stopped.
   *
   * @param isAll whether to delete also what other pages have written. If not, another tab does that.
   * @returns settles when all is deleted.
   */
  purge(reason: 'denied' | 'forgotten', isAll: boolean): Promise<unknown>
}
