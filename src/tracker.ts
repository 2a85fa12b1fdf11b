import { createClock } from './browser/clock.js'
import { createListeners, hasPrivacySignal, onLeaving, onLifecycle } from './browser/lifecycle.js'
import { type Navigation, onNavigation, viewPage } from './browser/navigation.js'
import { type Counts, countDrop } from './counts.js'
import { TrackerError, type TrackerErrorCode } from './errors.js'
import { type CheckedOptions, type Consent, isConsent, parseOptions, type TrackerOptions } from './options.js'
import type { FlushReason } from './outbox/flusher.js'
import type { FlushResult } from './outbox/outbox.js'
import { createQueries, type Queries } from './queries.js'
import type { NewCall, PageView } from './record/call.js'
import { bytesOf, type JsonObject, toJson } from './record/event.js'
import { activityMs, maxDataBytes, maxIdentityLength, maxNameLength, maxTextLength } from './record/limits.js'
import type { Recording, RecordingState, StoreKind } from './recording.js'
import { createStart, type Start } from './start.js'

/** What a page view may be told. Everything that is not part of a {@link PageView} becomes data of the event. */
export type PageProperties = Partial<PageView> & JsonObject

/** What has become of the records of this page load, and what the outbox is doing: made = stored + owed + dropped. */
export interface Status extends Readonly<Counts>, Omit<RecordingState, 'store'> {
  readonly consent: Consent
  /** Where records are kept. `none`: recording is not allowed, or nobody was asked yet. */
  readonly store: StoreKind | 'none'
  /** Calls that are not records yet: consent is pending, or the store is not open. */
  readonly waiting: number
  /** Records that were lost, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** How often each error code was reported. */
  readonly errors: Readonly<Record<string, number>>
}

/**
 * A tracker. Verbs return at once, may be called at once, and never throw. What goes wrong is told to `onError`.
 *
 * @example
 * const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })
 * tracker.signIn('user-42', { name: 'Ada' })
 * tracker.track('AddToCart', { sku: 'A1', price: 19.95 })
 * tracker.signOut()
 */
export interface Tracker extends Queries {
  /**
   * Opens a session for an identity. A call for the identity that is signed in changes nothing. A call for another
   * identity ends the open session and opens a new one.
   *
   * @param identityId 1 to 512 characters; otherwise `identity-invalid` is reported.
   * @param info what is known of the identity, for example `name` and `location`.
   * @example tracker.signIn('user-42', { name: 'Ada' })
   */
  signIn(identityId: string, info?: JsonObject): void
  /**
   * Closes the open session and sends what is owed. Without an open session nothing happens.
   *
   * @example tracker.signOut()
   */
  signOut(): void
  /**
   * Records a page view, and ends the one before. With `automatic` (the default) the tracker does this itself.
   *
   * @param properties what is left out is read from the document. Texts are cut at 8,192 characters.
   * @example tracker.page({ title: 'Cart', step: 2 })
   */
  page(properties?: PageProperties): void
  /**
   * Records an event.
   *
   * @param name 1 to 1,024 characters; otherwise `event-unnamed` is reported.
   * @param data plain JSON data, taken as it is at the call: at most 120 KiB (`record-too-large`) and 200 levels
   * (`data-invalid`).
   * @example tracker.track('AddToCart', { sku: 'A1' })
   */
  track(name: string, data?: JsonObject): void
  /**
   * Tells more of the identity that is signed in.
   *
   * @param info as `data` of {@link track}; `name` and `location` become traits of the identity.
   * @example tracker.userInfo({ location: 'Lisbon' })
   */
  userInfo(info: JsonObject): void
  /**
   * Says what the visitor has decided. `granted` records, `denied` deletes everything on this device and stops, in all
   * tabs. `pending` holds calls in memory, and is only possible before one of the others (`consent-invalid`).
   *
   * @example tracker.consent('granted')
   */
  consent(state: Consent): void
  /**
   * Sends what is owed now. Never rejects: what could not be stored is still owed.
   *
   * @returns how many records the collector has stored in this flush, and how many this device still owes.
   * @example const { owed } = await tracker.flush()
   */
  flush(): Promise<FlushResult>
  /**
   * Tells what has become of the records of this page load.
   *
   * @example const { made, stored, owed, dropped } = tracker.status()
   */
  status(): Status
  /**
   * Listens for errors.
   *
   * @returns the undo.
   * @example const undo = tracker.onError(({ code }) => report(code))
   */
  onError(listener: (error: TrackerError) => void): () => void
  /**
   * Stops listening and sending. What is owed stays on the device for the next page load.
   *
   * @example tracker.stop()
   */
  stop(): void
}

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

  /** Runs this with the recording, if recording is allowed. */
  function recordingDo(run: (recording: Recording) => void): void {
    if (consent === 'granted') run(start.recording())
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

  function noteInput(): void {
    if (now() - lastInput < activityMs) return
    lastInput = now()
    submit({ verb: 'input' })
  }

  /** What can wait until the task of the start is over. */
  function startRest(): void {
    if (isStopped) return
    onLifecycle(on, {
      onReturn: verb(function () {
        recordingDo(recording => recording.back())
        if (automatic) enterPage()
      }),
      onFreeze: verb(() => recordingDo(recording => recording.freeze())),
      onResume: verb(() => recordingDo(recording => recording.back())),
      onOnline: verb(() => void flush('online')),
      onInput: verb(noteInput),
    })
    idleTimer = setInterval(verb(tick), activityMs)
    recordingDo(recording => recording.startRest())
  }

  /** Ends the visit if it is over. */
  function tick(): void {
    recordingDo(recording => recording.isOver(now()) && submit({ verb: 'look' }))
  }

  function flush(reason: FlushReason): Promise<FlushResult> {
    if (consent !== 'granted' || isStopped) return Promise.resolve({ stored: 0, owed: start.waiting() })
    return start.recording().flush(reason)
  }

  verb(setConsent)(options.consent)
  if (automatic) verb(enterPage)()
  onLeaving(on, {
    onLeave: verb(function () {
      submit({ verb: 'exit' })
      recordingDo(recording => recording.leave())
    }),
    onHidden: verb(function () {
      recordingDo(recording => recording.hide())
      void flush('hidden')
    }),
    onVisible: verb(() => recordingDo(recording => recording.back())),
  })
  if (automatic) navigation = onNavigation(referrer => enterPage({ referrer }))
  setTimeout(verb(startRest))

  return {
    signIn: verb(function (identityId: string, info?: JsonObject) {
      if (isName(identityId, maxIdentityLength)) submit({ verb: 'signIn', identityId }, info)
      else trouble('identity-invalid', identityId)
    }),
    signOut: verb(function () {
      const state = debug && consent === 'granted' && start.recording().openState()
      // oxlint-disable-next-line no-console -- asked for by `debug`
      if (state && !state.session) console.debug('sojourn: nobody is signed in')
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
      recordingDo(recording => recording.stop())
      isStopped = true
      clearInterval(idleTimer)
      if (navigation) navigation.stop()
      off()
      start.end()
    },
    ...createQueries(
      async () => (consent === 'granted' ? start.recording().facts() : []),
      function () {
        const { session } = start.recording().openState()
        return session ? session.sessionID : undefined
      },
    ),
  }
}

function isName(value: unknown, maxLength: number): value is string {
  // The databases behind a collector cannot keep NUL or half of a surrogate pair as text.
  return typeof value === 'string' && value !== '' && value.length <= maxLength && !/[\0\ud800-\udfff]/u.test(value)
}

function cut(text: unknown): string {
  return `${text as string}`.slice(0, maxTextLength)
}
