import { makeBatch } from '../record/batch.js'
import { bytesOf } from '../record/event.js'
import { batchPauseMs, maxBatchRecords, maxExitBytes, maxHeldChars } from '../record/limits.js'
import { countAt, isOlder, pickNewest, sumOf } from '../record/parcel.js'
import type { Store } from '../store/store.js'
import type { Transport } from '../transport/transport.js'
import type { Owed } from './owed.js'
import { createPace, type PaceState } from './pace.js'
import { createSender, type Item, type SenderParts } from './sender.js'
import { createSupply } from './supply.js'
import { overflow } from './trim.js'

export type { DropReason } from './sender.js'

/** What a flush came to: records that the collector has named as stored, and those that this device still owes. */
export interface FlushResult {
  readonly stored: number
  readonly owed: number
}

/** A parcel that is settled: its key, and how many of its records were dropped, by reason. */
export type SettledNote = readonly [key: string, dropped: Readonly<Record<string, number>>]

/** What an outbox needs. */
export interface OutboxParts
  extends Pick<SenderParts, 'openPage' | 'openSession' | 'onFate' | 'onStored' | 'onDrop' | 'onGone' | 'onLater'> {
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
  readonly owedMaxChars: number
  readonly owedMaxAgeMs: number
  /** Parcels are settled and deleted. */
  readonly onSettled: (notes: readonly SettledNote[]) => void
  readonly trouble: (code: 'collector-rejects' | 'collector-unreachable' | 'store-failed', cause: unknown) => void
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
  state(): PaceState
}

/** Makes the outbox. It sends nothing before it is asked to. */
export function createOutbox(parts: OutboxParts): Outbox {
  const { store, owed, transport, wait, claim, now, historyOf, owedMaxChars, owedMaxAgeMs, onSettled, trouble } = parts
  const pace = createPace(now, parts.chance)
  const supply = createSupply(parts)
  const sender = createSender({ ...parts, pace, remove, onStored })
  let storedCount = 0
  // Characters since the limit was last checked. At first nobody knows what earlier page loads have left.
  let grown = Infinity
  let running: Promise<unknown> = Promise.resolve()
  let waiting: Promise<FlushResult> | null = null
  let isForcedNext = false

  function onStored(count: number, own: number): void {
    storedCount += count
    parts.onStored(count, own)
  }

  /** Deletes settled parcels. Those of the open session stay for local queries. */
  async function remove(items: readonly Item[]): Promise<void> {
    for (const { key } of items) supply.settled(key)
    onSettled(items.map(({ key, dropped }) => [key, dropped]))
    if (!store.isOpen()) return
    const kept = items
      .map(({ key, text, dropped }) => ({ key, text, sessionID: Object.keys(dropped)[0] ? '' : historyOf(text) }))
      .filter(({ sessionID }) => sessionID)
    // Apart from the deletes: where the quota is used up a transaction that writes fails, and deleting must go on.
    if (kept.length) await store.keepSettled(kept).catch(cause => trouble('store-failed', cause))
    await store.remove(items.map(({ key }) => key))
  }

  /** @returns whether everything that was owed has been sent. */
  async function send(signal: AbortSignal): Promise<boolean> {
    const started = now()
    supply.rewind()
    for (;;) {
      const items = await supply.next(started)
      if (signal.aborted) return false
      if (!items.length) break
      if (!(await sender.send(items, signal))) return false
      // The storage process gets time for what other tabs append: what it has not begun dies with its tab.
      if (sum(items) > maxBatchRecords / 4) await wait(batchPauseMs)
    }
    if (supply.hasReturned()) pace.fail(0, 'the store does not delete')
    return true
  }

  /**
   * Drops what must go because the device owes too much, or for too long: first what is too old, then the oldest anonymous
   * parcels, then the oldest. A parcel counts as too old only if there were such parcels a day ago (`agedMs`).
   */
  async function trim(): Promise<void> {
    // Checking the limit reads every key, so it is checked again only after another 1/16 of it was added.
    if (!pace.state().failures || grown * 16 < owedMaxChars) return
    grown = 0
    const since = now() - owedMaxAgeMs
    const keys = owed.all().map(({ key }) => key)
    if (store.isOpen()) keys.push(...(await supply.others(Infinity)))
    const isAged = store.isOpen() && (await store.isAged(keys.some(key => isOlder(key, since))))
    const items = await supply.load(overflow(keys, owedMaxChars, isAged ? since : 0))
    if (items.length) await sender.drop(items, 'full')
  }

  async function drain(isForced: boolean): Promise<FlushResult> {
    const before = storedCount
    let others = 0
    try {
      let isDone = false
      await claim(async function (signal) {
        if (pace.mayTry(isForced)) isDone = await send(signal)
        if (!signal.aborted) await trim()
      })
      if (!isDone && store.isOpen()) others = sum((await supply.others(Infinity)).map(key => ({ key })))
    } catch (cause) {
      trouble('store-failed', cause)
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
      isForcedNext = isForced || isForcedNext
      if (!waiting)
        running = waiting = running.then(function () {
          const isForcedNow = isForcedNext
          waiting = null
          isForcedNext = false
          return drain(isForcedNow)
        })
      return waiting
    },
    copy() {
      // A collector that asked this device to wait, or rejected it, means this too.
      if (!pace.mayTry(true)) return
      const open = owed.all().filter(({ text, isCopied }) => text && !isCopied)
      for (let room = transport.room(); room > 1000; room *= 0.75) {
        const runs = pickNewest(open, room, maxBatchRecords)
        const body = makeBatch(runs, now(), [], null, parts.openSession())
        if (!runs.length || (bytesOf(body, maxExitBytes) <= transport.room() && transport.copy(body))) break
      }
      for (const parcel of open) parcel.isCopied = true
    },
    hasLeftovers: async () => !!(await supply.others(200)).length,
    state: pace.state,
  }
}

function sum(items: readonly { key: string }[]): number {
  return sumOf(items, ({ key }) => countAt(key))
}
