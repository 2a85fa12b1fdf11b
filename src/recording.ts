import { nanoid } from 'nanoid'
import { createChannel } from './browser/channel.js'
import { deviceTime, wait } from './browser/clock.js'
import { describeBrowser, earlyStorage } from './browser/lifecycle.js'
import { createClaim, type Drainer } from './browser/locks.js'
import type { TrackerErrorCode } from './errors.js'
import type { CheckedOptions } from './options.js'
import { createFlusher, type FlushReason } from './outbox/flusher.js'
import { createOutbox, type DropReason, type FlushResult, type OutboxState } from './outbox/outbox.js'
import { createPending } from './pending.js'
import { charsOf, type Fact, type KeptRecord, toFact } from './record/event.js'
import { bindLate } from './record/late.js'
import { activityMs, lateMs, leaseMs } from './record/limits.js'
import { type Call, createWriter, type Presence, type Writer } from './record/writer.js'
import { createOriginStore, type StoreKind } from './store/origin.js'
import { databaseName } from './store/schema.js'
import { createTail } from './store/tail.js'
import { createFetch } from './transport/fetch.js'

/** What has become of the records of this page load: made = stored + owed + dropped. */
export interface Fate {
  /** Those that it has taken over from pages that died count as its own. */
  made: number
  /** Named by the collector as on its disk. */
  stored: number
  /** By reason: `refused:<code>`, `gone`, `full`, `denied`, `consent`. */
  readonly dropped: Record<string, number>
}

/** What a recording is given by the hall. */
export interface RecordingParts {
  readonly options: CheckedOptions
  readonly now: () => number
  readonly fate: Fate
  readonly trouble: (code: TrackerErrorCode, cause: unknown) => void
  /** Another tab was told that recording is denied. */
  readonly onDenied: () => void
}

/** A call as the hall makes it; the recording gives it its id. */
export type NewCall = Call extends infer One ? (One extends Call ? Omit<One, 'id'> : never) : never

/** The store, the outbox and the talk between the tabs. Before `start` it holds calls in memory and touches nothing. */
export interface Recording {
  start(): void
  /** @param isEarly whether the call must not be lost while the database is not open yet. */
  submit(call: NewCall, isEarly: boolean): void
  flush(reason: FlushReason): Promise<FlushResult>
  /** The page may be killed from here without another word: everything to storage. */
  save(): void
  /** The page goes away: everything to storage, one copy to the collector, the right to send to other tabs. */
  leave(): void
  /** The page is frozen: it lets go of all that another tab may wait for. */
  freeze(): void
  /** The page is back: what do the other tabs know? */
  back(): void
  presence(): Presence
  facts(): Promise<Fact[]>
  kind(): StoreKind
  state(): RecordingState
  /** How many of the records made here are owed. */
  owing(): number
  /** Counts a loss, the only way in which there is one. */
  drop(count: number, reason: DropReason): void
  stop(): void
  /** Stops and forgets everything, here and, if `isTold`, in the other tabs. */
  purge(isTold: boolean): void
}

/** What the outbox and the store are at. */
export interface RecordingState extends OutboxState {
  /** Calls that are not records yet: consent is pending, or the store is not open. */
  readonly waiting: number
  readonly drainer: Drainer
}

interface Message {
  readonly presence?: Presence
  /** Ids that are stored, or dropped for that reason. */
  readonly settled?: readonly string[]
  readonly reason?: DropReason
  /** The collector has asked for so much time. */
  readonly laterMs?: number
  readonly isDenied?: true
}

/** Builds the parts of a recording and introduces them to each other. */
export function createRecording({ options, now, fate, trouble, onDenied }: RecordingParts): Recording {
  const { key, idleLimitMs, anonymous, history, flushEveryMs } = options
  const name = databaseName(key)
  const makeId = (): string => now().toString(36).padStart(9, '0') + nanoid(12)
  const tail = createTail(key, earlyStorage)
  const store = createOriginStore(
    { name, now: deviceTime, wait, tail },
    cause => trouble('store-failed', cause),
    () => void look(),
    () => {
      // What is still in memory is kept again; of the rest only the number is known.
      drop(outbox.lose(), 'cleared')
      outbox.own().forEach(store.keep)
    },
  )
  const holder = makeId()
  const claim = createClaim(name, ms => store.lease(holder, deviceTime(), deviceTime() + ms), leaseMs)
  const makeWriter = (): Writer => createWriter({ makeId, keep, idleLimitMs, anonymous, ...describeBrowser() })
  const writer = makeWriter()
  const outbox = createOutbox({
    store,
    wait,
    transport: createFetch(options.collector, key, now),
    claim: claim.run,
    now,
    chance: Math.random,
    isHistory: ({ session }) => history && !!openSessionID() && session.includes(openSessionID() as string),
    maxChars: options.owedMaxChars,
    maxAgeMs: options.owedMaxAgeMs,
    onStored(ids, own) {
      fate.stored += own
      channel.tell({ settled: ids })
    },
    onDrop(ids, own, reason) {
      drop(own, reason)
      trouble(reason.startsWith('refused') ? 'record-refused' : 'record-dropped', `${ids.length} ${reason}`)
      channel.tell({ settled: ids, reason })
    },
    onTrouble: trouble,
    onLater: laterMs => channel.tell({ laterMs }),
  })
  const flusher = createFlusher(outbox, () => store.isUnread() || outbox.own().length > 0, flushEveryMs, now)
  const channel = createChannel<Message>(name, message => {
    writer.adopt(message.presence)
    const own = message.settled ? outbox.forget(message.settled) : 0
    if (message.reason) drop(own, message.reason)
    else fate.stored += own
    if (message.laterMs) outbox.hold(message.laterMs)
    if (message.isDenied) onDenied()
  })
  const pending = createPending(tail)
  let isStarted = false
  let isKnown = false
  let isStopped = false
  let looking: Promise<void> | null = null
  let told = writer.presence()
  let leftTimer: ReturnType<typeof setTimeout> | undefined

  function openSessionID(): string | undefined {
    return writer.presence().session?.sessionID
  }

  function drop(count: number, reason: DropReason): void {
    if (count) fate.dropped[reason] = (fate.dropped[reason] || 0) + count
  }

  /** Keeps a record that was made here, or taken over from a page that is gone: from now on its fate is told here. */
  function keep(record: KeptRecord): void {
    fate.made++
    store.keep(record)
    outbox.add(record)
    flusher.notice(charsOf(record))
  }

  function bind(call: Call): void {
    const before = openSessionID()
    try {
      writer.bind(call)
    } catch (cause) {
      trouble('unexpected', cause)
    }
    if (before && !openSessionID()) void flusher.flush('sign-out')
  }

  /** Writes and tells what has changed of the presence; mere activity only every so often. */
  function tell(quietMs: number, isWritten?: boolean): void {
    const presence = writer.presence()
    const isNew = presence.rev !== told.rev
    if (!isNew && presence.active - told.active < quietMs) return
    told = presence
    if (!isWritten && isNew) store.remember(presence)
    else if (!isWritten) store.touch(presence.active, holder, writer.will())
    channel.tell({ presence })
  }

  function look(): Promise<void> {
    isKnown = false
    looking = looking || lookOnce()
    return looking
  }

  async function lookOnce(): Promise<void> {
    await store.open()
    if (isStopped) return
    await store.change(presence => {
      writer.adopt(presence)
      const calls = pending.take()
      calls.forEach(bind)
      isKnown = true
      store.commit()
      tail.clear(calls)
      return writer.presence()
    })
    // Pages that have died without another word are left by now.
    for (const record of await store.wills(deviceTime(), idleLimitMs)) keep(record)
    looking = null
    tell(activityMs, true)
    // An earlier page load may have left something behind.
    if (store.isUnread()) flusher.notice(0)
    // Somebody has come back, or called, since we looked.
    if (!isKnown) void look()
  }

  // What pages left behind that died before their database was open.
  function adoptLeft(): void {
    leftTimer = setTimeout(adoptLeft, lateMs)
    const { calls, records, release } = tail.left(deviceTime(), lateMs)
    if (!isKnown || !(calls.length + records.length)) return
    records.forEach(keep)
    writer.adopt(bindLate(calls, makeWriter(), writer.presence()))
    release()
    tell(0)
  }

  function save(): void {
    if (!isStarted) return
    if (isKnown) tell(1)
    else pending.writeAll()
    store.commit()
  }

  function release(): void {
    claim.release()
    channel.close()
  }

  function stop(): void {
    isStopped = true
    clearTimeout(leftTimer)
    flusher.stop()
    release()
    store.close()
  }

  return {
    start() {
      isStarted = true
      channel.open()
      leftTimer = setTimeout(adoptLeft, flushEveryMs)
      pending.write()
      void look()
    },
    submit(newCall, isEarly) {
      if (isStopped) return
      const call = Object.assign(newCall, { id: writer.nextId() }) as Call
      const isDue = isKnown && writer.isExpired(call.at)
      if (call.verb === 'look' && !(isDue && writer.presence().visit)) return
      if (isKnown && (!isDue || call.verb === 'exit')) {
        bind(call)
        tell(activityMs)
        return
      }
      if (!pending.add(call, isEarly)) {
        fate.made++
        drop(1, isStarted ? 'full' : 'consent')
        trouble('record-dropped', call.verb)
      } else if (isStarted) void look()
    },
    async flush(reason) {
      if (!isStarted || isStopped) return { stored: 0, owed: pending.count() + outbox.own().length }
      if (!isKnown) await look()
      return flusher.flush(reason)
    },
    save,
    leave() {
      if (!isStarted) return
      save()
      claim.release()
      outbox.copy()
      channel.close()
    },
    freeze() {
      store.commit()
      release()
      store.pause()
    },
    back() {
      if (!isStarted) return
      claim.renew()
      channel.open()
      void look()
    },
    presence: writer.presence,
    async facts() {
      if (!isStarted) return []
      if (!isKnown) await look()
      const kept = [...(await store.all()), ...outbox.own()]
      return [...new Map(kept.map(record => [record.id, record])).values()].map(toFact)
    },
    kind: store.kind,
    owing: outbox.owing,
    state: () => ({ waiting: pending.count(), drainer: claim.drainer(), ...outbox.state() }),
    drop,
    stop,
    purge(isTold) {
      const held = pending.take().length
      fate.made += held
      drop(held, 'denied')
      if (isTold) channel.tell({ isDenied: true })
      tail.purge()
      outbox.forget(outbox.own().map(record => record.id))
      outbox.lose()
      // Nobody is left to be told.
      store.purge().catch(() => {})
      stop()
    },
  }
}
