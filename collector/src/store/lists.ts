import type { Identity } from 'sojourn/record'
import type { StoredEvent, StoredPage, StoredSession, StoredVisit } from './store.js'

/** The lists of a store, and the type of their items. */
export interface Items {
  readonly events: StoredEvent
  readonly pages: StoredPage
  readonly sessions: StoredSession
  readonly visits: StoredVisit
  readonly identities: Identity
  /** Events in the order of their receipt. */
  readonly receipts: StoredEvent
}

export type Listed = keyof Items

/** The table that a list is read from. */
export function tableOf(listed: Listed): Exclude<Listed, 'receipts'> {
  return listed === 'receipts' ? 'events' : listed
}

/**
 * The fields that each list is ordered by, time first. `visitID` comes last, because two visits may claim one id. Two
 * identities with the same first session stay equal, because a cursor must not contain personal data.
 */
export const orders: Readonly<Record<Listed, readonly string[]>> = {
  events: ['timestamp', 'writer', 'seq', 'eventID', 'visitID'],
  pages: ['startDate', 'pageID', 'visitID'],
  sessions: ['startDate', 'sessionID', 'visitID'],
  visits: ['startDate', 'visitID'],
  identities: ['startDate', 'sessionID'],
  receipts: ['serverTimestamp', 'visitID', 'eventID'],
}
