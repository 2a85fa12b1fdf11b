import { wrongOption } from './misuse.js'
import { nearest } from './nearest.js'
import type { OwnParts, readOwnParts } from './own-parts.js'
import { flushEveryMs, idleLimitMs, minLimitMs, owedMaxAgeMs, owedMaxChars, sessionLimitMs } from './record/limits.js'
import type { Consent, TrackerOptions } from './tracker-options.js'

export type { Consent, TrackerOptions } from './tracker-options.js'

/** The options that are functions. */
export const hooks = ['onError', 'pageKey', 'url', 'beforeRecord'] as const
/** Options without a default. */
type Bare = (typeof hooks)[number] | 'debug' | 'transport' | 'store'

/** Options that were checked. Every default is filled in, and the address is absolute, with no slash at its end. */
export type CheckedOptions = {
  readonly [Name in Exclude<keyof TrackerOptions, Bare>]-?: Exclude<TrackerOptions[Name], undefined>
} & Pick<TrackerOptions, Exclude<Bare, 'transport' | 'store'>> &
  OwnParts & {
    /** Names that are no options, each with the nearest one that is. */
    readonly unknown: readonly string[]
  }

const defaults = {
  consent: 'granted' as Consent,
  rememberConsent: true,
  ignorePrivacySignals: false,
  automatic: true,
  frames: false,
  anonymous: true,
  sample: 1,
  visitorDomain: '',
  history: true,
  idleLimitMs,
  sessionLimitMs,
  flushEveryMs,
  owedMaxChars,
  owedMaxAgeMs,
}

/**
 * Checks the options and fills in the defaults. An unknown option is no error, but is listed.
 *
 * @param base the address that a relative `collector` is relative to.
 * @param readOwn reads the parts that the options bring. Without it there are no such options.
 * @throws TrackerError with a code that names the first wrong option, such as `option-collector` or
 * `option-idleLimitMs`.
 */
export function parseOptions(options: TrackerOptions, base = '', readOwn?: typeof readOwnParts): CheckedOptions {
  // What a page has added to all objects is no option.
  const given = Object.assign(Object.create(null), options) as Partial<TrackerOptions>
  const check = (name: keyof TrackerOptions, isGood: boolean): void => {
    if (!isGood) throw wrongOption(name, given[name])
  }
  const checked: Record<string, unknown> = Object.assign(Object.create(null), given)
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const value = given[name] === undefined ? defaults[name] : given[name]
    const isLimit = /Limit/.test(name)
    const [least, most] = name === 'sample' ? [0, 1] : [isLimit ? minLimitMs : Number.MIN_VALUE, 2 ** 53 - 1]
    const isInRange = (value as number) >= least && (value as number) <= most
    check(name, typeof value === typeof defaults[name] && (typeof value !== 'number' || isInRange))
    // The collector takes whole limits.
    checked[name] = isLimit ? Math.round(value as number) : value
  }
  const collector = toAddress(`${given.collector}`, base)
  check('collector', /^https?:\/\/[^/?#\s\\@]+(\/[^?#\s]*)?$/.test(collector))
  check('key', typeof given.key === 'string' && /^[\w.-]{1,100}$/.test(given.key))
  check('consent', isConsent(checked.consent))
  check('visitorDomain', /^([\w-]+(\.[\w-]+)+)?$/.test(checked.visitorDomain as string))
  for (const name of hooks) check(name, given[name] == null || typeof given[name] === 'function')
  check('debug', given.debug === undefined || typeof given.debug === 'boolean')
  const own = readOwn && readOwn(given)
  const bare = ['debug', ...hooks] as const
  for (const name of bare) checked[name] = given[name]
  const known = ['collector', 'key', ...(own ? ['transport', 'store'] : []), ...bare, ...Object.keys(defaults)]
  const unknown = Object.keys(given)
    .filter(name => known.indexOf(name) < 0)
    .map(function (name) {
      const meant = nearest(name, known)
      return meant ? `${name} (${meant}?)` : name
    })
  return Object.assign(checked as unknown as CheckedOptions, { collector, unknown }, own)
}

/** The absolute address, without a slash at its end. What is no address is given back. */
function toAddress(text: string, base: string): string {
  let address = text
  try {
    if (base && /^[./]/.test(text)) address = new URL(text, base).href
  } catch {
    // The base is of no use, as in `about:blank`. Then the address is wrong.
  }
  return address.replace(/\/+$/, '')
}

/** Whether a value is a {@link Consent}. */
export function isConsent(value: unknown): value is Consent {
  return value === 'pending' || value === 'granted' || value === 'denied'
}
