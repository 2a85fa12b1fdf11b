/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json }

/** Whether a value is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses JSON. Returns `undefined` if the text is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Finds a value inside a value by names and indexes. Returns `undefined` if one of them does not exist. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value
  for (const name of path) found = (found as Record<string | number, Json | undefined> | null | undefined)?.[name]
  return found
}

/** Finds a list inside a value. Returns an empty list if there is none. */
export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/**
 * Describes the first difference from an expected value; empty if there is none. Further members of objects are
 * ignored, because a collector may send more than it must. Lists are compared item by item.
 */
export function toDifference(actual: Json | undefined, expected: Json, path = 'the body'): string {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `${path} is ${shorten(actual)}, not a list`
    for (const [n, one] of (expected as readonly Json[]).entries()) {
      const difference = n < actual.length ? toDifference(actual[n] as Json, one, `${path}[${n}]`) : ''
      if (difference) return difference
    }
    return actual.length === expected.length ? '' : `${path} has ${actual.length} items, not ${expected.length}`
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return `${path} is ${shorten(actual)}, not ${shorten(expected)}`
    for (const [name, one] of Object.entries(expected)) {
      const difference = toDifference(actual[name], one, `${path}.${name}`.replace('the body.', ''))
      if (difference) return difference
    }
    return ''
  }
  return actual === expected ? '' : `${path} is ${shorten(actual)}, not ${shorten(expected)}`
}

/** Formats a value as text of at most so many characters. */
export function shorten(value: Json | undefined, most = 200): string {
  const text = typeof value === 'string' && most > 200 ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > most ? `${text.slice(0, most - 20)}… (${text.length} characters)` : text
}
