/** JSON with its keys in order, so that equal values have equal texts. */
export function toCanonical(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
