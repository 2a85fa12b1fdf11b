import { nanoid } from 'nanoid'
import { type Channel, createChannel } from './browser/channel.js'
import { type Clock, cancel, deviceTime, later, wait } from './browser/clock.js'
import { describeBrowser, earlyStorage } from './browser/lifecycle.js'
import { type Claim, createClaim } from './browser/locks.js'
import { createVisitor, type Visitor } from './browser/visitor.js'
import { type Counts, countDrop } from './counts.js'
import type { TrackerErrorCode } from './errors.js'
import type { Forgotten } from './forgotten.js'
import { createKeeper, type Keeper } from './keeper.js'
import { createKnown, type Known } from './known.js'
import { createLookBack, type LookBack } from './look-back.js'
import type { Observers } from './observers.js'
import type { CheckedOptions } from './options.js'
import { createOrigin, type Origin } from './origin.js'
import { createFlusher, type Flusher } from './outbox/flusher.js'
import { createOutbox, type DropReason, type Outbox } from './outbox/outbox.js'
import { createOwed, type Owed } from './outbox/owed.js'
import type { Call } from './record/call.js'
import { answerMs, leaseMs } from './record/limits.js'
import { type Message, type News, parseMessage } from './record/message.js'
import type { LeftPage } from './record/open-page.js'
import type { Parcel, Run } from './record/parcel.js'
import { createWriter, type Writer } from './record/writer.js'
import type { Connection } from './store/key-value-store.js'
import { databaseName, sharedName } from './store/schema.js'
import { createSpill, type Spill } from './store/spill.js'
import { createStore, type Store } from './store/store.js'
import { createFetch } from './transport/fetch.js'
import { underTest } from './under-test.js'

/** What the parts of a recording need from outside. */
export interface PartsNeeds {
  readonly options: CheckedOptions
  readonly database: Connection
  /** The calls that wait, in call order. */
  readonly calls: Call[]
  readonly counts: Counts
  readonly now: Clock
  /** The page that was open when the tracker was stopped before. */
  readonly inherited: () => LeftPage | null | undefined
  readonly forgotten: Forgotten
  readonly observers: Observers
  readonly trouble: (code: TrackerErrorCode, cause: unknown) => void
  /** The open state is known: waiting calls can be bound. */
  readonly onKnown: () => void
  /** The collector has erased records of these sessions, each as JSON. */
  readonly onGone: (sessions: readonly string[]) => void
}

/** The parts of a recording that no first task needs. */
export interface Parts {
  readonly pageLoad: string
  readonly store: Store
  readonly spill: Spill
  readonly owed: Owed
  readonly writer: Writer
  readonly keeper: Keeper
  readonly origin: Origin
  readonly outbox: Outbox
  readonly flusher: Flusher
  readonly lookBack: LookBack
  readonly known: Known
  readonly claim: Claim
  readonly visitor: Visitor
  readonly channel: Channel<Message>
  readonly onDrop: (count: number, own: number, reason: DropReason) => void
}

/** Builds the parts, and connects them. */
export function createParts(needs: PartsNeeds): Parts {
  const { options, database, counts, now, observers } = needs
  const { key, history } = options
  const name = sharedName(options)
  const pageLoad = makeId()
  const visitor = createVisitor(databaseName(key), options.visitorDomain)
  const owed = createOwed()
  const writer = makeWriter(needs.inherited)
  if (underTest) underTest.onWriter(key, writer)
  const channel = createChannel<Message>(name, hear)
  // Whether another tab observes.
  let isHeard = false
  // The page loads that have answered that they live.
  const alive = new Set<string>()
  const store = createStore(database, deviceTime)
  const spill = createSpill(key, pageLoad, () => earlyStorage(name))
  const claim = createClaim(
    databaseName(key),
    // In an own store, a page that dies could not give the lease back in time. So pages without Web Locks do not wait.
    async ms => !name || store.lease(pageLoad, deviceTime(), deviceTime() + ms).catch(() => true),
    leaseMs,
  )
  const common = {
    ...needs,
    ...options,
    pageLoad,
    owed,
    writer,
    store,
    spill,
    deviceTime,
    wait,
    onDrop,
  }
  const known = createKnown({ isOn: observers.isOn, openState: writer.openState, read })
  const outbox = createOutbox({
    ...common,
    transport: options.makeTransport
      ? options.makeTransport(later, cancel, needs.trouble)
      : createFetch(options.collector, key, now, later),
    claim: run => claim.run(run).finally(observers.changed),
    openPage: writer.page,
    openSession: () => writer.openState().session,
    chance: underTest ? underTest.chance : Math.random,
    historyOf(text) {
      const { session } = writer.openState()
      return history && session && text.includes(session.sessionID) ? session.sessionID : ''
    },
    onStored(_count, own) {
      counts.stored += own
    },
    onSettled(parcels) {
      channel.tell({ parcels })
      // While there is no database, what is settled stands in the spill alone.
      keeper.clearSpill()
    },
    onFate: (ids, fate) => tell({ news: [...ids], fate }),
    onLater: laterMs => channel.tell({ laterMs }),
  })
  const flusher = createFlusher(outbox, options.flushEveryMs, now, later, cancel)
  const keeper = createKeeper({
    ...common,
    lastActive: () => writer.openState().active,
    onOwed(chars, parcels) {
      tellMade(parcels)
      outbox.grow(chars)
      flusher.notice(chars)
    },
  })
  const origin = createOrigin({ ...common, keeper, tell: presence => channel.tell({ presence }) })
  const lookBack = createLookBack({
    ...common,
    keeper,
    outbox,
    makeWriter,
    findAlive,
    onAdopt(count) {
      counts.made += count
    },
  })

  /** Tells who observes, here and in other tabs. */
  function tell(news: News): void {
    known.add(news)
    observers.changed()
    if (isHeard) channel.tell(news)
  }

  function tellMade(parcels: readonly Parcel[]): void {
    tell({ news: parcels.map(({ text }) => text) })
  }

  async function read(): Promise<readonly [settled: readonly unknown[], owed: readonly unknown[]]> {
    // Both before the store is read, so that nothing is missed that is made or settled meanwhile.
    if (observers.isOn()) channel.tell({ isWatched: true })
    const own = owed.all().map(({ text }) => text)
    const [settled, stored] = await store.all().catch(() => [[], []])
    return [settled, [...stored, ...own]]
  }

  /** Asks which other pages live; `null` if nobody can answer. */
  async function findAlive(): Promise<ReadonlySet<string> | null> {
    alive.clear()
    if (!channel.tell({ isAsked: true })) return null
    await wait(answerMs)
    return alive
  }

  /** A new id. Ids sort by the time at which they were made. */
  function makeId(): string {
    return now().toString(36).padStart(9, '0') + (underTest ? underTest.makeSuffix() : nanoid(12))
  }

  function makeWriter(inherited?: PartsNeeds['inherited']): Writer {
    const own = { makeId, keep, inherited, forgottenAt: needs.forgotten.time(), share: visitor.share }
    return createWriter({ ...options, ...describeBrowser(), ...own })
  }

  function keep(record: Run): void {
    counts.made++
    if (underTest) underTest.onRecord(key, record)
    keeper.add(record)
  }

  function onDrop(count: number, own: number, reason: DropReason): void {
    if (!count) return
    // A damaged entry was made by nobody knows whom. It counts as taken over, and dropped.
    const isDamaged = reason === 'damaged'
    if (isDamaged) counts.made += count - own
    countDrop(counts, isDamaged ? count : own, reason)
    const code = isDamaged ? 'record-damaged' : reason.startsWith('refused') ? 'record-refused' : 'record-dropped'
    needs.trouble(code, `${count} ${reason}`)
  }

  function hear(value: unknown): void {
    const message = parseMessage(value)
    const { presence, parcels = [], laterMs, isAsked, here, isWatched } = message
    if (presence) {
      origin.hear(presence)
      // It may be a new page, which does not know.
      if (observers.isOn()) channel.tell({ isWatched: true })
    }
    for (const [parcel, dropped] of parcels) {
      let own = owed.settle(parcel, [])
      for (const reason of Object.keys(dropped)) {
        const some = Math.min(own, Number(dropped[reason]) || 0)
        countDrop(counts, some, reason)
        own -= some
      }
      counts.stored += own
    }
    if (laterMs) outbox.hold(laterMs)
    if (isAsked) channel.tell({ here: pageLoad })
    if (here) alive.add(here)
    if (isWatched && !isHeard) {
      isHeard = true
      tellMade(owed.all())
    }
    known.add(message)
    observers.changed()
  }

  return {
    pageLoad,
    store,
    spill,
    owed,
    writer,
    keeper,
    origin,
    outbox,
    flusher,
    lookBack,
    known,
    claim,
    channel,
    visitor,
    onDrop,
  }
}
