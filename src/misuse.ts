import { TrackerError } from './errors.js'

/** Where the codes are explained, each at an anchor of its name. */
const docs = 'https://unpkg.com/sojourn/docs/errors.md#'

/** The codes that tell of a mistake of who builds the page, in the words of their console line. */
const sentences: Readonly<Record<string, string>> = {
  'identity-invalid': 'signIn needs 1 to 512 characters or a number',
  'proof-invalid': 'left out, because it is no token',
  'event-unnamed': 'track needs a name of its own, of 1 to 1,024 characters',
  'data-invalid': 'left out, because it is no JSON',
  'record-too-large': 'left out its data, because it has more than 120 KiB',
  'consent-invalid': "consent needs 'granted', 'denied' or 'pending'",
  'option-unknown': 'no such option',
  'hook-failed': 'an option or listener has thrown',
  'not-signed-in': 'signOut, and nobody is signed in',
  'collector-rejects': 'the collector refuses this key, origin or address',
  'transport-failed': 'the transport gave no outcome',
  stopped: 'called after stop()',
}

/**
 * The console line for an error.
 *
 * @param message code and cause.
 * @returns `undefined` if nobody who builds the page has made a mistake.
 */
export function explain(code: string, message: string): string | undefined {
  const sentence = sentences[code]
  return sentence && `${message.slice(0, 200)}: ${sentence}. See ${docs}${code}. debug: false silences this.`
}

/** The error for an option that is wrong. Its message says so, also where the value is an empty text. */
export function wrongOption(name: string, value: unknown): TrackerError {
  const error = new TrackerError(`option-${name}`, value)
  error.message += ` is wrong. See ${docs}option`
  return error
}
