import type { KeptRecord } from '../record/event.js'
import type { Presence } from '../record/writer.js'

/** Where records are kept until the collector has named them. Every implementation passes `test/contracts/store.ts`. */
export interface Store {
  /** Hands the record to storage before the current task ends. Keeping the same record twice keeps it once. */
  keep(record: KeptRecord): void
  /** Commits what this task has kept so far: for the moments after which no microtask may come. */
  commit(): void
  /** Writes the presence as it is, in the current task; the last writer wins. */
  remember(presence: Presence): void
  /**
   * Writes the last activity alone, in the current task: a tab that has missed a sign-in must not undo it by being used.
   *
   * @param will what is to be owed should this page (`writer`) die without another word; `null` takes it back.
   */
  touch(active: number, writer: string, will: KeptRecord | null): void
  /** Gives the wills that were written longer than `ageMs` before or after `now`, and forgets them. */
  wills(now: number, ageMs: number): Promise<readonly KeptRecord[]>
  /** Reads, decides and writes the presence in one transaction; `decide` runs in the task that read it. */
  change(decide: (presence: Presence | undefined) => Presence): Promise<void>
  /**
   * The next records to send, at most a batch; empty when none can be read now. Settled ones never come again. What earlier page
   * loads have left is waited for, once, for at most a turn of the segments.
   *
   * @param isPatient waits for what is not at rest yet, if this page knows of any: at most one turn of the segments.
   */
  owed(isPatient?: boolean): Promise<readonly KeptRecord[]>
  /** Whether `owed` may have more to give, now or when the segment now appended to is at rest. */
  isUnread(): boolean
  /** Forgets records that the collector has named; those for which `isHistory` holds stay for local queries. */
  settle(records: readonly KeptRecord[], isHistory: (record: KeptRecord) => boolean): Promise<void>
  /** Forgets the history for which `isHistory` does not hold. */
  sweep(isHistory: (record: KeptRecord) => boolean): Promise<void>
  /** All that is owed, and the history, in no order: for local queries. Of other tabs, what they kept a turn ago. */
  all(): Promise<readonly KeptRecord[]>
  /** How many records are owed: of this page and those before it all, of other tabs what they kept a turn ago. */
  count(): Promise<number>
  /**
   * Makes room, and gives what was dropped for it: records of page loads before `since` (Unix epoch, ms), if there were such a
   * day ago already (`agedMs`: a clock may be wrong for a while), then the oldest anonymous ones, then the oldest, until the rest
   * weighs at most `maxChars`.
   */
  trim(maxChars: number, since: number): Promise<readonly KeptRecord[]>
  /** A right to send, for browsers without Web Locks: true if it is the holder's `until` that time. */
  lease(holder: string, now: number, until: number): Promise<boolean>
  /** Forgets everything. What was kept before is gone when the current task's writes are. */
  purge(): Promise<void>
  close(): void
}
