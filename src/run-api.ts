import type { Tracker } from './api.js'
import type { ShownPage } from './page-views.js'
import type { Call } from './record/call.js'
import type { LeftPage } from './record/open-page.js'

/** One start of a tracker, until it is stopped. */
export interface Run {
  readonly verbs: Tracker
  isStopped(): boolean
  /** The page that was open at the stop; `undefined` if none was. */
  shown(): ShownPage | undefined
  /** The page that was open at the stop. */
  left(): LeftPage | null
  /** The calls that waited for consent at the stop. */
  held(): Call[]
}
