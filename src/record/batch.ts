import type { KeptRecord } from './event.js'
import { protocolVersion } from './limits.js'
import { toDuration } from './session.js'

/** Records dropped on this device, to be told to the collector: visit (JSON text), writer, how many so far. */
export interface DropNote {
  readonly visit: string
  readonly writer: string
  readonly count: number
}

/** What a collector said of a batch: `stored` are on disk there, `refused` and `gone` never will be. */
export interface Answer {
  readonly stored: readonly string[]
  readonly refused: readonly (readonly [id: string, code: string])[]
  readonly gone: readonly string[]
}

/** The library's version, as a batch names it; a test holds it to `package.json`. */
export const libVersion = '0.1.0'

/** What a batch says of one visit or session. */
interface Group {
  readonly written: Record<string, number>
  readonly dropped: Record<string, number>
  readonly pages: Set<string>
  readonly events: string[]
  ends: number
}

/**
 * Makes the body of one request (`docs/protocol.md`): the seed's session resources with what is new in them, and the visits
 * with what was done while nobody was signed in. Self-contained: every birth fact is repeated, so batches may come in any
 * order. What was kept is joined, not made again.
 *
 * @param sentAt Unix epoch, ms, browser clock.
 */
export function makeBatch(records: readonly KeptRecord[], sentAt: number, drops: readonly DropNote[] = []): string {
  const visits = new Map<string, Group>()
  const sessions = new Map<string, Group>()
  for (const { writer, seq, event, visit, session, page, ends } of records) {
    const { written } = groupOf(visits, visit)
    written[writer] = Math.max(written[writer] || 0, seq)
    const group = session ? groupOf(sessions, session) : groupOf(visits, visit)
    group.events.push(event)
    if (page) group.pages.add(page)
    if (ends) group.ends = ends
  }
  for (const { visit, writer, count } of drops) groupOf(visits, visit).dropped[writer] = count
  const visitTexts = toTexts(visits, ({ written, dropped }) => JSON.stringify({ written, dropped }))
  const sessionTexts = toTexts(sessions, ({ ends }, birth) =>
    JSON.stringify({ endDate: ends, duration: toDuration(JSON.parse(birth).startDate, ends) }),
  )
  const head = JSON.stringify({ v: protocolVersion, sentAt, lib: `sojourn/${libVersion}` })
  return `${head.slice(0, -1)},"visits":[${visitTexts}],"sessions":[${sessionTexts}]}`
}

/**
 * Reads an answer; `null` if it is not one: a captive portal's page, an empty body, an unknown version. Then nothing was
 * acknowledged, whatever the status said.
 */
export function parseAnswer(text: string): Answer | null {
  try {
    const { v, stored, refused = [], gone = [] } = JSON.parse(text)
    return v === protocolVersion && [stored, refused, gone, ...refused].every(Array.isArray)
      ? { stored, refused, gone }
      : null
  } catch {
    return null
  }
}

function groupOf(groups: Map<string, Group>, birth: string): Group {
  const group = groups.get(birth) || { written: {}, dropped: {}, pages: new Set(), events: [], ends: 0 }
  groups.set(birth, group)
  return group
}

function toTexts(groups: Map<string, Group>, more: (group: Group, birth: string) => string): string {
  const texts = [...groups].map(
    ([birth, group]) =>
      `${birth.slice(0, -1)},${more(group, birth).slice(1, -1)},"pages":[${[...group.pages].join()}],"events":[${group.events.join()}]}`,
  )
  return texts.join()
}
