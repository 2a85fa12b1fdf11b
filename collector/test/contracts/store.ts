import type { Implementation } from './implementation.js'
import { mergeContract } from './merge.js'
import { readContract } from './reads.js'

/**
 * The contract of `CollectorStore`. Every implementation runs these tests.
 *
 * @param runs how often each property is checked.
 */
export function storeContract(name: string, open: () => Promise<Implementation>, runs = 12): void {
  mergeContract(name, open, runs)
  readContract(name, open, runs)
}
