import type { Status, Tracker, TrackOptions } from './api.js'
import { createClock, wait } from './browser/clock.js'
import { createListeners } from './browser/lifecycle.js'
import { createConsent } from './consent.js'
import type { Counts } from './counts.js'
import { createForgotten } from './forgotten.js'
import { createGuards } from './guards.js'
import { askEvent } from './hooks.js'
import { createObservers, type Observer } from './observers.js'
import { type CheckedOptions, type Consent, isConsent } from './options.js'
import type { FlushResult } from './outbox/outbox.js'
import { createPageLife } from './page-life.js'
import { createPageViews } from './page-views.js'
import { addProperties, freezeData, type Properties, readField } from './properties.js'
import { createQueries } from './queries.js'
import type { Call, NewCall } from './record/call.js'
import { isName } from './record/check.js'
import { toEventType } from './record/event.js'
import { openTimeoutMs } from './record/limits.js'
import type { Recording } from './recording.js'
import { createReports, type ErrorListener } from './reports.js'
import type { Run } from './run-api.js'
import { readSignIn } from './sign-in.js'
import { createStart, type Start } from './start.js'
import { makeStatus } from './status.js'
import { createStopping } from './stopping.js'

/**
 * Starts a tracker.
 *
 * @param listeners hear of errors, besides the one of the options.
 * @param observing who observes.
 * @param properties what the page has told with the verb of that name.
 * @param before the run that was stopped in this page. If the page is still the same, it goes on.
 */
export function startRun(
  options: CheckedOptions,
  listeners: Set<ErrorListener>,
  observing: Set<Observer>,
  properties: Properties,
  before?: Run,
): Run {
  const { debug } = options
  const now = createClock()
  const counts: Counts = { made: 0, stored: 0, dropped: {} }
  const reports = createReports(debug, listeners, () => changed(), options.onError)
  const { trouble } = reports
  const isStopped = (): boolean => !!stopped
  const answers = { status, ...createQueries(allowed) }
  const observers = createObservers({ all: observing, answers, isStopped, trouble })
  const { changed } = observers
  const { guard, open, verb } = createGuards({ isStopped, settle: () => views.settle(), changed, trouble })
  const events = createListeners()
  const views = createPageViews({
    options,
    on: events.on,
    submit,
    guard,
    trouble,
    before: before && before.shown(),
    isCalled: () => start.waiting() > 0,
    isUntouched: () => consent.state() !== 'granted' || life.isUntouched(),
  })
  const forgotten = createForgotten(options, () => void forget(false))
  const consent = createConsent({ options, forgotten, onLikely: () => start.open(), onGranted, onDenied, onPending })
  const life = createPageLife({
    ...options,
    listeners: events,
    views,
    consent,
    now,
    allowed,
    submit,
    flush,
    guard,
    onSettled,
  })
  let start = begin(before && before.held())
  const stopping = createStopping(counts)
  // Settles when everything is kept that was called before the stop.
  let stopped: Promise<void> | undefined

  function begin(held?: Call[]): Start {
    return createStart({
      held,
      options,
      now,
      counts,
      forgotten,
      observers,
      trouble,
      mayRecord: () => !!allowed(),
      onBuild: views.start,
      inherited: () => before && before.left(),
    })
  }

  function status(): Status {
    return makeStatus(consent.state(), counts, start.recording().state(), start.waiting(), reports.errors())
  }

  /** The recording, if recording is allowed. */
  function allowed(): Recording | null {
    return consent.state() === 'granted' ? start.recording() : null
  }

  /**
   * Hands a call to the recording, with its data frozen as text. What happens in a page that nobody sees and nobody has
   * touched is passive, whatever the caller says.
   */
  function submit(call: NewCall, data?: unknown, passive?: boolean, isFirst?: boolean): unknown {
    if (consent.isDenied()) return
    const text = freezeData(call.verb, data, properties, trouble)
    const asked = askEvent(options.beforeRecord, call, text, trouble)
    if (!asked) return false
    return start.submit(...asked, passive || (call.verb !== 'input' && life.isUntouched()), isFirst)
  }

  function onGranted(before: Consent): void {
    if (before === 'denied') beginAgain()
    start.open()
    if (life.isSettled()) start.recording().startRest()
  }

  function onDenied(): void {
    void drop('denied', true)
  }

  /** Ends the recording without a trace of what it held, and of what one that stops is still writing. */
  function drop(...how: Parameters<Recording['purge']>): Promise<unknown> {
    stopping.purge(...how)
    const deleted = start.recording().purge(...how)
    start.end()
    return deleted
  }

  /** Forgets the visitor, and goes on with a new one. @param isAll whether to delete also what other tabs share. */
  function forget(isAll: boolean): Promise<unknown> {
    const deleted = drop('forgotten', isAll)
    if (!stopped && !consent.isDenied()) beginAgain()
    if (!stopped && consent.state() === 'granted') onGranted('granted')
    return deleted
  }

  function onPending(before: Consent): void {
    if (before === 'granted') {
      submit({ verb: 'exit' })
      stopping.add(start)
    }
    beginAgain()
  }

  /** Makes a new start. The page that is open is entered anew. */
  function beginAgain(): void {
    start = begin()
    changed()
    if (!life.isLeft()) views.enterAgain()
  }

  async function flush(isForced?: boolean): Promise<FlushResult> {
    await stopped
    const recording = allowed()
    return recording ? recording.flush(isForced) : { stored: 0, owed: start.waiting() }
  }

  function onSettled(): void {
    views.start()
    for (const name of options.unknown) trouble('option-unknown', name)
    const recording = allowed()
    if (recording) recording.startRest()
  }

  /** The page is shown. Before that nothing is opened, and nothing is listened to. */
  function show(): void {
    views.watch() // First, because what asks for consent may build the recording, and the view of the page with it.
    guard(consent.start)()
    life.start()
  }

  guard(show)()

  const verbs: Tracker = {
    signIn: verb(function (identity: unknown, info: unknown) {
      const read = readSignIn(identity, info, trouble)
      if (read) submit(...read)
    }),
    signOut: verb(function () {
      const recording = reports.isHeard() && allowed()
      // To ask for the state binds what was called before, which may have signed somebody in.
      if (recording && !recording.state().sessionID && !start.waiting()) reports.notice('not-signed-in')
      submit({ verb: 'signOut' })
    }),
    page: open(views.enter),
    track: verb(function (name: string, data?: unknown, how?: TrackOptions) {
      // The name of a system event would end the session or the page at the collector, and not here.
      if (isName(name) && toEventType(name) === 'BUSINESS')
        submit({ verb: 'track', name }, data, readField(how, 'activity') === false)
      else trouble('event-unnamed', name)
    }),
    properties: data => addProperties(properties, data, trouble),
    userInfo: verb((info: object) => submit({ verb: 'userInfo' }, info)),
    consent: verb(function (state: Consent) {
      if (isConsent(state)) consent.set(state)
      else trouble('consent-invalid', state)
    }),
    async forget() {
      guard(views.settle)()
      if (stopped) await stopped
      // A database that never opens is cleared when it does.
      await Promise.race([consent.forget(() => forget(true)), wait(openTimeoutMs)])
      if (stopped) consent.pause()
    },
    flush() {
      guard(views.settle)()
      return flush(true)
    },
    observe(...how) {
      const undo = observers.observe(...how)
      guard(changed)()
      return undo
    },
    onError: reports.onError,
    stop() {
      if (stopped) return
      guard(views.settle)('stop')
      views.stop()
      stopped = start.stop()
      life.stop(stopped)
      consent.pause()
    },
    ...answers,
  }
  return {
    verbs,
    isStopped,
    shown: views.shown,
    left: () => start.recording().left(),
    held: () => start.held(),
  }
}
