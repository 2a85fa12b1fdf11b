import { type Answer, type DropNote, makeBatch } from '../record/batch.js'
import { maxExitBytes } from '../record/limits.js'
import { idsOf, pick, type Run, toSingles, toText } from '../record/parcel.js'
import type { Transport } from '../transport/transport.js'
import type { Owed } from './owed.js'
import type { Pace } from './pace.js'

/** Why a record was lost, which is the only way to lose one. `refused:<code>` and `gone` are the collector's words. */
export type DropReason = `refused:${string}` | 'gone' | 'full' | 'cleared' | 'damaged' | 'denied' | 'consent'

/** A parcel on its way to the collector. */
export interface Item {
  readonly key: string
  /** The whole text, as it is stored. */
  readonly text: string
  /** What is not settled. */
  runs: Run[]
  /** How many of its records were dropped, by reason. */
  readonly dropped: Record<string, number>
}

/** What a sender needs. */
export interface SenderParts {
  readonly owed: Owed
  readonly transport: Transport
  readonly pace: Pace
  readonly now: () => number
  /** Parcels are settled in all their records. */
  readonly remove: (items: readonly Item[]) => Promise<void>
  /** @param own how many of the records this page has made. */
  readonly onStored: (count: number, own: number) => void
  readonly onDrop: (count: number, own: number, reason: DropReason) => void
  /** The collector wants to hear nothing of this device for so long. */
  readonly onLater: (ms: number) => void
  readonly onTrouble: (code: 'collector-rejects' | 'collector-unreachable', cause: unknown) => void
}

/** Sends batches, and settles what their answers name. */
export interface Sender {
  /** Sends these. @returns whether to go on: false after a failure, or an answer that names less than half. */
  send(items: readonly Item[], signal: AbortSignal): Promise<boolean>
  /** Drops the records of these parcels. */
  drop(items: readonly Item[], reason: DropReason): Promise<void>
  /** What was dropped on this device, for the collector. */
  notes(): readonly DropNote[]
  /** Requests so far, and those of them that followed a failed one. */
  state(): { readonly requests: number; readonly retries: number }
}

export function createSender(parts: SenderParts): Sender {
  const { owed, transport, pace, now, remove, onStored, onDrop, onLater, onTrouble } = parts
  const notes = new Map<string, DropNote>()
  let requests = 0
  let retries = 0

  function fail(retryAfterMs: number, cause: unknown): false {
    const isFirst = pace.fail(retryAfterMs, cause)
    if (retryAfterMs) onLater(retryAfterMs)
    if (isFirst) onTrouble('collector-unreachable', cause)
    return false
  }

  /** Takes these records out of the parcels. @returns how many of them this page has made. */
  function take(items: readonly Item[], ids: ReadonlySet<string>, reason?: DropReason): number {
    let own = 0
    for (const item of items) {
      const before = idsOf(item.runs).length
      item.runs = pick(item.runs, id => !ids.has(id))
      const taken = before - idsOf(item.runs).length
      own += owed.settle(item.key, item.runs)
      if (reason && taken) item.dropped[reason] = (item.dropped[reason] || 0) + taken
    }
    return own
  }

  function drop(items: readonly Item[], ids: ReadonlySet<string>, reason: DropReason): void {
    if (ids.size) onDrop(ids.size, take(items, ids, reason), reason)
  }

  /** The collector counts what it refuses by name. What the device drops is told with each batch of this page. */
  function note(runs: readonly Run[]): void {
    for (const run of toSingles(runs)) {
      const [visit, , , writer] = run
      const before = notes.get(visit + writer)
      notes.set(visit + writer, { visit, writer, count: (before ? before.count : 0) + 1 })
    }
  }

  async function settle(items: readonly Item[], runs: readonly Run[], answer: Answer): Promise<boolean> {
    // An answer can acknowledge only what was sent in its request, and each record once.
    const open = new Set(idsOf(runs))
    const size = open.size
    const named = (ids: readonly string[]): Set<string> => new Set(ids.filter(id => open.delete(id)))
    const stored = named(answer.stored)
    if (stored.size) onStored(stored.size, take(items, stored))
    for (const [id, code] of answer.refused) drop(items, named([id]), `refused:${code}`)
    drop(items, named(answer.gone), 'gone')
    // What is not named must not hold up what lies behind it. It becomes owed anew.
    for (const { key } of items) {
      const parcel = owed.get(key)
      if (parcel) parcel.at = now() + 1
    }
    if (open.size === size) return fail(0, 'an answer that names nothing')
    pace.succeed()
    return open.size * 2 <= size
  }

  async function sendRuns(items: readonly Item[], runs: readonly Run[], signal: AbortSignal): Promise<boolean> {
    requests++
    if (pace.state().failures) retries++
    const outcome = await transport.send(makeBatch(runs, now(), [...notes.values()]), signal)
    if (signal.aborted) return false
    switch (outcome.is) {
      case 'answered':
        return settle(items, runs, outcome.answer)
      case 'too-large':
      case 'malformed': {
        const singles = toSingles(runs)
        if (singles.length > 1) {
          const half = singles.length >> 1
          const isFine = await sendRuns(items, singles.slice(0, half), signal)
          return isFine && sendRuns(items, singles.slice(half), signal)
        }
        // A proxy that says 413 to everything must not cost a record: so little is too large for no collector.
        if (outcome.is === 'too-large' && outcome.isForeign && toText(runs).length < maxExitBytes)
          return fail(0, outcome.is)
        note(runs)
        drop(items, new Set(idsOf(runs)), `refused:${outcome.is}`)
        return true
      }
      case 'later':
        return fail(outcome.retryAfterMs, outcome.status)
      case 'rejected':
        pace.reject(outcome.status)
        onTrouble('collector-rejects', outcome.status)
        return false
      case 'unknown':
        return fail(0, outcome.cause)
    }
  }

  async function removeDone(items: readonly Item[]): Promise<void> {
    const done = items.filter(({ runs }) => !runs.length)
    if (done.length) await remove(done)
  }

  return {
    async send(items, signal) {
      const isFine = await sendRuns(
        items,
        items.flatMap(({ runs }) => runs),
        signal,
      )
      await removeDone(items)
      return isFine
    },
    async drop(items, reason) {
      const runs = items.flatMap(item => item.runs)
      note(runs)
      drop(items, new Set(idsOf(runs)), reason)
      await removeDone(items)
    },
    notes: () => [...notes.values()],
    state: () => ({ requests, retries }),
  }
}
