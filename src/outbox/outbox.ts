import { type Answer, type DropNote, makeBatch } from '../record/batch.js'
import { charsOf, type KeptRecord } from '../record/event.js'
import { batchPauseMs, maxBatchRecords, maxExitBytes } from '../record/limits.js'
import type { Store } from '../store/store.js'
import type { Transport } from '../transport/transport.js'
import { backoffMs } from './backoff.js'
import { createOwn } from './own.js'

/** Why a record was lost, the only way in which one is: `refused:<code>` and `gone` are the collector's word. */
export type DropReason = `refused:${string}` | 'gone' | 'full' | 'cleared' | 'denied' | 'consent'

/** What a flush came to: records that the collector has named as stored, and those that this device still owes. */
export interface FlushResult {
  readonly stored: number
  readonly owed: number
}

/** What the outbox is made of. */
export interface OutboxParts {
  readonly store: Pick<Store, 'owed' | 'settle' | 'sweep' | 'count' | 'trim'>
  readonly transport: Transport
  /** Runs while no other tab sends; a tab that is hidden away gives the right back at once, by the signal. */
  readonly wait: (ms: number) => Promise<void>
  readonly claim: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>
  readonly now: () => number
  readonly chance: () => number
  readonly isHistory: (record: KeptRecord) => boolean
  readonly maxChars: number
  readonly maxAgeMs: number
  /** @param own how many of them this page has made. */
  readonly onStored: (ids: readonly string[], own: number) => void
  readonly onDrop: (ids: readonly string[], own: number, reason: DropReason) => void
  /** The collector wants to hear nothing of this device for so long. */
  readonly onLater: (ms: number) => void
  /** The collector rejects this page for good (401, 403, 404), or could not be reached. */
  readonly onTrouble: (code: 'collector-rejects' | 'collector-unreachable' | 'store-failed', cause: unknown) => void
}

/** The records still owed to the collector, and their way to it. */
export interface Outbox {
  /** Notes a record that this page has kept. */
  add(record: KeptRecord): void
  /** These are stored or dropped, as another tab says: they need no copy any more. Gives how many were ours, each once. */
  forget(ids: readonly string[]): number
  /** Sends nothing for so long: another tab was asked to wait. */
  hold(ms: number): void
  /**
   * Sends what is owed until nothing can be read or the collector says stop.
   *
   * @param isEager also what this page has just kept, from memory: its segment is still appended to.
   * @param isForced also before a backoff is over; what the collector has asked for is waited for in any case.
   */
  flush(isEager: boolean, isForced: boolean): Promise<FlushResult>
  /** Sends one unread copy of this page's own tail, from a page that may be about to die; deletes nothing. */
  copy(): void
  /** This page's own records that are not known to be stored, as far as they are still in memory. */
  own(): readonly KeptRecord[]
  /** How many of this page's own are not known to be stored: a count of its own, not what the others leave. */
  owing(): number
  /** The site's data was cleared: gives how many of this page's own were on disk alone, and counts them no more. */
  lose(): number
  state(): OutboxState
}

/** What the outbox is at. */
export interface OutboxState {
  readonly requests: number
  /** Requests that were made after a failed one, in the hope that it goes better. */
  readonly retries: number
  /** Failed attempts in a row. */
  readonly failures: number
  /** When the next one makes sense, Unix epoch, ms; 0 = any time, Infinity = not before the next page load. */
  readonly nextAttempt: number
  /** What the last attempt met: an HTTP status, what the browser said of the network; empty after a success. */
  readonly lastError: string
}

/** Makes the outbox; it sends nothing before it is asked to. */
export function createOutbox(parts: OutboxParts): Outbox {
  const {
    store,
    transport,
    wait,
    claim,
    now,
    chance,
    isHistory,
    maxChars,
    maxAgeMs,
    onStored,
    onDrop,
    onTrouble,
    onLater,
  } = parts
  const own = createOwn(now)
  const notes = new Map<string, DropNote>()
  let requests = 0
  let retries = 0
  let failures = 0
  let lastError = ''
  // Characters kept since the owed bound was last looked at; at first nobody knows what earlier page loads have left.
  let grown = Infinity
  let storedCount = 0
  // Backoff is advice, and an explicit flush may overrule it; what the collector asked for is not.
  let backoffUntil = 0
  let refusedUntil = 0
  let running: Promise<unknown> = Promise.resolve()
  let waiting: Promise<FlushResult> | null = null
  let isWaitingEager = false
  let isWaitingForced = false

  const hold = (ms: number): void => void (refusedUntil = Math.max(refusedUntil, now() + ms))

  function fail(retryAfterMs: number, cause: unknown): false {
    backoffUntil = now() + backoffMs(failures++, chance())
    hold(retryAfterMs)
    if (retryAfterMs) onLater(retryAfterMs)
    lastError = `${cause as string}`
    if (failures === 1) onTrouble('collector-unreachable', cause)
    return false
  }

  async function drop(records: readonly KeptRecord[], reason: DropReason, isCountedThere?: boolean): Promise<void> {
    if (!records.length) return
    const ids = records.map(record => record.id)
    onDrop(ids, own.forget(ids), reason)
    if (!isCountedThere) records.forEach(note)
    await store.settle(records, () => false)
  }

  // What the collector refuses by name it counts itself; of the rest it is told with each flush of this page.
  function note({ visit, writer }: KeptRecord): void {
    const before = notes.get(visit + writer)
    notes.set(visit + writer, { visit, writer, count: before ? before.count + 1 : 1 })
  }

  async function settle(records: readonly KeptRecord[], { stored, refused, gone }: Answer): Promise<boolean> {
    const byID = new Map(records.map(record => [record.id, record]))
    // Only what was sent in this request can be acknowledged by its answer, and only once.
    const named = (ids: readonly string[]): KeptRecord[] =>
      ids.flatMap(id => {
        const record = byID.get(id)
        byID.delete(id)
        return record || []
      })
    const done = named(stored)
    const ids = done.map(record => record.id)
    storedCount += ids.length
    if (ids.length) onStored(ids, own.forget(ids))
    if (done.length) await store.settle(done, isHistory)
    for (const [id, code] of refused) await drop(named([id]), `refused:${code}`, true)
    await drop(named(gone), 'gone', true)
    // What is not named must not keep what lies behind it: it waits for its turn, as if it had just been kept.
    own.delay(byID.keys())
    if (byID.size === records.length) return fail(0, 'an answer that names nothing')
    backoffUntil = failures = 0
    lastError = ''
    // Who names most gets the rest at once; who names little, when it is time again.
    return byID.size * 2 <= records.length
  }

  /** Sends these, and settles what the answer names; true: go on. */
  async function send(records: readonly KeptRecord[], signal: AbortSignal): Promise<boolean> {
    requests++
    if (failures) retries++
    const outcome = await transport.send(makeBatch(records, now(), [...notes.values()]), signal)
    if (signal.aborted) return false
    switch (outcome.is) {
      case 'answered':
        return settle(records, outcome.answer)
      case 'too-large':
      case 'malformed':
        if (records.length > 1) {
          const half = records.length >> 1
          return (await send(records.slice(0, half), signal)) && send(records.slice(half), signal)
        }
        // So little is too large for nobody: a proxy that says so to everything must not cost a record.
        if (outcome.is === 'too-large' && outcome.isForeign && charsOf(records[0] as KeptRecord) < maxExitBytes)
          return fail(0, outcome.is)
        await drop(records, `refused:${outcome.is}`)
        return true
      case 'later':
        return fail(outcome.retryAfterMs, outcome.status)
      case 'rejected':
        failures++
        refusedUntil = Infinity
        lastError = `${outcome.status}`
        onTrouble('collector-rejects', outcome.status)
        return false
      case 'unknown':
        return fail(0, outcome.cause)
    }
  }

  /** What was kept after the flush began is left to the next one: a page that never pauses would be sent record by record. */
  async function next(isEager: boolean, started: number): Promise<readonly KeptRecord[]> {
    // A long tail is cheaper to read and to delete when it is at rest.
    const isFresh = isEager && own.records().length <= maxBatchRecords
    const records = own.next(isFresh, started)
    return records.length ? records : (await store.owed(!isFresh)).filter(({ id }) => !own.isLater(id, started))
  }

  async function drain(isEager: boolean, isForced: boolean): Promise<FlushResult> {
    const before = storedCount
    try {
      await claim(async signal => {
        if (now() >= refusedUntil && (isForced || now() >= backoffUntil)) await drainClaimed(isEager, signal)
        // The bound is looked at by the sixteenth of it, for to look means to read all keys.
        if (failures && !signal.aborted && grown * 16 >= maxChars) {
          grown = 0
          await drop(await store.trim(maxChars, now() - maxAgeMs), 'full')
        }
      })
      // Where the store cannot be asked, at least this much.
      return { stored: storedCount - before, owed: Math.max(await store.count(), own.records().length) }
    } catch (cause) {
      onTrouble('store-failed', cause)
      return { stored: storedCount - before, owed: own.records().length }
    }
  }

  async function drainClaimed(isEager: boolean, signal: AbortSignal): Promise<void> {
    const started = now()
    for (let isFine = true; isFine && !signal.aborted; ) {
      const records = await next(isEager, started)
      if (records.length) {
        isFine = await send(records, signal)
        if (isFine && records.length > maxBatchRecords / 4) await wait(batchPauseMs)
      } else {
        await store.sweep(isHistory)
        return
      }
    }
  }

  return {
    add(record) {
      own.add(record)
      grown += charsOf(record)
    },
    forget: own.forget,
    hold,
    flush(isEager, isForced) {
      isWaitingEager = isEager || (!!waiting && isWaitingEager)
      isWaitingForced = isForced || (!!waiting && isWaitingForced)
      if (!waiting) {
        waiting = running.then(() => {
          waiting = null
          return drain(isWaitingEager, isWaitingForced)
        })
        running = waiting
      }
      return waiting
    },
    copy() {
      // Who has asked us to wait, or rejected us, means this too.
      if (now() < refusedUntil) return
      own.copy(transport.copy)
    },
    own: own.records,
    owing: own.count,
    lose: own.lose,
    state: () => ({ requests, retries, failures, nextAttempt: Math.max(backoffUntil, refusedUntil), lastError }),
  }
}
