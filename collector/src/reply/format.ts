import type { FoundIdentity, FoundPage, FoundSession, FoundVisit } from '../query/found.js'
import type { StoredEvent } from '../store/store.js'

/** How the replies to reads are written. Both formats offer the same reads, under different paths. */
export interface ReplyFormat {
  /** The path under which reads are answered in this format. */
  readonly base: string
  readonly event: (found: StoredEvent) => object
  readonly page: (found: FoundPage) => object
  readonly session: (found: FoundSession) => object
  readonly visit: (found: FoundVisit) => object
  readonly identity: (found: FoundIdentity) => object
  /** @param next the cursor of the next page; `null` at the end. */
  readonly list: (items: readonly object[], next: string | null) => Response
}
