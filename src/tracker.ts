import type { PageProperties, Tracker } from './api.js'
import { createClock } from './browser/clock.js'
import { createListeners, hasPrivacySignal, onLeaving, onLifecycle, type PageEvent } from './browser/lifecycle.js'
import { type Navigation, onNavigation, viewPage } from './browser/navigation.js'
import { type Counts, countDrop } from './counts.js'
import { TrackerError, type TrackerErrorCode } from './errors.js'
import { type CheckedOptions, type Consent, isConsent, parseOptions, type TrackerOptions } from './options.js'
import type { FlushReason } from './outbox/flusher.js'
import type { FlushResult } from './outbox/outbox.js'
import { createQueries } from './queries.js'
import type { NewCall } from './record/call.js'
import { bytesOf, type JsonObject, toJson } from './record/event.js'
import { activityMs, maxDataBytes, maxIdentityLength, maxNameLength, maxTextLength } from './record/limits.js'
import type { Recording } from './recording.js'
import { createStart, type Start } from './start.js'

/**
 * Makes a tracker and starts it.
 *
 * @param options see {@link TrackerOptions}.
 * @throws TrackerError with a code that names the option, such as `option-key`. Nothing that the tracker does later throws.
 * @example const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })
 */
export function createTracker(options: TrackerOptions): Tracker {
  return startTracker(parseOptions(options))
}

function startTracker(options: CheckedOptions): Tracker {
  const { automatic, debug } = options
  const now = createClock()
  const errorListeners = new Set<(error: TrackerError) => void>()
  if (options.onError) errorListeners.add(options.onError)
  const counts: Counts = { made: 0, stored: 0, dropped: {} }
  const errors: Record<string, number> = {}
  const { on, off } = createListeners()
  let consent: Consent = 'pending'
  let start = begin()
  let navigation: Navigation | undefined
  let idleTimer: ReturnType<typeof setInterval> | undefined
  // Whether `denied` has ended the start.
  let isEnded = false
  let lastInput = 0
  let isStopped = false

  function begin(): Start {
    return createStart({ options, now, counts, trouble, onDenied: () => setConsent('denied', false) })
  }

  /** The recording, if recording is allowed. */
  function allowed(): Recording | null {
    return consent === 'granted' ? start.recording() : null
  }

  function trouble(code: TrackerErrorCode, cause?: unknown): void {
    if (isStopped) return
    errors[code] = (errors[code] || 0) + 1
    const error = new TrackerError(code, cause)
    // oxlint-disable-next-line no-console -- asked for by `debug`
    if (debug) console.warn('sojourn', error)
    for (const listener of errorListeners) {
      try {
        listener(error)
      } catch (thrown) {
        // The mistake of the page is shown where the page shows its mistakes, and does not stop the tracker.
        setTimeout(() => {
          throw thrown
        })
      }
    }
  }

  /** Makes a verb of it: what the router of the page has just done comes first, and nothing is thrown. */
  function verb<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return function (...args) {
      if (isStopped) return
      try {
        if (navigation) navigation.settle()
        run(...args)
      } catch (cause) {
        trouble('unexpected', cause)
      }
    }
  }

  /** Hands a call to the recording, with its data frozen as text. */
  function submit(call: NewCall, data?: unknown): void {
    if (consent === 'denied') return
    let text = ''
    if (data != null) {
      try {
        text = toJson(data)
        if (text && text[0] !== '{') throw new TypeError('not an object')
      } catch (cause) {
        return trouble('data-invalid', cause)
      }
      if (bytesOf(text || '', maxDataBytes) > maxDataBytes) return trouble('record-too-large', call.verb)
    }
    start.submit(call, text || '')
  }

  function setConsent(wanted: Consent, isTold = true): void {
    const state = hasPrivacySignal() && !options.ignorePrivacySignals ? 'denied' : wanted
    if (state === consent) return
    if (state === 'pending') return trouble('consent-invalid', consent)
    consent = state
    if (state === 'granted') {
      if (isEnded) start = begin()
      start.open()
      if (idleTimer) start.recording().startRest()
    } else {
      start.recording().purge(isTold)
      const held = start.end().length
      counts.made += held
      countDrop(counts, held, 'denied')
    }
    isEnded = state === 'denied'
  }

  function enterPage(properties: PageProperties = {}): void {
    const shown = viewPage()
    const { url = shown.url, title = shown.title, referrer = shown.referrer, category = '', ...data } = properties
    const view = { url: cut(url), title: cut(title), referrer: cut(referrer), category: cut(category) }
    submit({ verb: 'page', view }, Object.keys(data)[0] && data)
  }

  function flush(reason: FlushReason): Promise<FlushResult> {
    const recording = isStopped ? null : allowed()
    return recording ? recording.flush(reason) : Promise.resolve({ stored: 0, owed: start.waiting() })
  }

  /** Does what is to be done when this happens to the page. */
  function react(what: PageEvent): void {
    const recording = allowed()
    if (what === 'leave') submit({ verb: 'exit' })
    if (what === 'input') {
      if (now() - lastInput < activityMs) return
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
    if (what === 'return' && automatic) enterPage()
  }

  /** What can wait until the task of the start is over. */
  function startRest(): void {
    onLifecycle(on, verb(react))
    idleTimer = setInterval(verb(tick), activityMs)
    const recording = allowed()
    if (recording) recording.startRest()
  }

  /** Ends the visit if it is over. */
  function tick(): void {
    const recording = allowed()
    if (recording && recording.isOver(now())) submit({ verb: 'look' })
  }

  verb(setConsent)(options.consent)
  if (automatic) verb(enterPage)()
  onLeaving(on, verb(react))
  if (automatic) navigation = onNavigation(referrer => enterPage({ referrer }))
  setTimeout(verb(startRest))

  return {
    signIn: verb(function (identityId: string, info?: JsonObject) {
      if (isName(identityId, maxIdentityLength)) submit({ verb: 'signIn', identityId }, info)
      else trouble('identity-invalid', identityId)
    }),
    signOut: verb(function () {
      const recording = debug && allowed()
      // oxlint-disable-next-line no-console -- asked for by `debug`
      if (recording && !recording.openState().session) console.debug('sojourn: nobody is signed in')
      submit({ verb: 'signOut' })
    }),
    page: verb((properties?: PageProperties) => enterPage(properties)),
    track: verb(function (name: string, data?: JsonObject) {
      if (isName(name, maxNameLength)) submit({ verb: 'track', name }, data)
      else trouble('event-unnamed', name)
    }),
    userInfo: verb((info: JsonObject) => submit({ verb: 'userInfo' }, info)),
    consent: verb(function (state: Consent) {
      if (isConsent(state)) setConsent(state)
      else trouble('consent-invalid', state)
    }),
    flush: () => flush('asked'),
    status() {
      const state = start.recording().state()
      return {
        consent,
        ...counts,
        ...state,
        waiting: start.waiting(),
        store: consent === 'granted' ? state.store : 'none',
        dropped: { ...counts.dropped },
        errors: { ...errors },
      }
    },
    onError(listener) {
      errorListeners.add(listener)
      return () => void errorListeners.delete(listener)
    },
    stop() {
      if (isStopped) return
      const recording = allowed()
      if (recording) recording.stop()
      isStopped = true
      clearInterval(idleTimer)
      if (navigation) navigation.stop()
      off()
      start.end()
    },
    ...createQueries(allowed),
  }
}

function isName(value: unknown, maxLength: number): value is string {
  // The databases behind a collector cannot keep NUL or half of a surrogate pair as text.
  return typeof value === 'string' && value !== '' && value.length <= maxLength && !/[\0\ud800-\udfff]/u.test(value)
}

function cut(text: unknown): string {
  return `${text as string}`.slice(0, maxTextLength)
}
