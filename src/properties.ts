import type { TrackerErrorCode } from './errors.js'
import type { NewCall } from './record/call.js'
import type { Json } from './record/check.js'
import { toData } from './record/json.js'

type Trouble = (code: TrackerErrorCode, cause?: unknown) => void

/** What the page has told with `properties`, each as JSON, in call order. */
export type Properties = Set<{ readonly text: string }>

/**
 * Freezes the data of a call as JSON. What page views and events of the page are told includes the properties; its own
 * data wins. What a sign-in is told does not, because it becomes traits of the identity.
 *
 * @returns empty without data, and for data that is too large, which is reported.
 */
export function freezeData(verb: NewCall['verb'], data: unknown, properties: Properties, trouble: Trouble): string {
  const text = freeze(verb, data, trouble)
  if (!properties.size || !/^(track|page)$/.test(verb)) return text
  // Spread, because `Object.assign` fails at a name that the page has frozen on `Object.prototype`.
  let all = {}
  for (const one of [...properties, { text }]) all = { ...all, ...JSON.parse(one.text || '{}') }
  return freeze(verb, all, trouble)
}

/** Adds properties, as they are now. @returns the undo. */
export function addProperties(properties: Properties, data: unknown, trouble: Trouble): () => void {
  const one = { text: freeze('properties', data, trouble) }
  properties.add(one)
  return () => void properties.delete(one)
}

function freeze(verb: string, data: unknown, trouble: Trouble): string {
  const odd: string[] = []
  const text = toData(data, path => odd.push(path))
  if (odd[0]) trouble('data-invalid', odd.slice(0, 9).join())
  if (text === null) trouble('record-too-large', verb)
  return text || ''
}

/** Reads a field of anything. @returns `undefined` if it cannot be read, as with a getter that throws. */
export function readField(from: unknown, name: string): unknown {
  // Most calls have no such argument, and a throw that is caught costs as much as the rest of the call.
  if (from == null) return undefined
  try {
    return (from as Json)[name]
  } catch {
    return undefined
  }
}

/** The fields of what a call was told, as JSON has them. What cannot be read or written is left out and reported. */
export function copyFields(verb: string, from: unknown, trouble: Trouble): Json {
  return JSON.parse(freeze(verb, from, trouble) || '{}') as Json
}
