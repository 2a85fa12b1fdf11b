import { exportChunk } from '../limits.js'
import type { CollectorStore, Cursor } from '../store/store.js'
import type { SiteEvent } from './columns.js'

/** Where an export of each site has ended: after which event, in the order of receipt. */
export type Positions = Readonly<Record<string, Cursor>>

/** What to export. */
export interface ExportRange {
  readonly sites: readonly string[]
  /** Events that were received before are left out, unless `positions` has the site. Unix epoch, ms. */
  readonly since: number
  /** Events that were received later are left out. Unix epoch, ms. */
  readonly until: number
  readonly positions: Positions
}

/** An export under way. */
export interface Export {
  /** The events, one part after the other: each site in the order of receipt. */
  readonly parts: AsyncIterable<readonly SiteEvent[]>
  /** Where it is: after the part that was given last. */
  readonly positions: () => Positions
  readonly count: () => number
}

/** Reads the events of sites in small parts, so that any number of them needs the same memory. */
export function readEvents(store: CollectorStore, { sites, since, until, positions }: ExportRange): Export {
  const ends: Record<string, Cursor> = { ...positions }
  let count = 0

  async function* parts(): AsyncGenerator<readonly SiteEvent[]> {
    for (const site of sites) {
      // No id is empty, so this is before all events of that time.
      let after = ends[site] ?? [since, '', '']
      ends[site] = after
      for (;;) {
        const some = await store.of(site).exported({ after, until, limit: exportChunk })
        const last = some.at(-1)
        if (!last) break
        after = [last.serverTimestamp, last.visitID, last.eventID]
        ends[site] = after
        count += some.length
        yield some.map(event => ({
          ...event,
          site,
          get data() {
            return event.data
          },
        }))
        if (some.length < exportChunk) break
      }
    }
  }

  return { parts: parts(), positions: () => ends, count: () => count }
}

/** Writes positions as one word, which the next export begins with. It contains no personal data. */
export function toCursorWord(positions: Positions): string {
  return Buffer.from(JSON.stringify(positions)).toString('base64url')
}

/** Reads what `toCursorWord` has written. `null`: it is something else. */
export function parseCursorWord(word: string): Positions | null {
  try {
    const positions = JSON.parse(Buffer.from(word, 'base64url').toString()) as unknown
    if (positions === null || typeof positions !== 'object' || Array.isArray(positions)) return null
    return Object.values(positions).every(isPosition) ? (positions as Positions) : null
  } catch {
    // A text that is not JSON is no cursor.
    return null
  }
}

function isPosition(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false
  return Number.isSafeInteger(value[0]) && typeof value[1] === 'string' && typeof value[2] === 'string'
}
