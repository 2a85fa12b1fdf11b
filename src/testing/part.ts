import { cut } from '../record/check.js'
import { toJson } from '../record/json.js'

/** A matcher of Vitest, Jest or Playwright, such as `expect.any(Number)`. */
interface Asymmetric {
  toAsymmetricMatcher?(): string
  /** What it was made with: a class, a text, an object. */
  readonly sample?: unknown
  asymmetricMatch(value: unknown): boolean
}

/**
 * Whether a value contains another: of objects the named fields, of lists all items. What is expected is written as the tracker
 * writes data: a date is its text, a set is a list.
 *
 * @param expected may contain matchers, such as `expect.any(Number)`.
 */
export function matchesPart(expected: unknown, value: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value)
  if (Array.isArray(expected))
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((one, place) => matchesPart(one, value[place]))
    )
  if (isPlain(expected))
    return isRecord(value) && Object.keys(expected).every(name => matchesPart(expected[name], value[name]))
  if (expected === undefined) return value === undefined
  const written = toWritten(expected)
  return isRecord(written) || Array.isArray(written) ? matchesPart(written, value) : Object.is(written, value)
}

/** What the tracker makes of a value. */
function toWritten(value: unknown): unknown {
  return JSON.parse(toJson(value, () => {}) || 'null')
}

/** A value as one short line of JSON. A matcher in it is its name with what it was made with, such as `Any<Number>`. */
export function toLine(value: unknown): string {
  const text = JSON.stringify(value, (_name, one: unknown) => toShown(one)) ?? 'undefined'
  return text.length > 300 ? `${cut(text, 300)}…` : text
}

function toShown(value: unknown): unknown {
  if (isAsymmetric(value)) return toName(value)
  return Array.isArray(value) || isPlain(value) || value === undefined ? value : toWritten(value)
}

function toName(matcher: Asymmetric): string {
  const name = matcher.toAsymmetricMatcher?.() ?? String(matcher as unknown)
  const { sample } = matcher
  return sample === undefined || typeof sample === 'function' ? name : `${name} ${JSON.stringify(sample)}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An object whose members may hold matchers. */
function isPlain(value: unknown): value is Record<string, unknown> {
  const above: unknown = isRecord(value) && Object.getPrototypeOf(value)
  // An object of another realm, as in Jest, has an `Object.prototype` of its own.
  return above === null || (isRecord(above) && Object.getPrototypeOf(above) === null)
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return isRecord(value) && typeof value.asymmetricMatch === 'function'
}
