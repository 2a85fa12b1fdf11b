import { wait } from './browser/clock.js'
import type { Drainer } from './browser/locks.js'
import { createCalls } from './calls.js'
import { type Counts, countDrop } from './counts.js'
import type { TrackerErrorCode } from './errors.js'
import type { CheckedOptions } from './options.js'
import type { FlushReason } from './outbox/flusher.js'
import type { FlushResult, OutboxState } from './outbox/outbox.js'
import { createParts, type Parts } from './parts.js'
import { readFacts } from './queries.js'
import type { NewCall } from './record/call.js'
import type { Fact } from './record/event.js'
import { activityMs, lateMs, lookBackMs, openTimeoutMs } from './record/limits.js'
import type { OpenState } from './record/open-state.js'
import { createDatabase } from './store/database.js'
import { databaseName } from './store/schema.js'

/** Where records are kept just now: `memory` while the database is not to be had. */
export type StoreKind = 'opening' | 'indexeddb' | 'memory'

/** What a recording needs from the tracker. */
export interface RecordingNeeds {
  readonly options: CheckedOptions
  readonly now: () => number
  readonly counts: Counts
  readonly trouble: (code: TrackerErrorCode, cause: unknown) => void
  /** Another tab says that recording is denied. */
  readonly onDenied: () => void
}

/** What the outbox and the store are doing. */
export interface RecordingState extends OutboxState {
  /** Calls that are not records yet: consent is pending, or the store is not open. */
  readonly waiting: number
  readonly drainer: Drainer
}

/** From a call to the collector's answer: the calls that wait, and the parts that turn them into records and send them. */
export interface Recording {
  /** Begins to record. Until then calls wait in memory, and nothing is written anywhere. */
  start(): void
  /** What can wait until the task of the start is over. */
  startRest(): void
  /** Takes a call. @param data JSON text, or empty. */
  submit(call: NewCall, data: string): void
  /** Some time has passed: ends the visit if it is over. */
  tick(): void
  flush(reason: FlushReason): Promise<FlushResult>
  /** The tab is hidden, and may be killed without another word. */
  hide(): void
  /** The page goes away, for good or into the back/forward cache. */
  leave(): void
  /** The page is frozen. It lets go of everything that another tab may wait for. */
  freeze(): void
  /** The page is back. */
  back(): void
  openState(): OpenState | null
  facts(): Promise<Fact[]>
  kind(): StoreKind
  state(): RecordingState
  owed(): number
  stop(): void
  /** Stops and deletes everything, here and, if `isTold`, in the other tabs. */
  purge(isTold: boolean): void
}

/**
 * Makes a recording. It builds its parts when they are first needed, because a page should not wait for them in the task
 * that starts the tracker.
 */
export function createRecording({ options, now, counts, trouble, onDenied }: RecordingNeeds): Recording {
  const calls = createCalls()
  const database = createDatabase({ name: databaseName(options.key), onOpen, onFail, onLost })
  let built: Parts | null = null
  let isStarted = false
  let isStopped = false
  let isOpening = true
  // Whether a microtask is on its way that binds the calls of this task.
  let isDue = false
  let lookBackTimer: ReturnType<typeof setTimeout> | undefined

  function parts(): Parts {
    if (!built) built = createParts({ options, database, calls, counts, now, trouble, onDenied, onKnown })
    return built
  }

  function onOpen(): void {
    isOpening = false
    if (isStopped) return
    const { keeper, origin } = parts()
    keeper.retry()
    origin.look()
  }

  function onFail(cause: unknown): void {
    isOpening = false
    if (isStopped) return
    const { keeper, origin } = parts()
    keeper.fail(cause)
    origin.goBlind()
  }

  function onLost(): void {
    // What is still in memory is kept again once the database is open. Of the rest only the number is known.
    if (built) countDrop(counts, built.owed.lose(), 'cleared')
  }

  function onKnown(): void {
    bindAll(true)
    if (!lookBackTimer && !isStopped) lookBackTimer = setTimeout(lookBack, lookBackMs)
  }

  function lookBack(): void {
    lookBackTimer = setTimeout(lookBack, lateMs)
    const { origin, lookBack: part, flusher, keeper } = parts()
    if (!origin.isKnown()) return
    part.run().then(hasMore => {
      origin.note(activityMs)
      if (hasMore && !isStopped) void flusher.flush('leftovers')
    }, keeper.fail)
  }

  /** Binds the calls that wait, as far as it is known what is open, and hands the records to storage. */
  function bindAll(isFresh = false): void {
    isDue = false
    if (!isStarted || isStopped || !built) return
    const { writer, origin, keeper } = built
    const before = writer.openState().session
    for (let call = calls.first(); call && origin.isKnown(); call = calls.first()) {
      // Another tab may have kept the visit open. An exit cannot wait for the answer.
      if (!isFresh && writer.isExpired(call.at) && call.verb !== 'exit' && database.isOpen()) {
        origin.look()
        break
      }
      calls.shift()
      try {
        writer.bind(call)
      } catch (cause) {
        trouble('unexpected', cause)
      }
    }
    keeper.ship()
    if (origin.isKnown()) keeper.clearSpill()
    origin.note(activityMs)
    if (before && before !== writer.openState().session) endSession()
  }

  /** Nothing that names a person stays on the device longer than it is owed. */
  function endSession(): void {
    const { flusher, store, lookBack: part, keeper, writer } = parts()
    const { session } = writer.openState()
    void flusher.flush('sign-out')
    if (!database.isOpen()) return
    store.sweepSettled(session ? session.sessionID : '').catch(keeper.fail)
    // Living tabs rewrite their orphan exits when they hear of it. Those that are left belong to tabs that cannot.
    void wait(300)
      .then(part.takeStaleExits)
      .then(() => flusher.flush('sign-out'))
      .catch(keeper.fail)
  }

  /** Writes the calls that wait to localStorage. */
  function saveCalls(): void {
    if (isStopped || !calls.count() || !built || built.origin.isKnown()) return
    for (const call of calls.all()) call.id = call.id || built.writer.nextId()
    built.keeper.spillAll()
  }

  function stop(): void {
    if (isStopped) return
    bindAll()
    if (built) built.keeper.leave()
    isStopped = true
    clearTimeout(lookBackTimer)
    database.close()
    if (!built) return
    built.flusher.stop()
    built.claim.release()
    built.life.hide()
    built.channel.close()
  }

  return {
    start() {
      isStarted = true
      database.open()
      void wait(openTimeoutMs).then(() => {
        isOpening = false
        if (!isStopped) parts().origin.goBlind()
      })
    },
    startRest() {
      if (!isStarted || isStopped) return
      const { channel, life } = parts()
      channel.open()
      life.show()
      saveCalls()
    },
    submit(newCall, data) {
      if (isStopped) return
      const call = { ...newCall, at: now(), data }
      let isTaken = calls.add(call)
      if (!isTaken) {
        // So much in one task: what can be bound need not wait for its end.
        bindAll()
        isTaken = calls.add(call)
      }
      if (!isTaken) {
        counts.made++
        countDrop(counts, 1, isStarted ? 'full' : 'consent')
        trouble('record-dropped', newCall.verb)
      } else if (isStarted && !isDue) {
        isDue = true
        queueMicrotask(bindAll)
        // Not in this task, because the first access to localStorage reads all of it.
        if (built && !built.origin.isKnown()) setTimeout(saveCalls)
      }
    },
    tick() {
      if (!built || !built.origin.isKnown()) return
      const { visit } = built.writer.openState()
      if (visit && built.writer.isExpired(now())) this.submit({ verb: 'look' }, '')
    },
    async flush(reason) {
      if (!isStarted || isStopped) return { stored: 0, owed: calls.count() + this.owed() }
      const { origin, flusher } = parts()
      bindAll()
      await origin.whenKnown()
      return flusher.flush(reason)
    },
    hide() {
      if (!isStarted) return
      bindAll()
      const { origin, life } = parts()
      origin.note(0)
      saveCalls()
      life.hide()
    },
    leave() {
      if (!isStarted) return
      bindAll()
      const { origin, keeper, claim, outbox, life, channel } = parts()
      origin.note(0)
      saveCalls()
      keeper.leave()
      claim.release()
      outbox.copy()
      life.hide()
      channel.close()
    },
    freeze() {
      if (!built) return
      bindAll()
      built.claim.release()
      built.life.hide()
      built.channel.close()
      database.pause()
    },
    back() {
      if (!isStarted) return
      const { claim, channel, life, keeper, origin, spill } = parts()
      // Another page has taken over the calls that this one had left.
      if (spill.wasTaken()) calls.take()
      claim.renew()
      channel.open()
      life.show()
      keeper.back()
      origin.look()
    },
    openState: () => built && built.writer.openState(),
    async facts() {
      if (!isStarted) return []
      const { origin, writer, owed, store } = parts()
      bindAll()
      await origin.whenKnown()
      const stored = database.isOpen() ? await store.all().catch(() => []) : []
      const own = owed.all().map(({ text }) => text)
      return readFacts([...stored, ...own], writer.openState())
    },
    kind() {
      if (isOpening) return 'opening'
      return database.isOpen() && !parts().keeper.isResting() ? 'indexeddb' : 'memory'
    },
    owed: () => (built ? built.owed.count() : 0),
    state() {
      const { claim, outbox } = parts()
      return { waiting: calls.count(), drainer: claim.drainer(), ...outbox.state() }
    },
    stop,
    purge(isTold) {
      const { owed, channel, spill } = parts()
      const held = calls.take().length
      counts.made += held
      let lost = held
      for (const { key } of owed.all()) lost += owed.settle(key, [])
      countDrop(counts, lost, 'denied')
      if (isTold) channel.tell({ isDenied: true })
      spill.purge()
      void database.purge()
      stop()
    },
  }
}
