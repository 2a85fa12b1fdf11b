import type { ListedSession } from '../replies.js'

/** The fields of a session in a file, in this order. Times are written as in ISO 8601 beside their ms. */
const fields = [
  'sessionID',
  'visitID',
  'identityId',
  'startDate',
  'endDate',
  'lastActivity',
  'duration',
  'open',
  'endReason',
  'pages',
  'events',
  'complete',
  'automated',
  'entry',
  'exit',
] as const satisfies readonly (keyof ListedSession)[]

const times: ReadonlySet<string> = new Set(['startDate', 'endDate', 'lastActivity'])

/** The first line of a CSV file. */
export const csvHead = `${fields.flatMap(name => (times.has(name) ? [name, `${name}Time`] : [name])).join(',')}\r\n`

/** Writes a session as a line of CSV. */
export function toCsvLine(session: ListedSession): string {
  const cells = fields.flatMap(name => {
    const value = session[name]
    return times.has(name) ? [String(value), toIsoTime(Number(value))] : [toCell(value ?? '')]
  })
  return `${cells.join(',')}\r\n`
}

/** Writes a session as a line of JSON. */
export const toJsonLine = (session: ListedSession): string =>
  `${JSON.stringify(Object.fromEntries(fields.map(name => [name, session[name]])))}\n`

/** A time in ISO 8601; empty for none, and for a time that dates cannot say. */
function toIsoTime(at: number): string {
  const date = new Date(at)
  return at === 0 || Number.isNaN(date.getTime()) ? '' : date.toISOString()
}

/**
 * Writes a cell. A spreadsheet runs a text that begins like a formula, so such a text gets an apostrophe, which a
 * spreadsheet does not show. Numbers are not texts.
 */
function toCell(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const text = /^[\s\p{Cc}]*[=+\-@＝＋－＠\t\r\n]/u.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
