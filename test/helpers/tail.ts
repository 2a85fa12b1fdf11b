import type { Tail, Waiting } from '../../src/store/tail.js'

/** A tail that keeps what it is given in a list, and nothing anywhere else. */
export function listedTail(): Pick<Tail, 'add' | 'clear'> & {
  readonly added: Waiting[]
  readonly standing: Set<string>
} {
  const added: Waiting[] = []
  const standing = new Set<string>()
  return {
    added,
    standing,
    add(waiting) {
      added.push(waiting)
      standing.add(waiting.id)
    },
    clear(waiting) {
      for (const { id } of waiting) standing.delete(id)
    },
  }
}
