import type { ExportedEvent } from '../store/store.js'

/** An event with the name of its site. */
export interface SiteEvent extends ExportedEvent {
  readonly site: string
}

/** The type of the values of a column. Every value may be `null`. */
type ColumnType = 'text' | 'time' | 'number' | 'boolean' | 'json'

/** A column of an export. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Its value: of type `json`, any value. */
  readonly of: (event: SiteEvent) => unknown
}

/**
 * The columns of every export, in their order. `docs/operate.md` describes them. New columns are added at the end.
 */
export const columns: readonly Column[] = [
  plain('site', 'text'),
  plain('eventID', 'text'),
  plain('eventType', 'text'),
  plain('eventName', 'text'),
  plain('category', 'text'),
  plain('timestamp', 'time'),
  plain('serverTimestamp', 'time'),
  plain('url', 'text'),
  plain('pageID', 'text'),
  plain('visitID', 'text'),
  plain('sessionID', 'text'),
  plain('identityId', 'text'),
  plain('globalVisitID', 'text'),
  plain('languageCode', 'text'),
  plain('userAgent', 'text'),
  { name: 'automated', type: 'boolean', of: ({ automated }) => automated === true },
  { name: 'activity', type: 'boolean', of: ({ activity }) => activity !== false },
  plain('visitStartDate', 'time'),
  plain('sessionStartDate', 'time'),
  plain('skew', 'number'),
  plain('writer', 'text'),
  plain('seq', 'number'),
  plain('data', 'json'),
]

function plain(name: keyof SiteEvent, type: ColumnType): Column {
  return { name, type, of: event => event[name] ?? null }
}
