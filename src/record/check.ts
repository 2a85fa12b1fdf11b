import { maxIdentityLength, maxIdLength, maxNameLength, maxTextLength } from './limits.js'

/** What came from outside, before anything is known of it. */
export type Json = Record<string, unknown>

/** What a database cannot keep as text: NUL, and half of a surrogate pair. */
const unstorable = /[\0\p{Surrogate}]/u
const everyUnstorable = /[\0\p{Surrogate}]/gu

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is a text, and not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** Whether it is the JSON text of an object. */
export function isJson(text: string): boolean {
  try {
    return text[0] === '{' && !!JSON.parse(text)
  } catch {
    return false
  }
}

/** Whether it is an id: of a record, a resource, a writer. */
export function isId(value: unknown): value is string {
  return isWord(value, maxIdLength)
}

export function isIdentity(value: unknown): value is string {
  return isWord(value, maxIdentityLength)
}

export function isName(value: unknown): value is string {
  return isWord(value, maxNameLength)
}

/** Whether it is a time: Unix epoch, ms. */
export function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A text as a database can keep it, cut at `maxLength` characters: a small request must not become a huge store. */
export function textOr(value: unknown, otherwise: string, maxLength = maxTextLength): string {
  if (typeof value !== 'string') return otherwise
  const text = value.length > maxLength ? value.slice(0, maxLength) : value
  return unstorable.test(text) ? text.replace(everyUnstorable, '\ufffd') : text
}

export function countOr0(value: unknown): number {
  return isTime(value) ? value : 0
}

/** Serializers recurse; what is nested absurdly deep would overflow their stack, here or in a later reader. */
export function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  for (const name in value) if (isDeeper((value as Json)[name], depth - 1)) return true
  return false
}

function isWord(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength && !unstorable.test(value)
}
