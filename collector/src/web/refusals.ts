import type { Refused } from '../live/counts.js'

/** What was refused last, for people. */
export interface RefusedLast {
  readonly code: string
  /** What was refused and why, in a sentence or two. */
  readonly message: string
  /** Collector's clock, Unix epoch, ms. */
  readonly at: number
  /** The origin of the page; `null` if the request had none, or if it does not matter. */
  readonly origin: string | null
}

/** Makes the sentence about what was refused. */
export function toRefusedLast({ code, origin, lastAt }: Refused, site: string): RefusedLast {
  const who = origin === null ? 'A request without an origin' : `A page of ${origin}`
  const message = sentences[code]?.(who, site, origin) ?? `${who} was refused: ${code}.`
  return { code, message, at: lastAt, origin }
}

type Sentence = (who: string, site: string, origin: string | null) => string

const later = 'Its records wait in the browser and come later.'
const record = (why: string): Sentence => {
  return () => `A record was refused: ${why}. The browser has dropped it and reported it to the page.`
}

const sentences: Readonly<Record<string, Sentence>> = {
  'wrong-key': who => `${who} has sent with a key that no site has, or that has ended. Correct data-key in its tag.`,
  'unknown-origin': (who, site, origin) => {
    const may = `${who} may not send with a key of this site.`
    // The text may be pasted into a shell, and a stranger may have made it.
    return isPlain(origin) ? `${may} If it is one of yours: sojourn-collector site origin add ${site} ${origin}` : may
  },
  'unknown-plugin': who =>
    `${who} has asked for a script with a plugin that there is not, so it has recorded nothing. Take the tag from this page.`,
  'unknown-release': who =>
    `${who} has asked for a release of the script that this collector has never given out, so it has recorded nothing. Take the tag from this page.`,
  malformed: who =>
    `${who} has sent what is no batch in JSON. Something between it and the collector may have changed it.`,
  'unknown-version': who =>
    `${who} has a newer library than this collector understands. Upgrade the collector. ${later}`,
  'too-slow': who => `${who} has sent too slowly, so the connection was closed. ${later}`,
  'too-large': who =>
    `${who} has sent more bytes than a record or a batch may have. Only a record that is too large is dropped.`,
  'too-many-records': who =>
    `${who} has sent more records than a batch may have. The browser sends it again in halves.`,
  'over-quota': who => `${who} was refused, because the site or the client has sent too much in a minute. ${later}`,
  'store-failed': who => `${who} was refused, because the database does not answer. ${later}`,
  busy: who => `${who} was refused, because the collector has too much to do. ${later}`,
  'disk-full': who => `${who} was refused, because the database has reached its limit. ${later}`,
  unexpected: who => `${who} has met an error of the collector. Its log contains the cause. ${later}`,
  'proof-invalid': () =>
    'Records of a session were refused, because this site needs a proof of each identity, and it was missing or wrong.',
  'event-invalid': record('it is no object'),
  'id-invalid': record('its eventID is missing or not valid'),
  'name-invalid': record('its eventName is missing or not valid'),
  'timestamp-invalid': record('its timestamp is no time'),
  'writer-invalid': record('its writer or seq is missing or not valid'),
  'page-invalid': record('its pageID is not valid'),
  'data-invalid': record('its data is no object, or too deep'),
  'session-invalid': record('a required field of its session is missing or not valid'),
  'visit-invalid': record('a required field of its visit is missing or not valid'),
}

function isPlain(origin: string | null): boolean {
  return origin !== null && /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:\d+)?$/.test(origin)
}
