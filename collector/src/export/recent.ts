import { systemEvents } from 'sojourn/record'
import { exportChunk } from '../limits.js'
import type { Cursor, SiteReads } from '../store/store.js'
import { createShapes, type EventShapes } from './shapes.js'
import { maxTypedEvents } from './type-limits.js'

/** The shapes of what a site has sent, and what they were made of. */
export interface RecentShapes extends EventShapes {
  /** How many events were looked at, system events too. */
  readonly looked: number
  /** Unix epoch, ms: older events were not looked at, because there are too many. `null`: all were. */
  readonly oldest: number | null
}

/**
 * Reads the business events of a site, the newest first, and collects their shapes. It looks at `maxTypedEvents` at most.
 *
 * @param since leaves out what was received earlier. Unix epoch, ms.
 */
export async function readShapes(reads: SiteReads, since: number, limit = maxTypedEvents): Promise<RecentShapes> {
  const shapes = createShapes()
  let looked = 0
  let after: Cursor | undefined
  for (;;) {
    const size = Math.min(exportChunk, limit - looked)
    const some = await reads.receipts({}, { since, isDescending: true, limit: size, ...(after && { after }) })
    for (const { eventName, data } of some) if (!systemEvents.includes(eventName)) shapes.add(eventName, data)
    looked += some.length
    const last = some.at(-1)
    if (last) after = [last.serverTimestamp, last.visitID, last.eventID]
    if (some.length < size) return { ...shapes, looked, oldest: null }
    if (looked >= limit) return { ...shapes, looked, oldest: last?.serverTimestamp ?? null }
  }
}
