import { makeBatch } from '../record/batch.js'
import { bytesOf } from '../record/event.js'
import { batchPauseMs, maxBatchChars, maxBatchRecords, maxExitBytes, maxHeldChars } from '../record/limits.js'
import { charsAt, countAt, pickNewest, toRuns } from '../record/parcel.js'
import type { SettledParcel, Store } from '../store/store.js'
import type { Transport } from '../transport/transport.js'
import { createLeftovers } from './leftovers.js'
import type { Owed } from './owed.js'
import { createPace, type PaceState } from './pace.js'
import { createSender, type Item, type SenderParts } from './sender.js'
import { trim } from './trim.js'

export type { DropReason } from './sender.js'

/** What a flush came to: records that the collector has named as stored, and those that this device still owes. */
export interface FlushResult {
  readonly stored: number
  readonly owed: number
}

/** A parcel that is settled: its key, and how many of its records were dropped, by reason. */
export type SettledNote = readonly [key: string, dropped: Readonly<Record<string, number>>]

/** What an outbox needs. */
export interface OutboxParts extends Pick<SenderParts, 'onStored' | 'onDrop' | 'onLater'> {
  readonly store: Pick<Store, 'isOpen' | 'keys' | 'read' | 'remove' | 'keepSettled' | 'isAged'>
  readonly owed: Owed
  readonly transport: Transport
  readonly wait: (ms: number) => Promise<void>
  /** Runs while no other tab sends. The signal aborts when the page leaves or freezes. */
  readonly claim: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>
  readonly now: () => number
  /** Gives a random number from 0 to 1. */
  readonly chance: () => number
  /** The session for whose local queries a parcel stays on the device; empty: none. */
  readonly historyOf: (text: string) => string
  readonly maxChars: number
  readonly maxAgeMs: number
  /** Parcels are settled and deleted. */
  readonly onSettled: (notes: readonly SettledNote[]) => void
  readonly onTrouble: (code: 'collector-rejects' | 'collector-unreachable' | 'store-failed', cause: unknown) => void
}

/** What the outbox is doing. */
export interface OutboxState extends PaceState {
  readonly requests: number
  /** Requests that followed a failed one. */
  readonly retries: number
}

/** Sends what is owed to the collector, and settles what its answers name. */
export interface Outbox {
  /** Notes that so many characters became owed. */
  grow(chars: number): void
  /** Another tab was asked to wait. */
  hold(ms: number): void
  /**
   * Sends what was owed when the flush began, until nothing is left or the collector says stop.
   *
   * @param isForced also before a backoff is over.
   */
  flush(isForced: boolean): Promise<FlushResult>
  /** Sends an unread copy of the newest records of this page, which may be about to die. It settles nothing. */
  copy(): void
  /** Whether other page loads have left something on this device. */
  hasLeftovers(): Promise<boolean>
  state(): OutboxState
}

/** Makes the outbox. It sends nothing before it is asked to. */
export function createOutbox(parts: OutboxParts): Outbox {
  const { store, owed, transport, wait, claim, now, historyOf, maxChars, maxAgeMs } = parts
  const { onStored, onDrop, onLater, onSettled, onTrouble } = parts
  const pace = createPace(now, parts.chance)
  const leftovers = createLeftovers({ store, owed, onDamaged: (count, own) => onDrop(count, own, 'damaged') })
  const sender = createSender({
    owed,
    transport,
    pace,
    now,
    remove,
    onDrop,
    onLater,
    onTrouble,
    onStored(count, own) {
      storedCount += count
      onStored(count, own)
    },
  })
  let storedCount = 0
  // Characters since the limit was last checked. At first nobody knows what earlier page loads have left.
  let grown = Infinity
  let running: Promise<unknown> = Promise.resolve()
  let waiting: Promise<FlushResult> | null = null
  let isWaitingForced = false

  /** Deletes settled parcels. Those of the open session stay for local queries. */
  async function remove(items: readonly Item[]): Promise<void> {
    for (const { key } of items) leftovers.settled(key)
    onSettled(items.map(({ key, dropped }) => [key, dropped]))
    if (!store.isOpen()) return
    const kept: SettledParcel[] = []
    for (const { key, text, dropped } of items) {
      const sessionID = Object.keys(dropped).length ? '' : historyOf(text)
      if (sessionID) kept.push({ key, text, sessionID })
    }
    // Apart from the deletes: where the quota is used up a transaction that writes fails, and deleting must go on.
    if (kept.length) await store.keepSettled(kept).catch(cause => onTrouble('store-failed', cause))
    await store.remove(items.map(({ key }) => key))
  }

  /** The next of this page's own parcels that were owed when the flush began. */
  function nextOwn(started: number): Item[] {
    const items: Item[] = []
    let chars = 0
    let count = 0
    for (const parcel of owed.all()) {
      if (!parcel.text || parcel.at > started) continue
      chars += charsAt(parcel.key)
      count += parcel.left
      if (items.length && (chars > maxBatchChars || count > maxBatchRecords)) break
      items.push({ key: parcel.key, text: parcel.text, runs: toRuns(parcel.text), dropped: {} })
    }
    return items
  }

  /** @returns whether everything that was owed has been sent. */
  async function send(signal: AbortSignal): Promise<boolean> {
    const started = now()
    leftovers.rewind()
    while (!signal.aborted) {
      let items = nextOwn(started)
      if (!items.length && store.isOpen()) items = await leftovers.next()
      if (!items.length) break
      if (!(await sender.send(items, signal))) return false
      // The storage process gets time for what other tabs append: what it has not begun dies with its tab.
      if (items.reduce((sum, { key }) => sum + countAt(key), 0) > maxBatchRecords / 4) await wait(batchPauseMs)
    }
    if (leftovers.hasReturned()) pace.fail(0, 'the store does not delete')
    return !signal.aborted
  }

  async function trimIfDue(): Promise<void> {
    // Checking the limit reads every key, so it is checked again only after another 1/16 of it was added.
    if (!pace.state().failures || grown * 16 < maxChars) return
    grown = 0
    await trim(store, owed, leftovers, maxChars, now() - maxAgeMs, items => sender.drop(items, 'full'))
  }

  async function drain(isForced: boolean): Promise<FlushResult> {
    const before = storedCount
    let others = 0
    try {
      let isDone = false
      await claim(async signal => {
        if (pace.mayTry(isForced)) isDone = await send(signal)
        if (!signal.aborted) await trimIfDue()
      })
      if (!isDone && store.isOpen()) others = (await leftovers.keys()).reduce((sum, key) => sum + countAt(key), 0)
    } catch (cause) {
      onTrouble('store-failed', cause)
    }
    owed.release(maxHeldChars)
    return { stored: storedCount - before, owed: owed.count() + others }
  }

  return {
    grow(chars) {
      grown += chars
      owed.release(maxHeldChars)
    },
    hold: pace.hold,
    flush(isForced) {
      isWaitingForced = isForced || (!!waiting && isWaitingForced)
      if (!waiting) {
        waiting = running.then(() => {
          waiting = null
          return drain(isWaitingForced)
        })
        running = waiting
      }
      return waiting
    },
    copy() {
      // A collector that asked this device to wait, or rejected it, means this too.
      if (pace.isHeld()) return
      const open = owed.all().filter(({ text, isCopied }) => text && !isCopied)
      for (let room = transport.room(); room > 1000; room *= 0.75) {
        const runs = pickNewest(open, room, maxBatchRecords)
        const body = makeBatch(runs, now())
        if (!runs.length || (bytesOf(body, maxExitBytes) <= transport.room() && transport.copy(body))) break
      }
      for (const parcel of open) parcel.isCopied = true
    },
    hasLeftovers: async () => (await leftovers.keys(200)).length > 0,
    state: () => ({ ...pace.state(), ...sender.state() }),
  }
}
