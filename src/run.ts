import type { Tracker, TrackOptions } from './api.js'
import { createActivity } from './browser/activity.js'
import { createClock, every, later, type Timer } from './browser/clock.js'
import { createListeners, onLeaving, onLifecycle, onRewrite, type PageEvent } from './browser/lifecycle.js'
import { createGate } from './browser/seen.js'
import { createConsent } from './consent.js'
import { type Counts, countDrop } from './counts.js'
import { askEvent } from './hooks.js'
import { type CheckedOptions, type Consent, isConsent } from './options.js'
import { noteEveryMs } from './origin.js'
import type { FlushReason } from './outbox/flusher.js'
import type { FlushResult } from './outbox/outbox.js'
import { createPageViews } from './page-views.js'
import { createQueries } from './queries.js'
import type { NewCall } from './record/call.js'
import { isIdentity, isName, toIdentity } from './record/check.js'
import { toData } from './record/json.js'
import type { Recording } from './recording.js'
import { createReports } from './reports.js'
import { createStart, type Start } from './start.js'

/** One start of a tracker, until it is stopped. */
export interface Run {
  readonly verbs: Tracker
  isStopped(): boolean
}

/** Starts a tracker. */
export function startRun(options: CheckedOptions): Run {
  const { debug, idleLimitMs } = options
  const now = createClock()
  const counts: Counts = { made: 0, stored: 0, dropped: {} }
  const reports = createReports(debug, options.onError)
  const { trouble } = reports
  const listeners = createListeners()
  const { on } = listeners
  const views = createPageViews({ options, on, now, submit, guard, trouble })
  const consent = createConsent({ options, onLikely: () => start.open(), onGranted, onDenied, onPending })
  const activity = createActivity(guard(() => react('input')))
  const noteMs = noteEveryMs(idleLimitMs)
  let start = begin()
  let idleTimer: Timer | undefined
  let undoRewrite: () => void = () => {}
  let lastInput = 0
  let isStopped = false
  const waits = createGate()

  function begin(): Start {
    return createStart({ options, now, counts, trouble, mayRecord: () => !!allowed() })
  }

  /** The recording, if recording is allowed. */
  function allowed(): Recording | null {
    return consent.state() === 'granted' ? start.recording() : null
  }

  /** Makes a function that throws nothing, and does nothing after the stop. */
  function guard<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return function guarded(...args) {
      if (isStopped || waits(guarded, args)) return
      try {
        run(...args)
      } catch (cause) {
        trouble('unexpected', cause)
      }
    }
  }

  /** Makes a verb of it: what the router of the page has just done comes first. */
  function verb<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    const guarded = guard(function (...args: Args) {
      views.settle()
      run(...args)
    })
    return function (...args) {
      if (isStopped) trouble('stopped')
      guarded(...args)
    }
  }

  /**
   * Hands a call to the recording, with its data frozen as text. What happens in a page that nobody sees and nobody has
   * touched is passive, whatever the caller says.
   */
  function submit(call: NewCall, data?: unknown, passive?: boolean): unknown {
    if (consent.isDenied()) return
    const odd: string[] = []
    const text = toData(data, path => odd.push(path))
    if (odd[0]) trouble('data-invalid', odd.slice(0, 9).join())
    if (text === null) trouble('record-too-large', call.verb)
    const asked = askEvent(options.beforeRecord, call, text || '', trouble)
    if (!asked) return false
    return start.submit(...asked, passive || (call.verb !== 'input' && activity.isUntouched()))
  }

  function onGranted(before: Consent): void {
    if (before === 'denied') beginAgain()
    start.open()
    if (idleTimer) start.recording().startRest()
  }

  function onDenied(): void {
    start.recording().purge()
    const held = start.end().length
    counts.made += held
    countDrop(counts, held, 'denied')
  }

  function onPending(before: Consent): void {
    if (before === 'granted') {
      submit({ verb: 'exit' })
      // It stays on the device, and belongs to the page that sends it.
      counts.made -= start.recording().state().owed
      start.stop()
    }
    beginAgain()
  }

  /** Makes a new start. The page that is open is entered anew. */
  function beginAgain(): void {
    start = begin()
    views.enterAgain()
  }

  function flush(reason: FlushReason): Promise<FlushResult> {
    const recording = isStopped ? null : allowed()
    return recording ? recording.flush(reason) : Promise.resolve({ stored: 0, owed: start.waiting() })
  }

  /** Does what is to be done when this happens to the page. */
  function react(what: PageEvent): void {
    if (what === 'back' || what === 'return') consent.look()
    views.settle(what)
    if (what === 'hidden') activity.touch()
    const recording = allowed()
    if (what === 'leave') submit({ verb: 'exit' })
    if (what === 'input') {
      if (now() - lastInput < noteMs) return
      lastInput = now()
      submit({ verb: 'input' })
    } else if (what === 'online') void flush(what)
    else if (recording) {
      if (what === 'leave') recording.leave()
      else if (what === 'freeze') recording.freeze()
      else if (what === 'hidden') {
        recording.hide()
        void flush(what)
      } else recording.back()
    }
    if (what === 'leave' || what === 'freeze') consent.pause()
    if (what === 'return') views.enterAgain()
  }

  /** What can wait until the task of the start is over. */
  function startRest(): void {
    for (const name of options.unknown) trouble('option-unknown', name)
    onLifecycle(on, guard(react))
    consent.listen(on)
    consent.look()
    listen()
    undoRewrite = onRewrite(guard(listen))
    idleTimer = every(guard(tick), noteMs)
    const recording = allowed()
    if (recording) recording.startRest()
  }

  /** Listens wherever it does not listen yet, or not any more. */
  function listen(): void {
    listeners.again()
    activity.listen()
  }

  /** Sees to what no event may have told, and ends the visit if it is over. */
  function tick(): void {
    views.settle('tick')
    listen()
    consent.look()
    const recording = allowed()
    if (recording && recording.isOver(now())) submit({ verb: 'look' })
  }

  /** The page is shown. Before that nothing is opened, and nothing is listened to. */
  function show(): void {
    guard(consent.start)()
    views.start()
    onLeaving(on, guard(react))
    later(guard(startRest))
  }

  guard(show)()

  const verbs: Tracker = {
    signIn: verb(function (identity: string | number | bigint, info?: object) {
      const identityId = toIdentity(identity)
      if (isIdentity(identityId)) submit({ verb: 'signIn', identityId }, info)
      else trouble('identity-invalid', identity)
    }),
    signOut: verb(function () {
      const recording = reports.isHeard() && allowed()
      if (recording) {
        // What was called before may have signed somebody in.
        recording.bind()
        if (!start.waiting() && !recording.openState().session) reports.notice('not-signed-in')
      }
      submit({ verb: 'signOut' })
    }),
    page: guard(views.enter),
    track: verb(function (name: string, data?: object, { activity = true }: TrackOptions = {}) {
      if (isName(name)) submit({ verb: 'track', name }, data, activity === false)
      else trouble('event-unnamed', name)
    }),
    userInfo: verb((info: object) => submit({ verb: 'userInfo' }, info)),
    consent: verb(function (state: Consent) {
      if (isConsent(state)) consent.set(state)
      else trouble('consent-invalid', state)
    }),
    flush() {
      guard(views.settle)()
      return flush('asked')
    },
    status() {
      const given = consent.state()
      const state = start.recording().state()
      return {
        consent: given,
        ...counts,
        ...state,
        waiting: start.waiting(),
        store: given === 'granted' ? state.store : 'none',
        dropped: { ...counts.dropped },
        errors: reports.errors(),
      }
    },
    onError: reports.onError,
    stop() {
      if (isStopped) return
      guard(views.settle)('stop')
      submit({ verb: 'exit' })
      isStopped = true
      clearTimeout(idleTimer)
      views.stop()
      listeners.off()
      activity.stop()
      undoRewrite()
      start.stop()
      consent.pause()
    },
    ...createQueries(allowed),
  }
  return { verbs, isStopped: () => isStopped }
}
