import { maxIdentityLength, maxIdLength, maxNameLength, maxProofLength, maxTextLength } from './limits.js'

/** An object from outside whose fields are not checked yet. */
export type Json = Record<string, unknown>

/** Characters that a database cannot keep as text: NUL, and half of a surrogate pair. */
const unstorable = /[\0\p{Surrogate}]/u
const everyUnstorable = /[\0\p{Surrogate}]/gu
/** A step in a path. Everything that parses URLs removes it, also if it is percent-encoded, so nothing could be read by it. */
const step = /^\.\.?$/

/** Cuts a text to so many characters. Half of a surrogate pair at its end is left out. */
export function cut(text: string, maxLength = maxTextLength): string {
  return text.slice(0, maxLength).replace(/\p{Surrogate}$/u, '')
}

/** Whether a value is an object, and not a list or `null`. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Reads the JSON of an object. @returns `null` for anything else. */
export function readObject(text: unknown): Json | null {
  try {
    const value: unknown = JSON.parse(text as string)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/**
 * Whether a value can be the id of a record, a resource or a writer: 1 to 256 characters that a database can keep, and not
 * `.` or `..`.
 */
export function isId(value: unknown): value is string {
  return isWord(value, maxIdLength) && !step.test(value)
}

/** Whether it is an id as this library makes them. Ids of records are made from it, and they stand in JSON unescaped. */
export function isPlainId(id: unknown): boolean {
  return isId(id) && /^[\w-]+$/.test(id)
}

/** Whether a value can be an identity: 1 to 512 characters that a database can keep, and not `.` or `..`. */
export function isIdentity(value: unknown): value is string {
  return isWord(value, maxIdentityLength) && !step.test(value)
}

/** Whether a value can be the proof of an identity: 1 to 2,048 of `A-Z a-z 0-9 - . _ ~ + / =`, as in a JSON web token. */
export function isProof(value: unknown): value is string {
  return isWord(value, maxProofLength) && /^[\w.~+/=-]+$/.test(value)
}

/** Makes the text of an identity that is a number, as many databases have it. Anything else is given back. */
export function toIdentity(value: unknown): unknown {
  return typeof value === 'bigint' || Number.isFinite(value) ? `${value as bigint}` : value
}

/** Whether a value can be the name of an event: 1 to 1,024 characters that a database can keep. */
export function isName(value: unknown): value is string {
  return isWord(value, maxNameLength)
}

/** Whether a value can be a time (Unix epoch, ms): a whole number, not negative. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Whether it is a time or number that can be counted on from. No clock leads near the end of the whole numbers. */
export function isCounted(value: unknown): value is number {
  return isTime(value) && value < 2 ** 52
}

/**
 * Makes a text that a database can keep: cut at `maxLength` characters, and with U+FFFD for what it cannot keep. The
 * cut matters because the URL of a page is copied into each of its events, so a small request could fill the store.
 *
 * @returns `otherwise` if the value is not a text.
 */
export function textOr(value: unknown, otherwise: string, maxLength = maxTextLength): string {
  if (typeof value !== 'string') return otherwise
  const text = value.length > maxLength ? cut(value, maxLength) : value
  return unstorable.test(text) ? text.replace(everyUnstorable, '\ufffd') : text
}

/** A count, or 0 if the value is not one. */
export function countOr0(value: unknown): number {
  return isTime(value) ? value : 0
}

/**
 * Whether a value has more than `depth` levels. Serializers recurse, so deep nesting can overflow the stack of any
 * reader.
 */
export function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  for (const name in value) if (isDeeper((value as Json)[name], depth - 1)) return true
  return false
}

function isWord(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength && !unstorable.test(value)
}
