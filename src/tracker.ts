import { createClock } from './browser/clock.js'
import { hasPrivacySignal, onLifecycle } from './browser/lifecycle.js'
import { onNavigation, viewPage } from './browser/navigation.js'
import { TrackerError, type TrackerErrorCode } from './errors.js'
import { type Consent, isConsent, parseOptions, type TrackerOptions } from './options.js'
import type { DropReason, FlushResult } from './outbox/outbox.js'
import { createQueries, type Queries } from './queries.js'
import { bytesOf, type JsonObject, toJson } from './record/event.js'
import { activityMs, maxNameLength, maxPendingCalls, maxPendingChars, maxRecordBytes } from './record/limits.js'
import type { PageView } from './record/writer.js'
import { createRecording, eraseRecording, type NewCall, type Recording } from './recording.js'
import type { StoreKind } from './store/origin.js'

/** What a page view may be told; everything else of it is data. */
export type PageProperties = Partial<PageView> & JsonObject

/** What has become of the records of this page load: made = stored + owed + dropped. */
export interface Status {
  readonly consent: Consent
  /** `none`: recording is not allowed, so there is no store. */
  readonly store: StoreKind | 'none'
  readonly made: number
  /** Named by the collector as on its disk. */
  readonly stored: number
  readonly owed: number
  /** By reason: `refused:<code>`, `gone`, `full`, `denied`, `consent`. */
  readonly dropped: Readonly<Record<string, number>>
  /** Calls that are not records yet: consent is pending, or the store is not open. */
  readonly waiting: number
  readonly requests: number
  /** Failed attempts in a row. */
  readonly failures: number
  /** Unix epoch, ms; 0 = any time, Infinity = not before the next page load. */
  readonly nextAttempt: number
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
  const now = createClock()
  const listeners = new Set<(error: TrackerError) => void>()
  if (checked.onError) listeners.add(checked.onError)
  const dropped: Record<string, number> = {}
  const errors: Record<string, number> = {}
  let made = 0
  let stored = 0
  let consent: Consent = 'pending'
  let recording: Recording | null = null
  let held: NewCall[] = []
  let heldChars = 0
  let lastInput = 0
  let isStopped = false

  function trouble(code: TrackerErrorCode, cause?: unknown): void {
    if (isStopped) return
    errors[code] = (errors[code] || 0) + 1
    const error = new TrackerError(code, cause)
    if (checked.debug) console.warn('sojourn', error)
    for (const listener of listeners) guard(() => listener(error), true)
  }

  /** No verb throws, and neither does a listener of the page's into our own work. */
  function guard(run: () => void, isListener?: boolean): void {
    try {
      run()
    } catch (cause) {
      if (isListener) setTimeout(() => Promise.reject(cause))
      else trouble('unexpected', cause)
    }
  }

  function drop(count: number, reason: DropReason): void {
    if (count) dropped[reason] = (dropped[reason] || 0) + count
  }

  const owed = (): number => made - stored - Object.values(dropped).reduce((sum, count) => sum + count, 0)

  /** Takes a call to the recording, or holds it while nobody has been asked. `data` is frozen as text here. */
  function submit(call: { verb: NewCall['verb'] } & Record<string, unknown>, data?: unknown, isEarly = true): void {
    if (isStopped || consent === 'denied') return
    let text = ''
    try {
      if (data !== undefined && data !== null) {
        if (typeof data !== 'object' || Array.isArray(data)) throw new TypeError('not an object')
        text = toJson(data)
      }
    } catch (cause) {
      return trouble('data-invalid', cause)
    }
    if (bytesOf(text, maxRecordBytes / 2) > maxRecordBytes - 8192) return trouble('record-too-large', call.name)
    const made = { ...call, at: now(), data: text } as unknown as NewCall
    if (recording) return recording.submit(made, isEarly)
    heldChars += text.length
    if (held.length < maxPendingCalls && heldChars <= maxPendingChars) held.push(made)
    else count1('consent')
  }

  function count1(reason: DropReason): void {
    made++
    drop(1, reason)
    trouble('record-dropped', reason)
  }

  function isName(value: unknown): value is string {
    return typeof value === 'string' && value.length > 0 && value.length <= maxNameLength
  }

  function setConsent(wanted: Consent, isTold = true): void {
    const state = hasPrivacySignal() && !checked.ignorePrivacySignals ? 'denied' : wanted
    if (state === 'denied') {
      made += held.length
      drop(held.length, 'denied')
      held = []
      heldChars = 0
      drop(owed(), 'denied')
      if (recording) recording.purge(isTold)
      else eraseRecording(checked.key)
      recording = null
    } else if (state === 'granted' && !recording) {
      recording = createRecording(checked, now, {
        onMade: () => made++,
        onStored: count => (stored += count),
        onDrop(count, total, reason) {
          drop(count, reason)
          trouble(reason.startsWith('refused') ? 'record-refused' : 'record-dropped', `${total} ${reason}`)
        },
        onTrouble: trouble,
        onDenied: () => setConsent('denied', false),
      })
      for (const call of held) recording.submit(call, true)
      held = []
    } else if (state === 'pending' && recording) return trouble('consent-invalid', 'pending after granted')
    consent = state
  }

  function enterPage(referrer?: string, properties: PageProperties = {}, isEarly = true): void {
    const { url, title, referrer: from, category, ...data } = properties
    const shown = viewPage()
    const view: PageView = {
      url: isName(url) ? url : shown.url,
      title: isName(title) ? title : shown.title,
      referrer: isName(from) ? from : (referrer ?? shown.referrer),
      category: isName(category) ? category : '',
    }
    submit({ verb: 'page', view }, Object.keys(data).length ? data : undefined, isEarly)
  }

  guard(() => setConsent(checked.consent))
  if (checked.automatic) guard(() => enterPage(undefined, {}, false))
  const navigation = checked.automatic ? onNavigation(referrer => guard(() => enterPage(referrer))) : null
  const stopLifecycle = onLifecycle({
    onLeave() {
      guard(() => submit({ verb: 'exit' }, undefined, false))
      recording?.leave()
    },
    onHidden() {
      if (recording) void recording.flush('hidden')
    },
    onBack(isReturned) {
      recording?.back()
      if (isReturned && checked.automatic) guard(() => enterPage())
    },
    onFreeze: () => recording?.yield(),
    onOnline() {
      if (recording) void recording.flush('online')
    },
    onInput() {
      if (now() - lastInput < activityMs) return
      lastInput = now()
      guard(() => submit({ verb: 'input' }, undefined, false))
    },
  })
  const idleTimer = setInterval(() => guard(() => submit({ verb: 'look' }, undefined, false)), activityMs)

  /** A verb: what the page's router has just done comes before it, and nothing comes out of it. */
  function verb<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return (...args) =>
      guard(() => {
        if (navigation) navigation.settle()
        run(...args)
      })
  }

  return {
    signIn: verb((identityId: string, info?: JsonObject) => {
      if (isName(identityId)) submit({ verb: 'signIn', identityId }, info)
      else trouble('identity-invalid', identityId)
    }),
    signOut: verb(() => {
      if (checked.debug && recording && !recording.presence().session) console.debug('sojourn: nobody is signed in')
      submit({ verb: 'signOut' })
    }),
    page: verb((properties?: PageProperties) => enterPage(undefined, properties)),
    track: verb((name: string, data?: JsonObject) => {
      if (isName(name)) submit({ verb: 'track', name, category: '' }, data)
      else trouble('event-unnamed', name)
    }),
    userInfo: verb((info: JsonObject) => submit({ verb: 'userInfo' }, info)),
    consent: verb((state: Consent) => {
      if (isConsent(state)) setConsent(state)
      else trouble('consent-invalid', state)
    }),
    flush: async () => (recording ? recording.flush('asked') : { stored: 0, owed: held.length }),
    status() {
      const counts = recording ? recording.counts() : { requests: 0, failures: 0, waiting: 0, notBefore: 0 }
      return {
        consent,
        store: recording ? recording.kind() : 'none',
        made,
        stored,
        owed: owed(),
        dropped: { ...dropped },
        waiting: counts.waiting + held.length,
        requests: counts.requests,
        failures: counts.failures,
        nextAttempt: counts.notBefore,
        errors: { ...errors },
      }
    },
    onError(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      isStopped = true
      clearInterval(idleTimer)
      navigation?.stop()
      stopLifecycle()
      recording?.stop()
    },
    ...createQueries(
      async () => (recording ? recording.facts() : []),
      () => recording?.presence().session?.sessionID,
    ),
  }
}
