/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** An object of JSON. */
export type JsonObject = { readonly [name: string]: Json }

/** Whether it is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads JSON; `undefined` if the text is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** One item of a list or member of an object, by name after name; `undefined` if something on the way is not there. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let found: Json | undefined = value
  for (const name of path) found = (found as Record<string | number, Json | undefined> | null | undefined)?.[name]
  return found
}

/** The list of that name, or an empty one. */
export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/**
 * Says where a value is not what was expected; empty if it is. Members that were not expected are free, for a collector may
 * say more than it must; lists are compared item by item.
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

/** A value as text of at most so many characters, for people. */
export function shorten(value: Json | undefined, most = 200): string {
  const text = typeof value === 'string' && most > 200 ? value : (JSON.stringify(value) ?? 'nothing')
  return text.length > most ? `${text.slice(0, most - 20)}… (${text.length} characters)` : text
}
