import type { CollectorStore, State } from '../../src/store/store.js'

/** An implementation under test: an empty store, and a function that reads its whole state. */
export interface Implementation {
  readonly store: CollectorStore
  readonly dump: () => Promise<State>
}
