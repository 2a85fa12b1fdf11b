import type { OwnSession, PageBirth } from './birth.js'
import { toJson } from './json.js'
import { protocolVersion } from './limits.js'
import { eventsOf, type Run, splitProof } from './parcel.js'
import { toDuration } from './session.js'

/** Records that this device has dropped, as the collector is told: visit (JSON text), writer, how many so far. */
export interface DropNote {
  readonly visit: string
  readonly writer: string
  readonly count: number
}

/** What a collector said of a batch, by ids: `stored` are on its disk, `refused` and `gone` never will be. */
export interface Answer {
  readonly stored: readonly string[]
  readonly refused: readonly (readonly [id: string, code: string])[]
  readonly gone: readonly string[]
}

/** Version of the library, as a batch names it. A test compares it with `package.json`. */
export const libVersion = '0.1.0'

/** What a batch says of one visit or session. */
interface Group {
  readonly written: Record<string, number>
  readonly dropped: Record<string, number>
  readonly pages: Set<string>
  readonly events: string[]
  ends: number
  /** The newest proof of the identity; empty if there is none. */
  proof: string
}

/**
 * Makes the body of one request (`docs/protocol.md`): the session resources with what is new in them, and the visits with
 * what was done while nobody was signed in. The body repeats every birth fact, so batches may arrive in any order. The
 * stored texts are joined, not made again.
 *
 * @param sentAt Unix epoch, ms, browser clock.
 * @param latest the page that is open, with its title corrected. A batch with older copies of it gets this copy too.
 * @param open the session that is open. Its proof takes the place of older ones.
 */
export function makeBatch(
  runs: readonly Run[],
  sentAt: number,
  drops: readonly DropNote[] = [],
  latest?: PageBirth | null,
  open?: OwnSession | null,
): string {
  const visits = new Map<string, Group>()
  const sessions = new Map<string, Group>()
  for (const run of runs) {
    const [visit, session, page, writer, seq, ends] = run
    const { written } = groupOf(visits, visit)
    written[writer] = Math.max(written[writer] || 0, +seq)
    const [birth, proof] = splitProof(session)
    const group = session ? groupOf(sessions, birth) : groupOf(visits, visit)
    const isOpen = session && open && birth.includes(`"${open.sessionID}"`)
    group.proof = (isOpen && open.proof) || proof || group.proof
    group.events.push(...eventsOf(run))
    if (page) group.pages.add(page)
    if (+ends) group.ends = +ends
  }
  if (latest && latest.viewedAt) addLatest([...visits.values(), ...sessions.values()], latest)
  for (const { visit, writer, count } of drops) groupOf(visits, visit).dropped[writer] = count
  const visitTexts = toTexts(visits, ({ written, dropped }) => toJson({ written, dropped }))
  const sessionTexts = toTexts(sessions, ({ ends, proof }, birth) =>
    toJson({ endDate: ends, duration: toDuration(JSON.parse(birth).startDate, ends), proof: proof || undefined }),
  )
  const head = toJson({ v: protocolVersion, sentAt, lib: `sojourn/${libVersion}` })
  return `${head.slice(0, -1)},"visits":[${visitTexts}],"sessions":[${sessionTexts}]}`
}

/**
 * Reads an answer.
 *
 * @returns `null` if the text is no answer: the page of a captive portal, an empty body, an unknown version. Then nothing was
 * acknowledged, whatever the HTTP status.
 */
export function parseAnswer(text: string): Answer | null {
  try {
    const { v, stored, refused = [], gone = [] } = JSON.parse(text)
    const isAnswer = v === protocolVersion && [stored, refused, gone, ...refused].every(Array.isArray)
    return isAnswer ? { stored, refused, gone } : null
  } catch {
    return null
  }
}

function addLatest(groups: readonly Group[], latest: PageBirth): void {
  for (const { pages } of groups)
    if ([...pages].some(page => page.includes(latest.pageID))) pages.add(JSON.stringify(latest))
}

function groupOf(groups: Map<string, Group>, birth: string): Group {
  const group = groups.get(birth) || { written: {}, dropped: {}, pages: new Set(), events: [], ends: 0, proof: '' }
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
