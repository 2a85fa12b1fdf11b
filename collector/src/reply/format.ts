import type { Writers } from '../query/found.js'
import type { Written } from '../query/written.js'

/** How the replies to reads are written. Both formats offer the same reads, under different paths. */
export interface ReplyFormat extends Writers {
  /** The path under which reads are answered in this format. */
  readonly base: string
  /**
   * Makes the reply with a resource.
   *
   * @param text its JSON.
   */
  readonly one: (found: object, text: string) => Response
  /** @param next the cursor of the next page; `null` at the end. */
  readonly list: (items: readonly Written<unknown>[], next: string | null) => Response
}
