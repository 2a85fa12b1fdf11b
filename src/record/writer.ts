import type { PageBirth, VisitBirth } from './birth.js'
import type { Call, PageView } from './call.js'
import { clockTrustMs } from './limits.js'
import { createMaker, type Place } from './maker.js'
import { makeOpenState, type OpenState } from './open-state.js'
import type { Run } from './parcel.js'
import type { SessionReason } from './session.js'

/** What a writer needs. Time and random numbers come from outside. */
export interface WriterParts {
  /** Gives a new unique id of 21 characters or more that sorts by the time at which it was made. */
  readonly makeId: () => string
  /** Takes a record, as a run of its own. */
  readonly keep: (record: Run) => void
  readonly idleLimitMs: number
  /** Whether to record what happens while nobody is signed in. */
  readonly anonymous: boolean
  readonly languageCode: string
  readonly userAgent: string
}

/** One page load of one tab. It turns calls into records and numbers them. All lifecycle rules stand here. */
export interface Writer {
  openState(): OpenState
  /** The page that is open in this tab. */
  page(): PageBirth | null
  /** Takes the open state of another tab, or of the store, if it is newer. */
  adopt(state: OpenState | undefined): void
  /** Whether a call at that time would end the visit. Then the tab must read the stored open state before it decides. */
  isExpired(at: number): boolean
  /** Makes the records of one call. */
  bind(call: Call): void
  /**
   * Makes the orphan exit: the exit of the open page at its last activity, to be sent only if the page dies without
   * recording its own exit.
   *
   * @returns `null` if there is no page to leave, or nothing may be recorded.
   */
  orphanExit(): Run | null
  /** A permanent id for the next call. */
  nextId(): string
}

/** Makes the writer of one page load. It records nothing before the first call. */
export function createWriter(parts: WriterParts): Writer {
  const { makeId, keep, idleLimitMs, anonymous, languageCode, userAgent } = parts
  let state = makeOpenState(makeId())
  let page: PageBirth | null = null
  // The identity that this page takes for signed in. It resumes the session after an idle end.
  let believed = ''
  const maker = createMaker(makeId)

  function change(to: Partial<OpenState>, at: number): void {
    state = { ...state, ...to, rev: Math.max(state.rev + 1, at) }
  }

  /** Where something happens now; `null` if nothing may be recorded. */
  function place(): Place | null {
    const { visit, session } = state
    return visit && (session || anonymous) ? { visit, session, page } : null
  }

  function record(eventName: string, timestamp: number, data = '', id?: string): void {
    const at = place()
    if (at) keep(maker.make(at, { eventName, timestamp, data, id }))
  }

  function enter(view: PageView, at: number, data?: string, id?: string): void {
    const { url, title, referrer, category } = view
    const sessionID = state.session && state.session.sessionID
    page = { pageID: makeId(), sessionID, url, title, referrer, category, startDate: at }
    record('PageEntered', at, data, id)
  }

  function exit(at: number, id?: string): void {
    if (page) record('PageExited', at, '', id)
    page = null
  }

  function startSession(identityId: string, at: number, data: string, id?: string): void {
    const visitID = (state.visit as VisitBirth).visitID
    change({ session: { sessionID: makeId(), identityId, visitID, startDate: at }, left: false }, at)
    believed = identityId
    record('SignIn', at, data, id)
  }

  function endSession(at: number, reason: SessionReason | '', id?: string): void {
    if (!state.session) return
    record(reason ? 'SessionEnded' : 'SignOut', at, reason && `{"reason":"${reason}"}`, id)
    change({ session: null, left: !reason }, at)
  }

  /** Ends everything at the last activity, never later. Gives the page that was open. */
  function endVisit(): PageBirth | null {
    const before = page
    const { active } = state
    exit(active)
    endSession(active, 'idle')
    change({ visit: null }, active)
    return before
  }

  function startVisit(at: number): void {
    const { globalVisitID } = state
    change({ visit: { visitID: makeId(), globalVisitID, startDate: at, languageCode, userAgent } }, at)
    record('VisitStarted', at)
  }

  function isExpired(at: number): boolean {
    return !state.visit || at - state.active >= idleLimitMs
  }

  /** When a call counts as made: never before the last activity, unless that activity had a wrong clock. */
  function timeOf(at: number): number {
    const behind = state.active - at
    if (behind >= clockTrustMs) {
      change({ active: at }, at)
      return at
    }
    // The first call of a page load comes 1 ms later: of two equal times the older page load need not have the smaller id.
    return behind > 0 ? state.active + (maker.isUsed() ? 0 : 1) : at
  }

  function bind(call: Call): void {
    const { verb } = call
    let at = timeOf(call.at)
    let before: PageBirth | null = null
    if (state.visit && isExpired(at)) {
      // A page that closes long after its last activity cannot ask the other tabs any more. It ends its own page alone.
      if (verb === 'exit') at = state.active
      else before = endVisit()
    }
    if (verb === 'look') return
    if (state.session) believed = state.session.identityId
    if (verb === 'signOut' && !state.session) {
      // After an idle end the sign-out still tells every page that nobody is signed in.
      if (!state.left) change({ left: true }, at)
      believed = ''
      return
    }
    if (!state.visit) {
      if (verb === 'exit') return
      startVisit(at)
      if (believed && verb !== 'signIn') startSession(believed, at, '{"reason":"resumed"}')
      if (before && verb !== 'page') enter(before, at)
    }
    state = { ...state, active: Math.max(at, state.active) }
    apply(call, at)
  }

  function apply(call: Call, at: number): void {
    const { data, id } = call
    switch (call.verb) {
      case 'page':
        exit(at)
        enter(call.view, at, data, id)
        break
      case 'exit':
        exit(at, id)
        break
      case 'track':
        record(call.name, at, data, id)
        break
      case 'userInfo':
        record('UserInfo', at, data, id)
        break
      case 'signIn':
        if (state.session && state.session.identityId === call.identityId) break
        endSession(at, 'replaced')
        startSession(call.identityId, at, data, id)
        break
      case 'signOut':
        endSession(at, '', id)
        believed = ''
    }
  }

  return {
    openState: () => state,
    page: () => page,
    adopt(other) {
      if (!other) return
      const active = Math.max(other.active, state.active)
      if (other.rev > state.rev) {
        // The session that a new page load finds may be over. The page takes it for its own when it first records.
        if (other.session && state.rev) believed = other.session.identityId
        state = { ...other, active }
        if (other.left) believed = ''
      } else if (active > state.active) state = { ...state, active }
    },
    isExpired,
    bind,
    orphanExit() {
      const at = page && place()
      return at && maker.makeApart(at, { eventName: 'PageExited', timestamp: state.active })
    },
    nextId: maker.nextId,
  }
}
