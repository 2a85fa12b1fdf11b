import { activeWindowMs, maxActiveLooked, maxLatestLooked } from '../limits.js'
import { isIdle } from './clock.js'
import type { Active, LatestEvent, LiveReads } from './live.js'
import type { RecordReads } from './store.js'

/** Makes the live reads in the simplest way. */
export function createLiveReads(reads: RecordReads): LiveReads {
  return { active: now => countActive(reads, now), latest: limit => listLatest(reads, limit) }
}

async function countActive(reads: RecordReads, now: number): Promise<Active> {
  const range = { since: now - activeWindowMs, isDescending: true, limit: maxActiveLooked + 1 }
  const events = await reads.receipts({}, range)
  const recent = new Set(events.slice(0, maxActiveLooked).map(({ visitID }) => visitID))
  const visits = (await reads.visits({ automated: 'exclude' })).filter(
    one => recent.has(one.visitID) && !isIdle(one, now),
  )
  const sessions = (await reads.sessions({ automated: 'exclude' })).filter(
    one => recent.has(one.visitID) && one.endDate === 0 && !isIdle(one, now),
  )
  return { visits: visits.length, sessions: sessions.length, isWhole: events.length <= maxActiveLooked }
}

async function listLatest(reads: RecordReads, limit: number): Promise<LatestEvent[]> {
  const newest = await reads.receipts({}, { isDescending: true, limit: maxLatestLooked })
  const wanted = new Set((await reads.receipts({ automated: 'exclude' })).map(toKey))
  const sessions = await reads.sessions({})
  return newest
    .filter(one => wanted.has(toKey(one)))
    .slice(0, limit)
    .map(({ eventID, eventName, url, timestamp, visitID, sessionID }) => {
      const within = sessions.find(one => one.visitID === visitID && one.sessionID === sessionID)
      return { eventID, eventName, url, timestamp, visitID, sessionID, identityId: within?.identityId ?? null }
    })
}

function toKey({ visitID, eventID }: { readonly visitID: string; readonly eventID: string }): string {
  return JSON.stringify([visitID, eventID])
}
