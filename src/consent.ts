import { createChannel } from './browser/channel.js'
import { deviceTime } from './browser/clock.js'
import { hasPrivacySignal, type On, onStored } from './browser/lifecycle.js'
import { createWord } from './consent-word.js'
import type { Forgotten } from './forgotten.js'
import { type CheckedOptions, type Consent, isConsent } from './options.js'
import { type Message, parseMessage } from './record/message.js'
import { sharedName } from './store/schema.js'

/** What the consent of one page needs. */
export interface ConsentParts {
  readonly options: CheckedOptions
  readonly forgotten: Forgotten
  /** Recording will be allowed unless the device remembers another word, which is not read yet. */
  readonly onLikely: () => void
  /** Recording is allowed from now on. */
  readonly onGranted: (before: Consent) => void
  /** Recording is denied from now on. */
  readonly onDenied: (before: Consent) => void
  /** Calls wait from now on, as if the visitor had never been asked. */
  readonly onPending: (before: Consent) => void
}

/**
 * Knows what the visitor has decided. The word of `consent()` is remembered on the device, told to the other tabs, and
 * outranks the option. A privacy signal of the browser outranks both.
 */
export interface ConsentKeeper {
  /** Begins with the option. The first access to localStorage reads all of it, so it waits for `look` or `state`. */
  start(): void
  /** What holds. Reads the word that the device remembers, unless it is known. */
  state(): Consent
  /** Whether recording is known to be denied. Reads nothing. */
  isDenied(): boolean
  /** Takes what the page says that the visitor has decided. */
  set(wanted: Consent): void
  /** Takes what the page says: the visitor is forgotten in every tab. @param run deletes what this page can. */
  forget<T>(run: () => T): T
  /**
   * Listens to the other tabs, and reads what the device remembers if this page may have missed it.
   * @param isLater some time has passed since the page came back. What another tab writes takes a moment to arrive.
   */
  look(isLater?: boolean): void
  /** Hears nothing until the next look. A page in the back/forward cache must not hold on to a channel. */
  pause(): void
  /** Listens to localStorage too: a browser may have no channel, and what was said while none was open arrives there. */
  listen(on: On): void
}

/** Makes the consent of one page. */
export function createConsent(parts: ConsentParts): ConsentKeeper {
  const { options, forgotten, onLikely, onGranted, onDenied, onPending } = parts
  const name = sharedName(options)
  const channel = createChannel<Message>(name, hear)
  const word = createWord(name, options.rememberConsent)
  let state: Consent = 'pending'
  // Whether it was read what the device remembers.
  let isRead = false
  let isOpen = true
  // Whether another tab may have said something that this page could not hear, and has not read for sure.
  let isDeaf = true

  function isSignalled(): boolean {
    return !options.ignorePrivacySignals && hasPrivacySignal()
  }

  function take(wanted: Consent): void {
    const before = state
    state = isSignalled() ? 'denied' : wanted
    if (state === before) return
    if (state === 'granted') onGranted(before)
    else if (state === 'denied') onDenied(before)
    else onPending(before)
  }

  function read(): void {
    const before = word.known()
    const found = isSignalled() ? before : word.remembered()
    const isFirst = !isRead
    if (!isFirst && found === before) return
    isRead = true
    word.learn(found)
    take(isFirst && found === 'pending' ? options.consent : found)
  }

  function hear(value: unknown): void {
    const { consent, forgotten: at = 0 } = parseMessage(value)
    forgotten.learn(at)
    if (!isConsent(consent)) return
    word.learn(consent)
    take(consent)
  }

  return {
    start() {
      if (!options.rememberConsent || isSignalled()) read()
      else if (options.consent === 'granted') onLikely()
    },
    state() {
      if (!isRead) read()
      return state
    },
    isDenied: () => state === 'denied',
    set(wanted) {
      if (!isRead) read()
      if (isSignalled()) return take(wanted)
      if (wanted !== word.known()) word.keep(wanted)
      isOpen = channel.open()
      isDeaf = false
      channel.tell({ consent: wanted, isDenied: wanted === 'denied' })
      take(wanted)
    },
    forget(run) {
      if (!isRead) read()
      forgotten.begin(deviceTime())
      const result = run()
      isOpen = channel.open()
      channel.tell({ forgotten: forgotten.time() })
      return result
    },
    look(isLater) {
      forgotten.look()
      // Where all could be heard, nothing is read: the site may have cleared its localStorage.
      if (isDeaf || !isOpen) read()
      if (isLater) isDeaf = !isOpen
      isOpen = channel.open()
    },
    pause() {
      isDeaf = true
      isOpen = false
      channel.close()
    },
    listen(on) {
      onStored(on, name, () => (isOpen && !isDeaf && word.remembered() === 'pending') || read())
      onStored(on, forgotten.item, forgotten.look)
    },
  }
}
