import { cancel, later, type Timer } from './browser/clock.js'
import { countDrop } from './counts.js'
import { noteEveryMs } from './origin.js'
import { createParts, type PartsNeeds } from './parts.js'
import { takeExit } from './record/call.js'
import { hiddenMs } from './record/limits.js'
import { toLeft } from './record/open-page.js'
import type { Recording } from './recording-api.js'
import { createRounds } from './rounds.js'

export type { Recording, RecordingState, StoreKind } from './recording-api.js'

/** What a recording needs. */
export type RecordingNeeds = Omit<PartsNeeds, 'onKnown' | 'onGone'>

/** Builds the parts of a recording, and connects them to the calls that wait. */
export function createRecording(needs: RecordingNeeds): Recording {
  const { database, calls, counts, now, trouble, forgotten, observers } = needs
  const noteMs = noteEveryMs(needs.options.idleLimitMs)
  const parts = createParts({ ...needs, onKnown, onGone })
  const { pageLoad, store, spill, owed, writer, keeper, origin, outbox, flusher, claim, channel, known, visitor } =
    parts
  const rounds = createRounds({ ...parts, database, noteMs })
  let isOpening = true
  let isStopped = false
  let isPurged = false
  let isStartOver = false
  let hideTimer: Timer | undefined

  function onKnown(): void {
    bindAll(true)
    rounds.start()
    observers.changed()
  }

  /** A session that is open here may be one of those that the collector has erased. It is never sent again. */
  function onGone(sessions: readonly string[]): void {
    if (!writer.erase(sessions, now())) return
    origin.note(0)
    void rounds.endSession()
    trouble('session-erased', undefined)
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
    const { session } = writer.openState()
    if (before && !(session && session.sessionID === before.sessionID)) void rounds.endSession()
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

  function release(isFinal?: true): void {
    void claim.release(isFinal)
    channel.close()
  }

  function end(isFinal?: true): void {
    isStopped = true
    rounds.stop()
    cancel(hideTimer)
    flusher.stop()
    release(isFinal)
  }

  function readAgain(): void {
    known.readAgain()
    observers.changed()
  }

  return {
    readAgain,
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
      const lost = owed.lose()
      parts.onDrop(lost, lost, 'cleared')
    },
    onTimeout() {
      // A page that was frozen or cached meanwhile has opened the database, and reads the open state anew.
      if (isOpening) origin.goBlind()
      isOpening = false
    },
    isLeaving: keeper.isLeaving,
    bind: bindAll,
    startRest() {
      isStartOver = true
      channel.open()
      readAgain()
      saveCalls()
    },
    isOver: at => origin.isKnown() && !!writer.openState().visit && writer.isExpired(at),
    async flush(isForced) {
      bindAll()
      await origin.whenKnown()
      return isStopped ? { stored: 0, owed: owed.count() } : flusher.flush(isForced)
    },
    hide() {
      keeper.hide()
      bindAll()
      saveCalls()
      // Firefox stops the listener of `pagehide` in many closes. What nothing on the device holds does not wait for it.
      if (!keeper.spillAll()) outbox.copy()
      hideTimer = later(keeper.back, hiddenMs)
    },
    leave() {
      cancel(hideTimer)
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
      readAgain()
    },
    openState: writer.openState,
    left: () => toLeft(writer.page(), writer.openState().visit),
    async facts() {
      bindAll()
      await origin.whenKnown()
      return known.facts()
    },
    state() {
      if (origin.isKnown()) bindCalls()
      const { visit, session } = writer.openState()
      const isOpen = !isPurged && !writer.isExpired(now())
      return {
        visitID: isOpen && visit ? visit.visitID : null,
        sessionID: isOpen && session ? session.sessionID : null,
        identityId: isOpen && session ? session.identityId : null,
        store: isOpening ? 'opening' : database.isOpen() && !keeper.isResting() ? database.kind : 'memory',
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
      // A lease that stays would keep the next start of the tracker from sending.
      await claim.release()
    },
    async purge(reason, isAll) {
      isPurged = true
      keeper.ship()
      const keys = owed.all().map(({ key }) => key)
      for (const key of keys) countDrop(counts, owed.settle(key, []), reason)
      counts.made += calls.length
      countDrop(counts, calls.splice(0).length, reason)
      let deleted: Promise<unknown>
      if (isAll) {
        spill.purge()
        visitor.drop()
        // An own store may fail to delete. Who opens it next deletes again.
        if (reason === 'forgotten') forgotten.save(database.isOpen() && database.kind === 'indexeddb')
        deleted = database.purge(reason === 'forgotten').catch(cause => trouble('store-failed', cause))
      } else {
        const { session } = writer.openState()
        spill.clear()
        // What this page wrote before it heard of it.
        deleted = Promise.all([store.forget(keys, session ? session.sessionID : ''), store.removeOrphans([pageLoad])])
        database.close()
      }
      end(true)
      // Nobody waits any longer.
      origin.goBlind()
      await deleted.catch(() => {})
    },
  }
}
