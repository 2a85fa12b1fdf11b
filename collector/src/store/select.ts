import type { Page, Session } from 'sojourn/record'
import type { FoundEvent, Range, StoredVisit } from './store.js'

/** What can be listed, and what the items are. */
export interface Items {
  readonly events: FoundEvent
  readonly pages: Page
  readonly sessions: Session
  readonly visits: StoredVisit
}

export type Listed = keyof Items

/** A query: its text names only our own columns, and what came from outside stands in the values. */
export interface Select {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

const sources: Readonly<Record<Listed, string>> = {
  events: `SELECT events.*, coalesce(globalVisitID, '') AS globalVisitID, coalesce(languageCode, '') AS languageCode
    FROM events LEFT JOIN visits ON visits.visitID = events.visitID`,
  pages: 'SELECT * FROM pages',
  sessions: 'SELECT * FROM sessions',
  visits: 'SELECT * FROM visits',
}

/** What makes the order of a list total: time first. */
export const orders: Readonly<Record<Listed, readonly string[]>> = {
  events: ['timestamp', 'writer', 'seq', 'eventID'],
  pages: ['startDate', 'pageID'],
  sessions: ['startDate', 'sessionID'],
  visits: ['startDate', 'visitID'],
}

/**
 * Makes the query of a list: every filter holds, from the time and after the item that the range names.
 *
 * @param filter by the names of the contract's filters; never names that came from outside.
 */
export function toSelect(listed: Listed, filter: object, { since, after, limit }: Range = {}): Select {
  const order = orders[listed].map(name => `${listed}.${name}`)
  const wheres: string[] = []
  const values: (string | number)[] = []
  const where = (sql: string, ...some: readonly (string | number)[]): void => {
    wheres.push(sql)
    values.push(...some)
  }
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    if (name === 'category') where(`instr(';' || category || ';', ?) > 0`, `;${value};`)
    else if (listed === 'visits' && name === 'identityId')
      where('visitID IN (SELECT visitID FROM sessions WHERE identityId = ?)', value)
    else where(`${listed}.${name} = ?`, value)
  }
  if (since !== undefined) where(`${order[0]} >= ?`, since)
  if (after) where(`(${order.join()}) > (${order.map(() => '?').join()})`, ...after)
  const limited = limit === undefined ? '' : 'LIMIT ?'
  if (limit !== undefined) values.push(limit)
  return { sql: `${sources[listed]} WHERE ${wheres.join(' AND ')} ORDER BY ${order.join()} ${limited}`, values }
}
