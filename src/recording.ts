import { later, type Timer } from './browser/clock.js'
import type { Drainer } from './browser/locks.js'
import { countDrop } from './counts.js'
import { noteEveryMs } from './origin.js'
import type { FlushReason } from './outbox/flusher.js'
import type { FlushResult } from './outbox/outbox.js'
import type { PaceState } from './outbox/pace.js'
import { createParts, type PartsNeeds } from './parts.js'
import { readFacts } from './queries.js'
import { takeExit } from './record/call.js'
import type { Fact } from './record/event.js'
import { hiddenMs } from './record/limits.js'
import { type LeftPage, toLeft } from './record/open-page.js'
import type { OpenState } from './record/open-state.js'
import { createRounds } from './rounds.js'

/** Where records are kept just now: `memory` while the database is not to be had. */
export type StoreKind = 'opening' | 'indexeddb' | 'memory'

/** What a recording needs. */
export type RecordingNeeds = Omit<PartsNeeds, 'onKnown'>

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
  flush(reason: FlushReason): Promise<FlushResult>
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
  facts(): Promise<Fact[]>
  state(): RecordingState
  /** Hands over what was called so far, then stops listening and sending. Settles when that is done. */
  stop(): Promise<void>
  /** Deletes everything on this device. */
  purge(): void
}

/** Builds the parts of a recording, and connects them to the calls that wait. */
export function createRecording(needs: RecordingNeeds): Recording {
  const { database, calls, counts, now, trouble } = needs
  const noteMs = noteEveryMs(needs.options.idleLimitMs)
  const parts = createParts({ ...needs, onKnown })
  const { store, spill, owed, writer, keeper, origin, outbox, flusher, claim, channel } = parts
  const rounds = createRounds({ ...parts, database, noteMs })
  let isOpening = true
  let isStopped = false
  let isStartOver = false
  let hideTimer: Timer | undefined

  function onKnown(): void {
    bindAll(true)
    rounds.start()
  }

  /** Binds the calls that wait, as far as it is known what is open. @param isFresh whether that was read in this task. */
  function bindCalls(isFresh?: boolean): void {
    let bound = 0
    for (const call of calls) {
      // Another tab may have kept the visit open. An exit cannot wait for the answer.
      if (!isFresh && database.isOpen() && writer.isExpired(call.at) && !/exit|view/.test(call.verb)) origin.look()
      if (!origin.isKnown()) break
      bound++
      try {
        writer.bind(call)
      } catch (cause) {
        trouble('unexpected', cause)
      }
    }
    calls.splice(0, bound)
  }

  /** Binds the calls that wait, and hands their records to storage. */
  function bindAll(isFresh?: boolean): void {
    const before = writer.openState().session
    bindCalls(isFresh)
    keeper.ship()
    // Not in the task of the start, because the first access to localStorage reads all of it.
    if (!calls.length) keeper.clearSpill()
    else if (isStartOver) saveCalls()
    else later(saveCalls)
    origin.note(noteMs)
    if (before && before !== writer.openState().session) void rounds.endSession()
  }

  /** Writes the calls that wait to localStorage. */
  function saveCalls(): void {
    if (!calls.length || isStopped || origin.isKnown()) return
    for (const call of calls) call.id = call.id || writer.nextId()
    keeper.spillAll()
  }

  function save(): void {
    bindAll()
    origin.note(0)
    saveCalls()
  }

  function release(): void {
    claim.release()
    channel.close()
  }

  function end(): void {
    isStopped = true
    rounds.stop()
    clearTimeout(hideTimer)
    flusher.stop()
    release()
  }

  return {
    onOpen() {
      isOpening = false
      keeper.retry()
      origin.look()
    },
    onFail(cause) {
      isOpening = false
      keeper.fail(cause)
      origin.goBlind()
    },
    onLost() {
      // What is still in memory is kept again once the database is open. Of the rest only the number is known.
      countDrop(counts, owed.lose(), 'cleared')
    },
    onTimeout() {
      isOpening = false
      origin.goBlind()
    },
    isLeaving: keeper.isLeaving,
    bind: bindAll,
    startRest() {
      isStartOver = true
      channel.open()
      saveCalls()
    },
    isOver: at => origin.isKnown() && !!writer.openState().visit && writer.isExpired(at),
    async flush(reason) {
      bindAll()
      await origin.whenKnown()
      return isStopped ? { stored: 0, owed: owed.count() } : flusher.flush(reason)
    },
    hide() {
      keeper.hide()
      bindAll()
      saveCalls()
      hideTimer = later(keeper.back, hiddenMs)
    },
    leave() {
      clearTimeout(hideTimer)
      keeper.leave()
      bindAll()
      const exit = writer.page() && takeExit(calls)
      if (exit) writer.bind(exit)
      keeper.ship()
      saveCalls()
      keeper.spillAll()
      outbox.copy()
      release()
    },
    freeze() {
      keeper.back()
      save()
      origin.freeze()
      release()
      database.pause()
    },
    back() {
      // Another page has taken over the calls that this one had left.
      if (spill.wasTaken()) calls.splice(0)
      claim.renew()
      channel.open()
      keeper.back()
      origin.look()
    },
    openState: writer.openState,
    left: () => toLeft(writer.page(), writer.openState().visit),
    async facts() {
      bindAll()
      await origin.whenKnown()
      const stored = await store.all().catch(() => [])
      return readFacts([...stored, ...owed.all().map(({ text }) => text)], writer.openState())
    },
    state() {
      if (origin.isKnown()) bindCalls()
      const { visit, session } = writer.openState()
      const isOpen = !writer.isExpired(now())
      return {
        visitID: isOpen && visit ? visit.visitID : null,
        sessionID: isOpen && session ? session.sessionID : null,
        identityId: isOpen && session ? session.identityId : null,
        store: isOpening ? 'opening' : database.isOpen() && !keeper.isResting() ? 'indexeddb' : 'memory',
        owed: owed.count(),
        drainer: claim.drainer(),
        ...outbox.state(),
      }
    },
    async stop() {
      save()
      await origin.whenKnown()
      // The next page load takes the orphan exit for the end of this page. Without a database there is none.
      if (!database.isOpen()) {
        calls.push({ verb: 'exit', at: now(), data: '' })
        keeper.leave()
        bindAll()
      }
      keeper.spillAll()
      end()
    },
    purge() {
      for (const { key } of owed.all()) countDrop(counts, owed.settle(key, []), 'denied')
      spill.purge()
      void database.purge()
      end()
    },
  }
}
