import { nanoid } from 'nanoid'
import { createChannel } from './browser/channel.js'
import { wait } from './browser/clock.js'
import { describeBrowser, earlyStorage } from './browser/lifecycle.js'
import { createClaim } from './browser/locks.js'
import type { TrackerErrorCode } from './errors.js'
import type { CheckedOptions } from './options.js'
import { createFlusher, type FlushReason } from './outbox/flusher.js'
import { createOutbox, type DropReason, type FlushResult } from './outbox/outbox.js'
import { charsOf, type Fact, type KeptRecord, toFact } from './record/event.js'
import { bindLate } from './record/late.js'
import { activityMs, leaseMs, maxPendingCalls, maxPendingChars } from './record/limits.js'
import { type Call, createWriter, type Presence, type Writer } from './record/writer.js'
import { createOriginStore, eraseOrigin, type StoreKind } from './store/origin.js'
import { databaseName } from './store/schema.js'
import { createTail } from './store/tail.js'
import { createFetch } from './transport/fetch.js'

/** What a recording tells the hall. */
export interface RecordingListeners {
  readonly onMade: () => void
  /** So many records of this page. */
  readonly onStored: (count: number) => void
  /** @param total of all tabs and page loads; `count` of them are of this page. */
  readonly onDrop: (count: number, total: number, reason: DropReason) => void
  readonly onTrouble: (code: TrackerErrorCode, cause: unknown) => void
  /** Another tab was told that recording is denied. */
  readonly onDenied: () => void
}

/** A call as the hall makes it; the recording gives it its id. */
export type NewCall = Call extends infer One ? (One extends Call ? Omit<One, 'id'> : never) : never

/** Everything that exists only while recording is allowed: the store, the outbox, the talk between the tabs. */
export interface Recording {
  /** @param isEarly whether it must not be lost while the database is not open yet. */
  submit(call: NewCall, isEarly: boolean): void
  flush(reason: FlushReason): Promise<FlushResult>
  /** The page goes away, or may: everything to storage, one copy to the collector, the right to send to other tabs. */
  leave(): void
  /** Lets go of what another tab may wait for. */
  yield(): void
  /** The page is back: what do the other tabs know? */
  back(): void
  presence(): Presence
  facts(): Promise<Fact[]>
  kind(): StoreKind
  counts(): { readonly requests: number; readonly failures: number; readonly waiting: number; readonly notBefore: number }
  stop(): void
  /** Stops and forgets everything, here and in the other tabs. */
  purge(isTold: boolean): void
}

type Message = { readonly presence: Presence } | { readonly settled: readonly string[] } | { readonly isDenied: true }

/** What of an earlier visit lies on this device is removed; nothing is opened or written. */
export function eraseRecording(key: string): void {
  createTail(key, earlyStorage).purge()
  void eraseOrigin(databaseName(key))
}

export function createRecording(options: CheckedOptions, now: () => number, listeners: RecordingListeners): Recording {
  const { key, idleLimitMs, anonymous, history, flushEveryMs, owedMaxChars, owedMaxAgeMs } = options
  const { onMade, onStored, onDrop, onTrouble, onDenied } = listeners
  const name = databaseName(key)
  const makeId = (): string => now().toString(36).padStart(9, '0') + nanoid(12)
  const tail = createTail(key, earlyStorage)
  const store = createOriginStore({ name, now, wait }, cause => onTrouble('store-failed', cause))
  const own = makeId()
  const claim = createClaim(
    name,
    () => store.lease(own, now(), now() + leaseMs),
    () => store.lease(own, now(), 0),
  )
  const makeWriter = (): Writer => createWriter({ makeId, keep, idleLimitMs, anonymous, ...describeBrowser() })
  const writer = makeWriter()
  const outbox = createOutbox({
    store,
    transport: createFetch(options.collector, key, now),
    claim: claim.run,
    now,
    chance: Math.random,
    isHistory: ({ session }) => history && !!session && session.includes(openSessionID() || '-'),
    maxChars: owedMaxChars,
    maxAgeMs: owedMaxAgeMs,
    onStored(ids) {
      onStored(ids.filter(writer.isOwn).length)
      channel.tell({ settled: ids })
    },
    onDrop(ids, reason) {
      onDrop(ids.filter(writer.isOwn).length, ids.length, reason)
      channel.tell({ settled: ids })
    },
    onTrouble,
  })
  const flusher = createFlusher(outbox, () => store.isUnread() || outbox.own().length > 0, flushEveryMs, now)
  const channel = createChannel<Message>(name, message => {
    if ('presence' in message) writer.adopt(message.presence)
    else if ('settled' in message) {
      outbox.forget(message.settled)
      onStored(message.settled.filter(writer.isOwn).length)
    } else onDenied()
  })
  // Calls that wait until this tab knows which visit and session are open.
  let pending: { call: Call; isEarly: boolean }[] = []
  let pendingChars = 0
  let isKnown = false
  let isStopped = false
  let looking: Promise<void> | null = null
  let told = writer.presence()

  const openSessionID = (): string | undefined => writer.presence().session?.sessionID

  function keep(record: KeptRecord): void {
    onMade()
    store.keep(record)
    outbox.add(record)
    flusher.notice(charsOf(record))
  }

  function bind(call: Call): void {
    const before = writer.presence().session
    writer.bind(call)
    if (before && !writer.presence().session) void flusher.flush('sign-out')
  }

  /** Writes and tells what has changed of the presence; mere activity at most every 15 s, unless the page goes. */
  function tell(isForced: boolean, isWritten?: boolean): void {
    const presence = writer.presence()
    const isNew = presence.rev !== told.rev
    if (!isNew && presence.active - told.active < (isForced ? 1 : activityMs)) return
    told = presence
    if (!isWritten) store.remember(presence)
    channel.tell({ presence })
  }

  function look(): Promise<void> {
    isKnown = false
    looking = looking || lookOnce()
    return looking
  }

  async function lookOnce(): Promise<void> {
    await store.ready
    if (isStopped) return
    await store.change(presence => {
      if (isStopped) return presence || writer.presence()
      writer.adopt(presence)
      for (const { call } of pending) bind(call)
      pending = []
      pendingChars = 0
      isKnown = true
      store.commit()
      tail.clear()
      return writer.presence()
    })
    looking = null
    tell(false, true)
    // Somebody has come back, or called, since we looked.
    if (!isKnown) void look()
  }

  // What pages left behind that died before their database was open.
  function adoptLeft(): void {
    if (!isKnown) return
    const { calls, release } = tail.left(now(), 60_000)
    if (!calls.length) return
    writer.adopt(bindLate(calls, makeWriter(), writer.presence()))
    release()
    tell(false)
  }
  const leftTimer = setTimeout(adoptLeft, flushEveryMs)

  function letGo(): void {
    claim.release()
    channel.close()
  }

  const recording: Recording = {
    submit(newCall, isEarly) {
      if (isStopped) return
      const call = { ...newCall, id: writer.nextId() } as Call
      const { visit } = writer.presence()
      if (call.verb === 'look' && !(isKnown && visit && writer.isExpired(call.at))) return
      if (isKnown && (call.verb === 'exit' || !writer.isExpired(call.at))) {
        bind(call)
        tell(false)
        return
      }
      pendingChars += call.data.length
      if (pending.length >= maxPendingCalls || pendingChars > maxPendingChars) {
        onMade()
        onDrop(1, 1, 'full')
        return
      }
      pending.push({ call, isEarly })
      if (isEarly) tail.add(call)
      void look()
    },
    async flush(reason) {
      if (!isKnown) await look()
      return flusher.flush(reason)
    },
    leave() {
      if (isKnown) tell(true)
      else for (const { call, isEarly } of pending) if (!isEarly) tail.add(call)
      store.commit()
      claim.release()
      outbox.copy()
      channel.close()
    },
    yield: letGo,
    back() {
      channel.open()
      void look()
    },
    presence: writer.presence,
    async facts() {
      if (!isKnown) await look()
      const kept = [...(await store.all()), ...outbox.own()]
      return [...new Map(kept.map(record => [record.id, record])).values()].map(toFact)
    },
    kind: store.kind,
    counts: () => ({ ...outbox.counts(), waiting: pending.length, notBefore: outbox.notBefore() }),
    stop() {
      isStopped = true
      clearTimeout(leftTimer)
      flusher.stop()
      store.commit()
      letGo()
      store.close()
    },
    purge(isTold) {
      if (isTold) channel.tell({ isDenied: true })
      isStopped = true
      tail.purge()
      void store.purge().finally(() => eraseOrigin(name))
      recording.stop()
    },
  }
  void look()
  return recording
}
