/** Where the codes are explained, each at an anchor of its name. */
const docs = 'https://unpkg.com/sojourn/docs/errors.md#'

/** What each code means, in a sentence. */
const sentences: Readonly<Record<string, string>> = {
  'identity-invalid': 'signIn needs 1 to 512 characters or a number. Nobody was signed in.',
  'proof-invalid': 'The proof of signIn is no token. It was left out.',
  'event-unnamed': 'track needs a name of its own. Nothing was recorded.',
  'data-invalid': 'Something in the data has no form in JSON. The rest was recorded.',
  'record-too-large': 'The data has more than 120 KiB. The call was recorded without it.',
  'consent-invalid': 'consent needs granted, denied or pending.',
  'option-unknown': 'There is no such option.',
  'hook-failed': 'An option or a listener of the page has thrown.',
  stopped: 'A verb was called after stop().',
  'record-refused': 'The collector refused records, and will not take them later.',
  'record-dropped': 'The tracker dropped records.',
  'session-erased': 'The collector has erased the person who was signed in.',
  'record-damaged': 'Something in the storage of this site could not be read.',
  'collector-unreachable': 'The collector cannot be reached. All records stay owed, and the tracker tries again.',
  'collector-rejects': 'The collector rejects this key, origin or address. All records stay owed.',
  'transport-failed': 'The transport of the page has failed. All records stay owed, and the tracker tries again.',
  'store-failed': 'The store has failed. Memory keeps the records.',
  unexpected: 'This is a defect of the tracker. Please report it.',
}

/** What an error means, and where that is explained. */
export function explain(code: string): { sentence: string; link: string } {
  return { sentence: sentences[code] || code, link: docs + code }
}

/** What the fate of a record is, in a word, and which colour it has. */
export function describeFate(fate: string): { word: string; kind: 'owed' | 'stored' | 'dropped' } {
  if (fate === 'owed') return { word: 'owed', kind: 'owed' }
  if (fate === 'in-flight') return { word: 'in flight', kind: 'owed' }
  if (fate === 'stored') return { word: 'stored', kind: 'stored' }
  return { word: `dropped: ${fate.replace('refused:', 'refused, ')}`, kind: 'dropped' }
}

/** When the next attempt to send is made. @param nextAttempt Unix epoch, ms, as in the status. */
export function describeAttempt(nextAttempt: number, now: number, owed: number): string {
  if (!owed) return 'nothing to send'
  if (nextAttempt === Infinity) return 'not before the next page load'
  const seconds = Math.ceil((nextAttempt - now) / 1000)
  return seconds > 0 ? `in ${seconds} s` : 'soon'
}

/** Which tab sends. */
export const drainers = {
  'this-tab': 'this tab sends',
  'another-tab': 'another tab sends',
  nobody: 'no tab sends just now',
} as const
