import type { CollectorStore } from '../../src/store/store.js'
import type { TableName } from '../../src/store/tables.js'

/** All rows of a store, by table. */
export type State = Readonly<Record<TableName, readonly object[]>>

/** An implementation under test: an empty store, and a function that reads its whole state. */
export interface Implementation {
  readonly store: CollectorStore
  readonly dump: () => Promise<State>
}
