import type { FoundIdentity, FoundPage, FoundSession, FoundVisit } from '../query/finders.js'
import type { FoundEvent } from '../store/store.js'

/** How what was found is said: the same questions, below another path and in other JSON. */
export interface Dialect {
  /** The path below which it is spoken. */
  readonly base: string
  readonly event: (found: FoundEvent) => object
  readonly page: (found: FoundPage) => object
  readonly session: (found: FoundSession) => object
  readonly visit: (found: FoundVisit) => object
  readonly identity: (found: FoundIdentity) => object
  /** @param next the cursor that goes on; `null` at the end. */
  readonly list: (items: readonly object[], next: string | null) => Response
}
