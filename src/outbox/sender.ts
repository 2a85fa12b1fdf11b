import { type Answer, type DropNote, makeBatch } from '../record/batch.js'
import type { OwnSession, PageBirth } from '../record/birth.js'
import { maxBatchNotes, maxExitBytes } from '../record/limits.js'
import { countOf, idsOf, pick, type Run, toSingles, toText } from '../record/parcel.js'
import type { Transport } from '../transport/transport.js'
import type { Owed } from './owed.js'
import type { Pace } from './pace.js'

/** Why a record was lost, which is the only way to lose one. `refused:<code>` and `gone` are the collector's words. */
export type DropReason =
  | `refused:${string}`
  | 'gone'
  | 'full'
  | 'cleared'
  | 'damaged'
  | 'denied'
  | 'forgotten'
  | 'consent'

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
  /** The page that is open in this tab. */
  readonly openPage: () => PageBirth | null
  /** The session that is open on this origin. */
  readonly openSession: () => OwnSession | null
  /** Parcels are settled in all their records. */
  readonly remove: (items: readonly Item[]) => Promise<void>
  /** These records have another fate now: `in-flight`, `owed` again, `stored`, or why they are dropped. */
  readonly onFate: (ids: Iterable<string>, fate: string) => void
  /** Records are stored. @param own how many of them this page has made. */
  readonly onStored: (count: number, own: number) => void
  readonly onDrop: (count: number, own: number, reason: DropReason) => void
  /** Records are gone. @param sessions the JSON of the session of each; empty for a record of none. */
  readonly onGone: (sessions: readonly string[]) => void
  /** The collector wants to hear nothing of this device for so long. */
  readonly onLater: (ms: number) => void
  readonly trouble: (code: 'collector-rejects' | 'collector-unreachable', cause: unknown) => void
}

/** Sends batches, and settles what their answers name. */
export interface Sender {
  /** Sends these. @returns whether to go on: false after a failure, or an answer that names less than half. */
  send(items: readonly Item[], signal: AbortSignal): Promise<boolean>
  /** Drops all records of these parcels. */
  drop(items: readonly Item[], reason: DropReason): Promise<void>
}

export function createSender(parts: SenderParts): Sender {
  const { owed, transport, pace, now, openPage, openSession, remove, trouble } = parts
  const { onFate, onStored, onDrop, onGone, onLater } = parts
  const notes = new Map<string, DropNote>()

  function fail(retryAfterMs: number, cause: unknown): false {
    const isFirst = pace.fail(retryAfterMs, cause)
    if (retryAfterMs) onLater(retryAfterMs)
    if (isFirst) trouble('collector-unreachable', cause)
    return false
  }

  /** Takes these records out of the parcels: they are stored, or dropped for that reason. */
  function settle(items: readonly Item[], ids: ReadonlySet<string>, reason?: DropReason): void {
    if (!ids.size) return
    onFate(ids, reason || 'stored')
    let own = 0
    for (const item of items) {
      const before = countOf(item.runs)
      item.runs = pick(item.runs, id => !ids.has(id))
      const taken = before - countOf(item.runs)
      if (reason && taken) item.dropped[reason] = (item.dropped[reason] || 0) + taken
      own += owed.settle(item.key, item.runs)
    }
    if (reason) onDrop(ids.size, own, reason)
    else onStored(ids.size, own)
  }

  /** Drops what the collector does not count itself. It is told with each batch of this page. */
  function drop(items: readonly Item[], runs: readonly Run[], reason: DropReason): void {
    for (const [visit, , , writer] of toSingles(runs)) {
      const key = visit + writer
      notes.set(key, { visit, writer, count: (notes.get(key)?.count || 0) + 1 })
    }
    settle(items, new Set(idsOf(runs)), reason)
  }

  /** What the next batch tells: the notes that were told longest ago, because all of them may be too many for a request. */
  function nextNotes(): DropNote[] {
    const next = [...notes].slice(0, maxBatchNotes)
    for (const [key, note] of next) {
      notes.delete(key)
      notes.set(key, note)
    }
    return next.map(([, note]) => note)
  }

  function take(items: readonly Item[], runs: readonly Run[], { stored, refused, gone }: Answer): boolean {
    // An answer can acknowledge only what was sent in its request, and each record once.
    const open = new Set(idsOf(runs))
    const named = (ids: readonly string[]): Set<string> => new Set(ids.filter(id => open.delete(id)))
    const size = open.size
    settle(items, named(stored))
    for (const [id, code] of refused) settle(items, named([id]), `refused:${code}`)
    const lost = named(gone)
    settle(items, lost, 'gone')
    onGone(pick(runs, id => lost.has(id)).map(([, session]) => session))
    // What is not named must not hold up what lies behind it. It becomes owed anew.
    for (const { key } of items) owed.delay(key, now() + 1)
    if (open.size === size) return fail(0, 'an answer that names nothing')
    pace.succeed()
    return open.size * 2 <= size
  }

  async function sendRuns(items: readonly Item[], runs: readonly Run[], signal: AbortSignal): Promise<boolean> {
    pace.begin()
    const body = makeBatch(runs, now(), nextNotes(), openPage(), openSession())
    onFate(idsOf(runs), 'in-flight')
    const outcome = await transport.send(body, signal)
    onFate(idsOf(runs), 'owed')
    if (signal.aborted) return false
    switch (outcome.is) {
      case 'answered':
        return take(items, runs, outcome.answer)
      case 'too-large':
      case 'malformed': {
        const singles = toSingles(runs)
        const half = singles.length >> 1
        if (half) {
          const isFine = await sendRuns(items, singles.slice(0, half), signal)
          return isFine && sendRuns(items, singles.slice(half), signal)
        }
        // A proxy that says 413 to everything must not cost a record: so little is too large for no collector.
        if (outcome.is === 'too-large' && outcome.isForeign && toText(runs).length < maxExitBytes) break
        drop(items, runs, `refused:${outcome.is}`)
        return true
      }
      case 'later':
        return fail(outcome.retryAfterMs, outcome.status)
      case 'rejected':
        pace.fail(Infinity, outcome.status)
        trouble('collector-rejects', outcome.status)
        return false
      case 'unknown':
        return fail(0, outcome.cause)
    }
    return fail(0, outcome.is)
  }

  async function removeDone(items: readonly Item[]): Promise<void> {
    const done = items.filter(({ runs }) => !runs.length)
    if (done.length) await remove(done)
  }

  function runsOf(items: readonly Item[]): Run[] {
    return items.flatMap(({ runs }) => runs)
  }

  return {
    async send(items, signal) {
      const isFine = await sendRuns(items, runsOf(items), signal)
      await removeDone(items)
      return isFine
    },
    drop(items, reason) {
      drop(items, runsOf(items), reason)
      return removeDone(items)
    },
  }
}
