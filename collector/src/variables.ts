import { type Environment, help, OptionError } from './options.js'

const prefix = 'SOJOURN_'

/** What the name of a variable may be, without the prefix: every one that the help of `serve` has. */
const known = [...help.matchAll(/\bSOJOURN_(\w+)/g)].flatMap(([, name]) => name ?? [])

/**
 * The variables of this program that it does not know. Kubernetes makes some for each service of the namespace, whose name may begin as ours
 * do.
 *
 * @throws OptionError if one looks like a slip. Its value is not shown, because it may be a secret.
 */
export function checkVariables(env: Environment): readonly string[] {
  const unknown = Object.entries(env).flatMap(([name, value = '']) =>
    name.startsWith(prefix) && !known.includes(name.slice(prefix.length)) && !isOfKubernetes(name, value) ? name : [],
  )
  for (const name of unknown) {
    const meant = nearest(name.slice(prefix.length), known)
    if (meant !== undefined)
      throw new OptionError(`${name}: there is no such variable; did you mean ${prefix}${meant}?`)
  }
  return unknown
}

function isOfKubernetes(name: string, value: string): boolean {
  return /_(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP|SCTP))(_|$)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value)
}

/**
 * Finds the name that is meant by a wrong one.
 *
 * @returns the known name with the fewest letters to change; `undefined` if too many letters differ for a slip.
 */
function nearest(name: string, known: readonly string[]): string | undefined {
  const most = name.length / 3 + 1
  const [first] = known
    .map(one => ({ one, letters: distance(name.toUpperCase(), one.toUpperCase()) }))
    .filter(({ letters }) => letters < most)
    .sort((one, other) => one.letters - other.letters)
  return first?.one
}

/** How many letters must be changed, added or removed to make one text of the other (Levenshtein). */
function distance(one: string, other: string): number {
  // For each start of `other`, its distance to what was read of `one`.
  let row = Array.from({ length: other.length + 1 }, (_, n) => n)
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1]
    for (let n = 1; n <= other.length; n++) {
      const changed = (row[n - 1] ?? 0) + (letter === other[n - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[n] ?? 0) + 1, (next[n - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
