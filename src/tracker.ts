import { createClock } from './browser/clock.js'
import { hasPrivacySignal, onLifecycle } from './browser/lifecycle.js'
import { onNavigation, viewPage } from './browser/navigation.js'
import { TrackerError, type TrackerErrorCode } from './errors.js'
import { type Consent, isConsent, parseOptions, type TrackerOptions } from './options.js'
import type { FlushResult } from './outbox/outbox.js'
import { createQueries, type Queries } from './queries.js'
import { bytesOf, type JsonObject, toJson } from './record/event.js'
import { activityMs, maxDataBytes, maxIdentityLength, maxNameLength, maxTextLength } from './record/limits.js'
import type { PageView } from './record/writer.js'
import { createRecording, type Fate, type NewCall, type Recording, type RecordingState } from './recording.js'
import type { StoreKind } from './store/origin.js'

/** What a page view may be told; everything else of it is data. */
export type PageProperties = Partial<PageView> & JsonObject

/** What has become of the records of this page load, and what the outbox is at: made = stored + owed + dropped. */
export interface Status extends Readonly<Fate>, RecordingState {
  readonly consent: Consent
  /** `none`: recording is not allowed, or nobody was asked yet. */
  readonly store: StoreKind | 'none'
  readonly owed: number
  readonly dropped: Readonly<Record<string, number>>
  /** How often each error code came. */
  readonly errors: Readonly<Record<string, number>>
}

/** A tracker. Verbs return at once, may be called at once, and never throw; what is wrong goes to `onError`. */
export interface Tracker extends Queries {
  /**
   * Opens a session for an identity. By the identity that is signed in already it changes nothing; by another it replaces
   * the open session.
   *
   * @param info what is known of the identity, for example `name`, `location`.
   */
  signIn(identityId: string, info?: JsonObject): void
  /** Closes the open session; nothing happens if there is none. Sends what is owed at once. */
  signOut(): void
  /** A page view: ends the one before. Called by itself unless `automatic: false`. */
  page(properties?: PageProperties): void
  /** A thing that happened. `data` is taken as it is at the call; it must be plain JSON data. */
  track(name: string, data?: JsonObject): void
  /** More of what is known of the identity. */
  userInfo(info: JsonObject): void
  /** `granted` records, `pending` holds in memory, `denied` forgets everything and stops. */
  consent(state: Consent): void
  /** Sends what is owed now. Never rejects: what could not be stored is still owed. */
  flush(): Promise<FlushResult>
  status(): Status
  /** Listens for errors; gives the undo. */
  onError(listener: (error: TrackerError) => void): () => void
  /** Stops listening and sending. What is owed stays on the device for the next page load. */
  stop(): void
}

/**
 * Makes a tracker and starts it.
 *
 * @throws TrackerError with a code that names the option. Nothing that the tracker does later throws.
 */
export function createTracker(options: TrackerOptions): Tracker {
  const checked = parseOptions(options)
  const { automatic, debug } = checked
  const now = createClock()
  const listeners = new Set<(error: TrackerError) => void>()
  if (checked.onError) listeners.add(checked.onError)
  const fate: Fate = { made: 0, stored: 0, dropped: {} }
  const errors: Record<string, number> = {}
  let consent: Consent = 'pending'
  let recording = begin()
  let lastInput = 0
  let isStopped = false

  function begin(): Recording {
    return createRecording({ options: checked, now, fate, trouble, onDenied: () => setConsent('denied', false) })
  }

  function trouble(code: TrackerErrorCode, cause?: unknown): void {
    if (isStopped) return
    errors[code] = (errors[code] || 0) + 1
    const error = new TrackerError(code, cause)
    // oxlint-disable-next-line no-console -- asked for by `debug`
    if (debug) console.warn('sojourn', error)
    for (const listener of listeners) {
      try {
        listener(error)
      } catch (thrown) {
        // The page's own mistake: it is shown where the page shows its mistakes, and does not stop ours.
        setTimeout(() => {
          throw thrown
        })
      }
    }
  }

  /** What the page's router has just done comes before the verb, and nothing comes out of it. */
  function verb<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return (...args) => {
      try {
        if (navigation) navigation.settle()
        if (!isStopped) run(...args)
      } catch (cause) {
        trouble('unexpected', cause)
      }
    }
  }

  /** Takes a call to the recording, with its data as text: later changes to the object do not matter. */
  function submit(call: { verb: NewCall['verb'] } & Record<string, unknown>, data?: unknown, isEarly = true): void {
    if (consent === 'denied') return
    let text = ''
    try {
      if (data != null) text = toJson(data)
      if (text && text[0] !== '{') throw new TypeError('not an object')
    } catch (cause) {
      return trouble('data-invalid', cause)
    }
    if (bytesOf(text, maxDataBytes) > maxDataBytes) return trouble('record-too-large', call.verb)
    recording.submit({ ...call, at: now(), data: text } as unknown as NewCall, isEarly)
  }

  function isName(value: unknown, maxLength: number): value is string {
    // Half a surrogate pair or a NUL is no text to the databases behind a collector.
    return typeof value === 'string' && value !== '' && value.length <= maxLength && !/[\0\ud800-\udfff]/u.test(value)
  }

  function setConsent(wanted: Consent, isTold = true): void {
    const state = hasPrivacySignal() && !checked.ignorePrivacySignals ? 'denied' : wanted
    if (state === consent) return
    if (state === 'pending') return trouble('consent-invalid', consent)
    if (state === 'granted') {
      if (consent === 'denied') recording = begin()
      recording.start()
    } else {
      recording.drop(recording.owing(), 'denied')
      recording.purge(isTold)
    }
    consent = state
  }

  function enterPage(properties: PageProperties = {}, isEarly = true): void {
    const shown = viewPage()
    const { url = shown.url, title = shown.title, referrer = shown.referrer, category = '', ...data } = properties
    const cut = (text: unknown): string => `${text as string}`.slice(0, maxTextLength)
    const view = { url: cut(url), title: cut(title), referrer: cut(referrer), category: cut(category) }
    submit({ verb: 'page', view }, Object.keys(data)[0] && data, isEarly)
  }

  const navigation = automatic ? onNavigation(referrer => enterPage({ referrer })) : null
  verb(setConsent)(checked.consent)
  if (automatic) verb(enterPage)({}, false)
  const input = verb(() => {
    if (now() - lastInput < activityMs) return
    lastInput = now()
    submit({ verb: 'input' }, null, false)
  })
  const stopLifecycle = onLifecycle({
    onLeave: verb(() => {
      submit({ verb: 'exit' }, null, false)
      recording.leave()
    }),
    onHidden: verb(() => {
      recording.save()
      void recording.flush('hidden')
    }),
    onOnline: verb(() => void recording.flush('online')),
    onBack: verb((isReturned: boolean) => {
      recording.back()
      if (isReturned && automatic) enterPage()
    }),
    onFreeze: verb(() => recording.freeze()),
    onInput: input,
  })
  const idleTimer = setInterval(
    verb(() => submit({ verb: 'look' }, null, false)),
    activityMs,
  )

  return {
    signIn: verb((identityId: string, info?: JsonObject) => {
      if (isName(identityId, maxIdentityLength)) submit({ verb: 'signIn', identityId }, info)
      else trouble('identity-invalid', identityId)
    }),
    signOut: verb(() => {
      // oxlint-disable-next-line no-console -- asked for by `debug`
      if (debug && !recording.presence().session) console.debug('sojourn: nobody is signed in')
      submit({ verb: 'signOut' })
    }),
    page: verb((properties?: PageProperties) => enterPage(properties)),
    track: verb((name: string, data?: JsonObject) => {
      if (isName(name, maxNameLength)) submit({ verb: 'track', name, category: '' }, data)
      else trouble('event-unnamed', name)
    }),
    userInfo: verb((info: JsonObject) => submit({ verb: 'userInfo' }, info)),
    consent: verb((state: Consent) => {
      if (isConsent(state)) setConsent(state)
      else trouble('consent-invalid', state)
    }),
    flush: () => recording.flush('asked'),
    status: () => ({
      consent,
      ...fate,
      owed: recording.owing(),
      ...recording.state(),
      store: consent === 'granted' ? recording.kind() : 'none',
      dropped: { ...fate.dropped },
      errors: { ...errors },
    }),
    onError(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      isStopped = true
      clearInterval(idleTimer)
      if (navigation) navigation.stop()
      stopLifecycle()
      recording.stop()
    },
    ...createQueries(
      () => recording.facts(),
      () => recording.presence().session?.sessionID,
    ),
  }
}
