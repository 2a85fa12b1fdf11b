import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
import type { KeptRecord } from './event.js'
import { systemEvents } from './event.js'
import { clockTrustMs } from './limits.js'
import { isEnd, type SessionReason, toEnd } from './session.js'

/** What all tabs of an origin share: the open visit and session. Replaced, never changed; `rev` tells which is the newer. */
export interface Presence {
  readonly rev: number
  readonly globalVisitID: string
  readonly visit: VisitBirth | null
  readonly session: SessionBirth | null
  /** Last activity, Unix epoch, ms. */
  readonly active: number
  /** Whether the last session was ended by a sign-out; then no page may believe that it is still signed in. */
  readonly left: boolean
}

/** What a page view is called with; what is missing, the hall fills in from the document. */
export interface PageView {
  readonly url: string
  readonly title: string
  readonly referrer: string
  readonly category: string
}

/**
 * One call of a verb, as plain data with its time and its permanent id: it may have to wait (in memory, in the tail)
 * until the tab knows what visit and session are open. `data` is JSON text, or empty.
 */
export type Call = { readonly id: string; readonly at: number; readonly data: string } & (
  | { readonly verb: 'page'; readonly view: PageView }
  | { readonly verb: 'track'; readonly name: string; readonly category: string }
  | { readonly verb: 'signIn'; readonly identityId: string }
  | { readonly verb: 'exit' | 'signOut' | 'userInfo' | 'input' | 'look' }
)

/** What a writer is made of; time and chance come in from outside. */
export interface WriterParts {
  /** A new unique id, 21 characters or more, that sorts by the time of its making. */
  readonly makeId: () => string
  readonly keep: (record: KeptRecord) => void
  readonly idleLimitMs: number
  /** Whether to record what happens while nobody is signed in. */
  readonly anonymous: boolean
  readonly languageCode: string
  readonly userAgent: string
}

/** One page load of one tab: turns calls into records and numbers them. All lifecycle rules of the product live here. */
export interface Writer {
  presence(): Presence
  page(): PageBirth | null
  /** Takes what another tab, or the store, knows, if it is newer. */
  adopt(presence: Presence | undefined): void
  /** Whether a call at that time finds the visit over, so that the tab must look at the store before it may decide. */
  isExpired(at: number): boolean
  /** Makes the records of one call. */
  bind(call: Call): void
  /**
   * The exit of the page that is open, at the last activity: kept aside, to be owed should the page die without another word.
   * A writer of its own, of one record, so that nobody misses it where it was not needed. `null`: nothing to leave.
   */
  will(): KeptRecord | null
  /** A permanent id for the next call. */
  nextId(): string
}

/** Makes the writer of one page load; it records nothing before the first call. */
export function createWriter(parts: WriterParts): Writer {
  const { makeId, keep, idleLimitMs, anonymous, languageCode, userAgent } = parts
  let presence: Presence = { rev: 0, globalVisitID: makeId(), visit: null, session: null, active: 0, left: false }
  let page: PageBirth | null = null
  let believed = '' // the identity that this page thinks is signed in
  let writer = makeId()
  let written = '' // the visit that it counts
  let seq = 0
  let ids = 0
  const visitText = makeText()
  const sessionText = makeText()
  const pageText = makeText()

  const nextId = () => writer + (++ids).toString(36).padStart(5, '0')

  function change(to: Partial<Presence>, at: number): void {
    presence = { ...presence, ...to, rev: Math.max(presence.rev + 1, at) }
  }

  function make(
    eventName: string,
    timestamp: number,
    by: string,
    place: number,
    eventID: string,
    data = '',
    category = '',
  ): KeptRecord {
    const { visit, session } = presence
    const type = systemEvents.includes(eventName) ? 'SYSTEM' : 'BUSINESS'
    // Ids need no escaping; joining is a third of the time of making an object and its text.
    let text = `{"eventID":"${eventID}","eventType":"${type}","eventName":${JSON.stringify(eventName)},"timestamp":${timestamp},"writer":"${by}","seq":${place}`
    if (page) text += `,"pageID":"${page.pageID}"`
    if (category) text += `,"category":${JSON.stringify(category)}`
    if (data) text += `,"data":${data}`
    return {
      id: eventID,
      writer: by,
      seq: place,
      event: `${text}}`,
      visit: visitText(visit),
      session: sessionText(session),
      page: pageText(page),
      ends: session && isEnd(eventName) ? toEnd(session.startDate, timestamp) : 0,
    }
  }

  /** Whether anything may be recorded now. */
  const isOpen = (): boolean => !!presence.visit && (!!presence.session || anonymous)

  function record(eventName: string, timestamp: number, data = '', id = '', category = ''): void {
    const { visit } = presence
    if (!visit || !isOpen()) return
    // A writer counts the records of one visit, whoever began it.
    if (written !== visit.visitID) {
      if (written) writer = makeId()
      written = visit.visitID
      seq = 0
    }
    keep(make(eventName, timestamp, writer, ++seq, id || nextId(), data, category))
  }

  function enter(view: PageView, at: number, data?: string, id?: string): void {
    const { url, title, referrer, category } = view
    page = {
      pageID: makeId(),
      sessionID: presence.session && presence.session.sessionID,
      url,
      title,
      referrer,
      category,
      startDate: at,
    }
    record('PageEntered', at, data, id)
  }

  function exit(at: number, id?: string): void {
    if (page) record('PageExited', at, '', id)
    page = null
  }

  function startSession(identityId: string, at: number, data: string, id?: string): void {
    const visitID = (presence.visit as VisitBirth).visitID
    const session = { sessionID: makeId(), identityId, visitID, startDate: at }
    change({ session, left: false }, at)
    believed = identityId
    record('SignIn', at, data, id)
  }

  function endSession(at: number, reason: SessionReason | '', id?: string): void {
    if (!presence.session) return
    record(reason ? 'SessionEnded' : 'SignOut', at, reason && `{"reason":"${reason}"}`, id)
    change({ session: null, left: !reason }, at)
  }

  // After the idle limit everything ends where the last activity was, never later.
  function endVisit(): PageBirth | null {
    const left = page
    exit(presence.active)
    endSession(presence.active, 'idle')
    change({ visit: null }, presence.active)
    return left
  }

  function startVisit(at: number): void {
    const { globalVisitID } = presence
    change({ visit: { visitID: makeId(), globalVisitID, startDate: at, languageCode, userAgent } }, at)
    record('VisitStarted', at)
  }

  const isExpired = (at: number) => !presence.visit || at - presence.active >= idleLimitMs

  function bind(call: Call): void {
    const { verb, data, id } = call
    const behind = presence.active - call.at
    // Across page loads time never runs before the last activity, unless that lies so far ahead that it was the wrong one.
    // The first of a page load comes after it: of equal times the older page load's is not always the smaller id, then.
    let at = behind > 0 && behind < clockTrustMs ? presence.active + (written ? 0 : 1) : call.at
    let left: PageBirth | null = null
    if (behind >= clockTrustMs) change({ active: at }, at)
    if (presence.visit && isExpired(at)) {
      // A page that closes long after its last activity cannot ask the other tabs any more: it ends itself alone.
      if (verb === 'exit') at = presence.active
      else left = endVisit()
    }
    if (verb === 'look') return
    if (presence.session) believed = presence.session.identityId
    if (verb === 'signOut' && !presence.session) {
      // After an idle end it still tells every page that nobody is to be taken for signed in.
      if (!presence.left) change({ left: true }, at)
      believed = ''
      return
    }
    if (!presence.visit) {
      if (verb === 'exit') return
      startVisit(at)
      if (believed && verb !== 'signIn') startSession(believed, at, '{"reason":"resumed"}')
      if (left && verb !== 'page') enter(left, at)
    }
    presence = { ...presence, active: Math.max(at, presence.active) }
    if (verb === 'page') {
      exit(at)
      enter(call.view, at, data, id)
    } else if (verb === 'exit') exit(at, id)
    else if (verb === 'track') record(call.name, at, data, id, call.category)
    else if (verb === 'userInfo') record('UserInfo', at, data, id)
    else if (verb === 'signIn') {
      const { session } = presence
      if (session && session.identityId === call.identityId) believed = call.identityId
      else {
        endSession(at, 'replaced')
        startSession(call.identityId, at, data, id)
      }
    } else if (verb === 'signOut') {
      endSession(at, '', id)
      believed = ''
    }
  }

  return {
    presence: () => presence,
    page: () => page,
    adopt(other) {
      if (!other) return
      const active = Math.max(other.active, presence.active)
      if (other.rev > presence.rev) {
        // A page load's first finding may be a session that is over: whom it believes in shows when it first records.
        if (other.session && presence.rev) believed = other.session.identityId
        presence = { ...other, active }
        if (other.left) believed = ''
      } else if (active > presence.active) presence = { ...presence, active }
    },
    isExpired,
    bind,
    will() {
      const id = nextId()
      return page && isOpen() ? make('PageExited', presence.active, id, 1, id) : null
    },
    nextId,
  }
}

/** Keeps the text of a value that is replaced and never changed; empty for null. */
function makeText(): (value: object | null) => string {
  let last: object | null = null
  let text = ''
  return value => {
    if (value !== last) {
      last = value
      text = value ? JSON.stringify(value) : ''
    }
    return text
  }
}
