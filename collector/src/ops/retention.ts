import { clockToleranceMs, oldLookMs, oldLookShare, oldTickMs } from '../limits.js'
import type { Bite, OldCursor } from '../store/rights.js'
import type { CollectorStore } from '../store/store.js'
import { clockTrustMs } from './limits.js'

/** What retention is made of. */
export interface RetentionParts {
  readonly store: Pick<CollectorStore, 'rights' | 'of'>
  /** The sites as they are now, and how long each keeps its records, ms. `null`: for ever. */
  readonly sites: () => readonly { readonly name: string; readonly keepMs: number | null }[]
  /** Unix epoch, ms. */
  readonly now: () => number
  /** For how long the process runs, whatever its clock does, ms. */
  readonly uptime: () => number
  /** Calls a task every `oldTickMs`. @returns the undo. */
  readonly every: (task: () => void) => () => void
  /** Called with how many visits of a site were removed. */
  readonly onRemoved: (site: string, visits: number) => void
  /** Called with a site of which everything is too old, while that may be the fault of the clock. Nothing of it is removed. */
  readonly onDoubt: (site: string) => void
  /** Called with by how much the clock was set since the round before, ms. Nothing is removed for an hour, or for as long as a site keeps. */
  readonly onSet: (ms: number) => void
  /** Called with the cause if the store fails. The next round tries again. */
  readonly onError: (cause: unknown) => void
  /** Waits between two bites. */
  readonly rest: () => Promise<void>
}

/** Removes visits that are older than their site keeps them. Several collectors may do it at the same time. */
export interface Retention {
  /** Looks at each site for which it is time. A round that is under way is waited for instead. */
  readonly round: () => Promise<void>
  /** Ends after the bite under way. */
  readonly stop: () => Promise<void>
}

/** Makes the retention. It begins with the first call of `every`. */
export function createRetention(parts: RetentionParts): Retention {
  const { store, sites, now, uptime, every, onRemoved, onDoubt, onSet, onError, rest } = parts
  // When the process began, by its clock. It moves if the clock is set.
  let begun = now() - uptime()
  /** The uptime at which the clock was seen to have been set. */
  let setAt: number | null = null
  /** The uptime at which each site was looked at last. */
  const lookedAt = new Map<string, number>()
  const state = { isStopped: false }
  let running: Promise<void> | null = null

  function noteClock(): void {
    const ms = now() - uptime() - begun
    if (Math.abs(ms) <= clockToleranceMs) return
    begun += ms
    setAt = uptime()
    onSet(ms)
  }

  /**
   * For how long the clock is doubted after a start, or after it was set: an hour. A site that keeps its records for less is doubted
   * for as long as that: what was there before is older by then, whatever the clock says.
   */
  const toTrustMs = (keepMs: number): number => Math.min(clockTrustMs, keepMs)

  /** Whether the clock was just set. It may have been set wrong, and removed records do not come back. */
  function isJustSet(keepMs: number): boolean {
    return setAt !== null && uptime() - setAt < toTrustMs(keepMs)
  }

  /** Whether it is time to look at a site again. What is kept for minutes is looked for more often. */
  function isDue(site: string, keepMs: number): boolean {
    const last = lookedAt.get(site)
    return last === undefined || uptime() - last >= Math.min(oldLookMs, Math.max(oldTickMs, keepMs / oldLookShare))
  }

  /**
   * A machine that has just started may be years ahead until it has asked a time server. What was received in the last hour
   * may have the time of the same clock, so it shows nothing.
   */
  async function isDoubtful(site: string, keepMs: number, before: number): Promise<boolean> {
    if (uptime() >= toTrustMs(keepMs)) return false
    const until = now() - clockTrustMs
    const newest = await store.of(site).horizon('receipts', {}, { isDescending: true, until }, 0)
    return newest !== null && newest < before
  }

  async function clean(site: string, before: number): Promise<number> {
    let removed = 0
    let after: OldCursor | null = null
    do {
      const bite: Bite = await store.rights.removeOld(site, before, after)
      removed += bite.visits
      after = bite.next
      if (after) await rest()
    } while (after && !state.isStopped)
    return removed
  }

  async function cleanAll(): Promise<void> {
    noteClock()
    for (const { name, keepMs } of sites()) {
      if (keepMs === null || state.isStopped || isJustSet(keepMs) || !isDue(name, keepMs)) continue
      try {
        const before = now() - keepMs
        const isWaiting = await isDoubtful(name, keepMs, before)
        const removed = isWaiting ? 0 : await clean(name, before)
        if (isWaiting) onDoubt(name)
        if (removed) onRemoved(name, removed)
        lookedAt.set(name, uptime())
      } catch (cause) {
        onError(cause)
      }
    }
  }

  function round(): Promise<void> {
    running ??= cleanAll().finally(() => (running = null))
    return running
  }

  const undo = every(() => void round())
  return {
    round,
    async stop() {
      state.isStopped = true
      undo()
      await running
    },
  }
}
