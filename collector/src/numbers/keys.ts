import { createHash } from 'node:crypto'
import { maxKeyChars, maxValueChars } from '../store/numbers-limits.js'

/** What a key is of. Equal texts of different kinds have different ids. */
type Kind = 'address' | 'name' | 'property' | 'value' | 'identity' | 'session'

const known = new Map<string, number>()
const maxKnown = 20_000

/**
 * Makes the id of a text: 53 bits of its hash. So totals have short keys, which are known without asking the database. That
 * two of a million texts share an id has a chance of one in 18,000.
 *
 * @param texts together they are the key: the value of a property has one with the name of its event and its property.
 */
export function toID(kind: Kind, ...texts: readonly string[]): number {
  const key = [kind, ...texts].join('\0')
  const found = known.get(key)
  if (found !== undefined) return found
  const hash = createHash('sha256').update(key).digest()
  const id = hash.readUInt32BE(0) * 2 ** 21 + (hash.readUInt32BE(4) >>> 11)
  if (known.size >= maxKnown) known.clear()
  known.set(key, id)
  return id
}

/** The address of a page or a referrer without query and fragment, as it is counted. */
export function toAddress(url: string): string {
  const end = url.search(/[?#]/)
  return toText(end < 0 ? url : url.slice(0, end), maxKeyChars)
}

/** The name of an event as it is counted. */
export function toName(eventName: string): string {
  return toText(eventName, maxKeyChars)
}

/** The name or the value of a property as it is counted. */
export function toValue(value: string): string {
  return toText(value, maxValueChars)
}

/** Cuts a text, and replaces what a database cannot store: NUL, and half of a surrogate pair. */
function toText(text: string, chars: number): string {
  return (text.length > chars ? text.slice(0, chars) : text).toWellFormed().replaceAll('\0', '\ufffd')
}
