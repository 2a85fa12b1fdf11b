import { isTextAfter } from 'sojourn/record'

/** Compares two items by the values that they are ordered by. */
export function compare(
  a: readonly (string | number | undefined)[],
  b: readonly (string | number | undefined)[],
): number {
  const place = a.findIndex((value, n) => value !== b[n])
  if (place < 0) return 0
  const [ours, theirs] = [a[place], b[place]]
  const isAfter =
    typeof ours === 'string' && typeof theirs === 'string' ? isTextAfter(ours, theirs) : Number(ours) > Number(theirs)
  return isAfter ? 1 : -1
}
