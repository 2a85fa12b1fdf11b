import { TrackerError } from './errors.js'
import { flushEveryMs, idleLimitMs, owedMaxAgeMs, owedMaxChars } from './record/limits.js'

/** What a visitor has said to being recorded: `pending` = not asked yet. */
export type Consent = 'pending' | 'granted' | 'denied'

/** How a tracker is made. Everything but `collector` and `key` has a default. */
export interface TrackerOptions {
  /** The collector's base address, absolute, http or https; `/v1/sessions` is added. */
  readonly collector: string
  /** The site's write key: 1 to 100 of `A-Z a-z 0-9 . _ -`. Trackers with different keys do not touch each other. */
  readonly key: string
  /** Default `granted`. `pending` writes nothing anywhere until `consent()` says more. */
  readonly consent?: Consent
  /** Whether Global Privacy Control and Do Not Track count for nothing; default false: they count as `denied`. */
  readonly ignorePrivacySignals?: boolean
  /** Page views by themselves, in classic pages and single-page apps; default true. */
  readonly automatic?: boolean
  /** Whether to record what happens while nobody is signed in; default true. */
  readonly anonymous?: boolean
  /** Whether stored records of the open session stay for local queries; default true. */
  readonly history?: boolean
  /** A visit and its session end at their last activity after so long without any, ms; default 30 minutes. */
  readonly idleLimitMs?: number
  /** Owed records are sent so long after the first of them, ms; default 5,000. */
  readonly flushEveryMs?: number
  /** The most that the device may owe, in characters of its records; default 20 Mi. Past it the oldest anonymous go first. */
  readonly owedMaxChars?: number
  /** Owed records older than this are dropped, ms; default 60 days. */
  readonly owedMaxAgeMs?: number
  /** Writes errors and ignored calls to the console; default false: the console stays silent. */
  readonly debug?: boolean
  /** The first listener for errors: as `tracker.onError`, but there before anything can go wrong. */
  readonly onError?: (error: TrackerError) => void
}

/** The options with every default filled in, and the address without a slash at its end. */
export type CheckedOptions = Required<Omit<TrackerOptions, 'onError'>> & Pick<TrackerOptions, 'onError'>

const defaults = {
  consent: 'granted' as Consent,
  ignorePrivacySignals: false,
  automatic: true,
  anonymous: true,
  history: true,
  idleLimitMs,
  flushEveryMs,
  owedMaxChars,
  owedMaxAgeMs,
  debug: false,
}

/** @throws TrackerError whose code names the option: `option-collector`, `option-idleLimitMs`. */
export function parseOptions(options: TrackerOptions): CheckedOptions {
  const given: Partial<TrackerOptions> = options || {}
  const check = (name: keyof TrackerOptions, isGood: boolean): void => {
    if (!isGood) throw new TrackerError(`option-${name}`, given[name])
  }
  const checked: Record<string, unknown> = { ...given }
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value = given[name] === undefined ? defaults[name] : given[name]
    check(name, typeof value === typeof defaults[name] && (typeof value !== 'number' || value > 0))
    checked[name] = value
  }
  const collector = `${given.collector}`.replace(/\/+$/, '')
  check('collector', /^https?:\/\/[^/?#\s]+[^?#\s]*$/.test(collector))
  check('key', typeof given.key === 'string' && /^[\w.-]{1,100}$/.test(given.key))
  check('consent', isConsent(checked.consent))
  check('onError', given.onError == null || typeof given.onError === 'function')
  return { ...(checked as unknown as CheckedOptions), collector }
}

export function isConsent(value: unknown): value is Consent {
  return value === 'pending' || value === 'granted' || value === 'denied'
}
