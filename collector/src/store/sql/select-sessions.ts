import { toKey } from '../keys.js'
import type { SqlDialect } from './dialect.js'
import type { Select } from './select.js'
import { toSource } from './source.js'

/** Makes the query for sessions of a visit in the order of their keys. @param after the key of the last one before them. */
export function toSelectSessions(
  dialect: SqlDialect,
  site: string,
  visitID: string,
  after: string | null,
  limit: number,
): Select {
  const where = 'WHERE sessions.site = ? AND sessions."visitID" = ? AND sessions."sessionID" > ?'
  return {
    sql: `${toSource('sessions', dialect)} ${where} ORDER BY sessions."sessionID" LIMIT ?`,
    values: [site, toKey(visitID), after ?? '', limit],
  }
}
