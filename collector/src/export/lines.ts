import { columns, type SiteEvent } from './columns.js'
import { toJsonText } from './json.js'

/** Writes events as lines of JSON: one object for each event, with every column. */
export async function* toNdjson(events: AsyncIterable<readonly SiteEvent[]>): AsyncGenerator<Buffer> {
  for await (const some of events) yield Buffer.from(some.map(toLine).join(''))
}

function toLine(event: SiteEvent): string {
  const text = toJsonText(Object.fromEntries(columns.map(({ name, of }) => [name, of(event)])))
  return `${text.replace(control, unit => `\\u00${unit.charCodeAt(0).toString(16)}`)}\n`
}

/** Writes events as CSV (RFC 4180): a line with the names of the columns, then one for each event. */
export async function* toCsv(events: AsyncIterable<readonly SiteEvent[]>): AsyncGenerator<Buffer> {
  yield Buffer.from(`${columns.map(({ name }) => name).join()}\r\n`)
  for await (const some of events) yield Buffer.from(some.map(toRow).join(''))
}

function toRow(event: SiteEvent): string {
  const cells = columns.map(({ type, of }) => {
    const value = of(event)
    if (value === null) return ''
    // Numbers need no protection: a negative one is no formula.
    const isText = type === 'text' || type === 'json'
    const text = type === 'text' ? (value as string) : toJsonText(value)
    return isText ? toCell(text) : text
  })
  return `${cells.join()}\r\n`
}

/**
 * Where a spreadsheet may find a formula. In many countries it divides the file at semicolons and line ends, whatever quotes
 * say, so what follows them is looked at like a beginning.
 */
const formula = /^(?=[=+\-@＝＋－＠\t\r\n])|[;\r\n]\s*(?=[=+\-@＝＋－＠])/g

/** Control characters, which would command a terminal that shows the file. Spreadsheets have no use for them. */
const control = /[^\P{Cc}\t\r\n]/gu

/**
 * Writes a text as a cell of CSV. U+FFFD stands for control characters other than tabs and line ends. Spreadsheets run a text that begins as a formula does, and strangers choose texts: such
 * a text gets an apostrophe before it, and so does a part of it that a spreadsheet may take for a cell.
 */
export function toCell(text: string): string {
  const safe = text.replace(control, '\ufffd').replace(formula, "$&'")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
