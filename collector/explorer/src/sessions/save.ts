import { ask, toSitePath } from '../api.js'
import type { ListedSession, ListReply } from '../replies.js'
import { toListParameters } from './filters.js'
import { csvHead, toCsvLine, toJsonLine } from './written.js'

/** A file that a list can be saved as. */
export type FileKind = 'csv' | 'ndjson'

/** Sessions that are saved at most, so that a tab has memory for them. `sojourn-collector export` saves more. */
export const maxSaved = 100_000
/** Sessions that one request asks for. */
const chunk = 1000

/** What was saved. */
export interface Saved {
  readonly count: number
  /** Whether there are more sessions than `maxSaved`. */
  readonly isCut: boolean
}

/**
 * Reads all sessions of a filtered list, from its first page, and saves them as a file.
 *
 * @param onCount called with the number of sessions so far. @throws AskError as `ask`; or the reason of the signal.
 */
export async function saveSessions(
  site: string,
  query: URLSearchParams,
  kind: FileKind,
  onCount: (count: number) => void,
  signal: AbortSignal,
): Promise<Saved> {
  const lines: string[] = kind === 'csv' ? [csvHead] : []
  const toLine = kind === 'csv' ? toCsvLine : toJsonLine
  const parameters = toListParameters(new URLSearchParams([...query].filter(([name]) => name !== 'after')), chunk)
  let count = 0
  let cursor: string | null = null
  do {
    const path = toSitePath(site, ['numbers', 'sessions'], { ...parameters, paging_next: cursor })
    const part: ListReply<ListedSession> = await ask(path, { signal })
    lines.push(part.items.map(toLine).join(''))
    count += part.items.length
    cursor = part.next
    onCount(count)
  } while (cursor !== null && count < maxSaved)
  // A mark at the start tells a spreadsheet that the file is UTF-8.
  const parts = kind === 'csv' ? ['\ufeff', ...lines] : lines
  const type = kind === 'csv' ? 'text/csv;charset=utf-8' : 'application/x-ndjson'
  saveFile(new Blob(parts, { type }), `sessions-${new Date().toISOString().slice(0, 10)}.${kind}`)
  return { count, isCut: cursor !== null }
}

/** Lets the browser save a file. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
