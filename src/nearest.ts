/**
 * Finds the name that is meant by a wrong one.
 *
 * @returns the known name with the fewest letters to change; `undefined` if too many letters differ for a slip.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let found: string | undefined
  let least = name.length / 3 + 1
  for (const one of known) {
    const letters = distance(name.toLowerCase(), one.toLowerCase())
    if (letters >= least) continue
    least = letters
    found = one
  }
  return found
}

/** How many letters must be changed, added or removed to make one text of the other (Levenshtein). */
function distance(one: string, other: string): number {
  // For each start of `other`, its distance to what was read of `one`.
  const row = [0]
  for (let n = 0; n < other.length; n++) row.push(n + 1)
  for (const letter of one) {
    let corner = row[0] as number
    row[0] = corner + 1
    for (let n = 1; n < row.length; n++) {
      const above = row[n] as number
      row[n] = Math.min(corner + (letter === other[n - 1] ? 0 : 1), (row[n - 1] as number) + 1, above + 1)
      corner = above
    }
  }
  return row[other.length] as number
}
