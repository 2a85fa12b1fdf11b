/** A matcher of Vitest, Jest or Playwright, such as `expect.any(Number)`. */
interface Asymmetric {
  toAsymmetricMatcher?(): string
  /** What it was made with: a class, a text, an object. */
  readonly sample?: unknown
  asymmetricMatch(value: unknown): boolean
}

/**
 * Whether a value contains another: of objects the named fields, of lists all items. What is expected is written as the tracker
 * writes data, so a date is its text.
 *
 * @param expected may contain matchers, such as `expect.any(Number)`.
 */
export function matchesPart(expected: unknown, value: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value)
  if (expected instanceof Date) return value === expected.toJSON()
  if (Array.isArray(expected))
    return (
      Array.isArray(value) &&
      value.length === expected.length &&
      expected.every((one, place) => matchesPart(one, value[place]))
    )
  if (isRecord(expected))
    return isRecord(value) && Object.keys(expected).every(name => matchesPart(expected[name], value[name]))
  return Object.is(expected, value)
}

/** A value as one short line of JSON. A matcher in it is its name with what it was made with, such as `Any<Number>`. */
export function toLine(value: unknown): string {
  const text = JSON.stringify(value, (_name, one: unknown) => (isAsymmetric(one) ? toName(one) : one)) ?? 'undefined'
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

function toName(matcher: Asymmetric): string {
  const name = matcher.toAsymmetricMatcher?.() ?? 'matcher'
  const { sample } = matcher
  return sample === undefined || typeof sample === 'function' ? name : `${name} ${JSON.stringify(sample)}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAsymmetric(value: unknown): value is Asymmetric {
  return isRecord(value) && typeof value.asymmetricMatch === 'function'
}
