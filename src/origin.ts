import type { Keeper } from './keeper.js'
import { createLatch } from './latch.js'
import type { PageBirth } from './record/birth.js'
import { activityMs, openTimeoutMs } from './record/limits.js'
import { isNewer, type OpenState } from './record/open-state.js'
import type { Writer } from './record/writer.js'
import type { Connection } from './store/key-value-store.js'
import type { Orphan } from './store/shared.js'
import type { Spill } from './store/spill.js'
import type { Store } from './store/store.js'

/** What the part needs that knows the open state of the origin. */
export interface OriginParts {
  readonly pageLoad: string
  readonly writer: Writer
  readonly keeper: Pick<Keeper, 'fail' | 'isLeaving' | 'ship'>
  readonly database: Pick<Connection, 'open' | 'isOpen'>
  readonly store: Pick<Store, 'change' | 'note'>
  readonly spill: Pick<Spill, 'lastActive'>
  readonly deviceTime: () => number
  readonly wait: (ms: number) => Promise<void>
  /** The open state is known. Called in the task that read it, so that the records of waiting calls leave in that task. */
  readonly onKnown: () => void
  readonly tell: (state: OpenState) => void
}

/** Keeps this page's open state and that of the other tabs together. */
export interface Origin {
  isKnown(): boolean
  /** Reads the stored open state anew. Until then nothing is known. After `openTimeoutMs` this page goes on without it. */
  look(): void
  /** The database cannot be read: this page goes on with what it knows. */
  goBlind(): void
  /** Settles when the open state is known. */
  whenKnown(): Promise<void>
  /**
   * Writes the open state and the orphan exit, and tells the other tabs, if there is something new: mere activity only
   * after `quietMs`.
   */
  note(quietMs: number): void
  /** The page is frozen, and cannot say that it lives. The next look says that it is back. */
  freeze(): void
  /** Takes the open state that another tab has told. */
  hear(state: OpenState | undefined): void
}

/** The least time between two notes of activity: so short that no other tab takes an active visit for idle. */
export function noteEveryMs(idleLimitMs: number): number {
  return Math.min(activityMs, idleLimitMs / 4)
}

export function createOrigin(parts: OriginParts): Origin {
  const { pageLoad, writer, keeper, database, store, spill, deviceTime, wait, onKnown, tell } = parts
  const latch = createLatch()
  let isLooking = false
  // Whether the stored open state is still to be read. What is new until then is written with it.
  let isReading = false
  // Whether this page has decided something without having read the stored open state.
  let isBlind = false
  let isFrozen = false
  let looks = 0
  // What was written last.
  let noted = present()

  function present(): { readonly state: OpenState; readonly page: PageBirth | null } {
    return { state: writer.openState(), page: writer.page() }
  }

  function goBlind(): void {
    if (latch.isKnown()) return
    isBlind = true
    latch.known()
    onKnown()
  }

  /** A session that is open on this origin holds, even if this page has gone on without knowing of it. */
  function adopt(stored: OpenState | undefined): void {
    // A page that went away could not write its last activity to the database.
    writer.touch(spill.lastActive())
    const ours = writer.openState()
    const isTheirs = isBlind && stored && stored.session && !ours.session && !ours.left
    writer.adopt(isTheirs ? { ...stored, rev: Math.max(stored.rev, ours.rev + 1) } : stored)
    isBlind = false
  }

  function look(): void {
    latch.unknown()
    const mine = ++looks
    // The database may not open again, or another script may hold on to it. Calls do not wait for that for ever.
    void wait(openTimeoutMs).then(() => mine === looks && goBlind())
    if (!database.isOpen()) return database.open()
    if (isLooking) return
    isLooking = isReading = true
    void store
      .change(pageLoad, function (found, isKept) {
        if (isFrozen && !isKept) writer.drop()
        isFrozen = false
        adopt(found)
        latch.known()
        onKnown()
        noted = present()
        tell(noted.state)
        isReading = false
        return { state: noted.state, orphan: orphan() }
      })
      .catch(cause => {
        isReading = false
        keeper.fail(cause)
        goBlind()
      })
      .then(() => {
        isLooking = false
        if (!latch.isKnown()) look()
      })
  }

  function write(isChanged: boolean): void {
    noted = present()
    if (!database.isOpen()) return
    store.note(noted.state, isChanged, pageLoad, orphan()).catch(keeper.fail)
  }

  function orphan(): Orphan | null {
    const exit = writer.orphanExit()
    return exit && { exit, isFrozen, at: deviceTime() }
  }

  return {
    isKnown: latch.isKnown,
    look,
    goBlind,
    whenKnown: latch.whenKnown,
    note(quietMs) {
      if (!latch.isKnown() || isReading) return
      const { state, page } = present()
      const isChanged = state.rev !== noted.state.rev
      const isActive = state.active - noted.state.active >= quietMs
      const isNew = isActive || page !== noted.page
      // A page that goes away begins no transaction for less than a change. Its orphan exit is void: it says that it leaves.
      if (!isChanged && (!isNew || keeper.isLeaving())) return
      write(isChanged)
      if (isChanged || isActive) tell(state)
    },
    freeze() {
      isFrozen = latch.isKnown() && database.isOpen()
      if (isFrozen) write(false)
    },
    hear(state) {
      const before = writer.openState()
      writer.adopt(state)
      keeper.ship()
      const after = writer.openState()
      // A tab that tells an older state may also have written it over the newer one in the database.
      const isOurs = !!state && isNewer(after, state)
      // The orphan exit of this page must not name who has signed out elsewhere.
      if (latch.isKnown() && (isOurs || after.rev !== before.rev || after.session !== before.session)) write(isOurs)
      if (isOurs) tell(after)
    },
  }
}
