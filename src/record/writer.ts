import type { OwnSession, VisitBirth } from './birth.js'
import type { Call } from './call.js'
import { hash } from './hash.js'
import { clockTrustMs } from './limits.js'
import { createMaker, type Place } from './maker.js'
import { createOpenPage } from './open-page.js'
import { isForgotten, isNewer, isUnaware, makeOpenState, type OpenState } from './open-state.js'
import type { SessionReason } from './session.js'
import { isSampled } from './visit.js'
import type { Writer, WriterParts } from './writer-api.js'

export type { Writer, WriterParts } from './writer-api.js'

/** Makes the writer of one page load. It records nothing before the first call. */
export function createWriter(parts: WriterParts): Writer {
  const { makeId, keep, idleLimitMs, sessionLimitMs, anonymous, sample } = parts
  const { languageCode, userAgent, automated, inherited, share } = parts
  let state = makeOpenState(makeId(), parts.forgottenAt)
  // The session of the identity that this page takes for signed in. It is resumed after an idle end.
  let believed: OwnSession | null = null
  // The visit before. What happens while nobody is there belongs to it.
  let past: VisitBirth | null = null
  // Whether no person has made the call that is being bound.
  let isPassive = false
  const maker = createMaker(makeId)
  const page = createOpenPage(makeId, record, inherited)

  function change(to: Partial<OpenState>, at: number): void {
    state = { ...state, ...to, rev: Math.max(state.rev + 1, at) }
  }

  function touch(active: number): void {
    if (active > state.active) state = { ...state, active }
  }

  /** Where something happens now; `null` if nothing may be recorded. */
  function place(): Place | null {
    const { session } = state
    const visit = state.visit || past
    return visit && (session || anonymous) && isSampled(visit.visitID, sample)
      ? { visit, session, page: page.place(!state.visit) }
      : null
  }

  function record(eventName: string, timestamp: number, data = '', id?: string): void {
    const at = place()
    // What belongs to a visit that is over, no person has done.
    if (at) keep(maker.make(at, { eventName, timestamp, data, id, isPassive: isPassive || !state.visit }))
  }

  function visitID(): string {
    return (state.visit || past || { visitID: '' }).visitID
  }

  function sessionID(): string | null {
    return state.session && state.session.sessionID
  }

  /** Tabs that sign in the same identity at the same moment make the same id, because they know the same open state. */
  function startSession(identityId: string, proof: string | undefined, at: number, data: string, id?: string): void {
    const serial = (state.serial || 0) + 1
    const sessionID = `${visitID()}-${serial.toString(36)}${hash(visitID() + identityId)}`
    const birth = { sessionID, identityId, visitID: visitID(), startDate: at }
    believed = proof ? { ...birth, proof } : birth
    change({ session: believed, left: false, active: Math.max(at, state.active), serial, told: hash(data) }, at)
    record('SignIn', at, data, id)
  }

  function endSession(at: number, reason: SessionReason | '', id?: string): void {
    if (!state.session) return
    record(reason ? 'SessionEnded' : 'SignOut', at, reason && `{"reason":"${reason}"}`, id)
    change({ session: null, left: !reason }, at)
  }

  /** Ends everything at the last activity, never later. */
  function endVisit(): void {
    const { active, visit } = state
    page.interrupt(active)
    endSession(active, 'idle')
    past = visit
    change({ visit: null }, active)
  }

  function startVisit(at: number): void {
    const globalVisitID = share ? share(state.globalVisitID) : state.globalVisitID
    const born = { visitID: makeId(), globalVisitID, startDate: at, languageCode, userAgent, idleLimitMs }
    const visit: VisitBirth = automated ? { ...born, automated } : born
    // A page that was entered after the end of the visit before, out of sight, is of that visit.
    page.interrupt(state.active)
    touch(at)
    change({ visit, globalVisitID }, at)
    record('VisitStarted', at)
  }

  function isIdle(at: number): boolean {
    return !state.visit || at - state.active >= idleLimitMs
  }

  /** When the session has reached its limit; 0 if it has not by that time. */
  function limitOf(at: number): number {
    const limit = state.session ? state.session.startDate + sessionLimitMs : Infinity
    return at >= limit ? limit : 0
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

  /** Ends what is over at that time. @returns when the call counts as made. */
  function endWhatIsOver(verb: Call['verb'], at: number): number {
    if (state.visit && isIdle(at)) {
      // A page that closes long after its last activity cannot ask the other tabs any more. It ends its own page alone.
      if (verb === 'exit') return state.active
      endVisit()
    }
    if (state.session) believed = state.session
    const limit = limitOf(at)
    if (limit) endSession(limit, 'limit')
    return at
  }

  function bind(call: Call): void {
    const { verb } = call
    let { passive } = call
    // What the visitor sees by now is no activity.
    if (verb === 'view') return page.correct(call.view, call.at)
    const at = endWhatIsOver(verb, timeOf(call.at))
    if (verb === 'look') return
    if (verb === 'signOut' && !state.session) {
      // After an idle end the sign-out still tells every page that nobody is signed in.
      if (!state.left) change({ left: true }, at)
      believed = null
      return
    }
    if (!state.visit) {
      // A page that was entered after the end of the visit, out of sight, ends in that visit too.
      if (verb === 'exit') passive = true
      else if (!passive || !past || verb === 'signIn') startVisit(at)
    }
    if (!passive) {
      touch(at)
      if (!state.session && believed && verb !== 'signIn' && verb !== 'exit')
        startSession(believed.identityId, believed.proof, at, '{"reason":"resumed"}')
      if (verb !== 'page' && verb !== 'exit') page.resume(at, sessionID())
    }
    isPassive = !!passive
    apply(call, at)
    isPassive = false
  }

  function apply(call: Call, at: number): void {
    const { data, id } = call
    switch (call.verb) {
      case 'page':
        page.exit(at)
        // The title may have changed since the stop.
        if (call.goesOn && page.goOn(visitID())) page.correct(call.view, at)
        else page.enter(call.view, at, sessionID(), data, id)
        break
      case 'exit':
        page.exit(at, id, call.goesOn)
        break
      case 'track':
        record(call.name, at, data, id)
        break
      case 'userInfo':
        record('UserInfo', at, data, id)
        break
      case 'signIn':
        signIn(call.identityId, call.proof, at, data, id)
        break
      case 'signOut':
        endSession(at, '', id)
        believed = null
    }
  }

  function signIn(identityId: string, proof: string | undefined, at: number, data: string, id?: string): void {
    const { session, told } = state
    if (!session || session.identityId !== identityId) {
      endSession(at, 'replaced')
      return startSession(identityId, proof, at, data, id)
    }
    // A proof may expire, so the newest holds. That makes no record.
    if (proof && proof !== session.proof) change({ session: { ...session, proof } }, at)
    if (data && told !== hash(data)) {
      change({ told: hash(data) }, at)
      record('UserInfo', at, data, id)
    }
  }

  /** Lets go of what the newer open state has ended. */
  function yieldTo(other: OpenState): void {
    const { visit, session, serial, active } = state
    // Another tab has erased the session, and nothing else makes this text empty. So the page must not name it any more.
    if (session && !other.session && other.told === '') page.drop()
    if (!other.visit || other.visit.visitID !== visitID()) {
      page.interrupt(active)
      past = visit || past
    } else if (session && other.session && other.serial === serial && other.session.sessionID !== session.sessionID)
      record('SessionEnded', Math.max(session.startDate, other.session.startDate), '{"reason":"replaced"}')
  }

  return {
    openState: () => state,
    page: page.birth,
    drop: page.drop,
    adopt(other) {
      if (!other || isForgotten(other, state)) return
      const active = Math.max(other.active, state.active)
      // What another tab has decided without knowing of this session does not hold.
      if (isNewer(other, state) && isUnaware(other, state)) state = { ...state, active, rev: other.rev + 1 }
      else if (isNewer(other, state)) {
        yieldTo(other)
        // The session that a new page load finds may be over. The page takes it for its own when it first records.
        if (other.session && state.rev) believed = other.session
        state = { ...other, active }
        if (other.left) believed = null
      } else touch(active)
    },
    touch,
    isExpired: at => isIdle(at) || !!limitOf(at),
    bind,
    orphanExit() {
      const open = page.birth()
      const at = open && place()
      return at && maker.makeApart(at, { eventName: 'PageExited', timestamp: Math.max(open.startDate, state.active) })
    },
    erase(sessions, at) {
      const open = state.session || believed
      if (!open || !sessions.some(text => text.includes(`"${open.sessionID}"`))) return false
      page.drop()
      believed = null
      change({ session: null, left: true, told: '' }, at)
      return true
    },
    nextId: maker.nextId,
  }
}
