import { limits } from 'sojourn/record'
import { exportPageSize } from '../limits.js'
import { toKey } from '../store/keys.js'
import { type Listed, orders } from '../store/lists.js'
import { isInParts, type Span, toParts } from '../store/parts.js'
import type { StoredTrait } from '../store/rights.js'
import type { CollectorStore, Cursor, Range, SiteReads, StoredSession, StoredVisit } from '../store/store.js'
import { toCurrent } from './current.js'
import { ParameterError } from './parameters.js'

/** What the export of a person needs of a store. */
type PersonStore = Pick<CollectorStore, 'of' | 'rights'>

/** @throws ParameterError if no identity can have this id. */
export function checkIdentityId(id: string): void {
  if (!id || id.length > limits.maxIdentityLength || /[\0\p{Surrogate}]/u.test(id))
    throw new ParameterError('identityId', 'is no id that an identity can have')
}

/**
 * Tells everything of one person as a JSON text, in pieces of a few rows, so that it needs little memory: the identity, all
 * that was ever said of it, and its visits with their sessions, events and pages, and what was done in them before the
 * sign-in. Records of other persons in the same visits are left out.
 *
 * @param now collector's clock, Unix epoch, ms.
 * @returns nothing at all if the person is not known. Throws (rejects) if the store fails; the text then has no end.
 */
export async function* tellPerson(
  store: PersonStore,
  site: string,
  identityId: string,
  now: number,
): AsyncGenerator<string> {
  const reads = store.of(site)
  const identity = await reads.identity(identityId)
  if (!identity && !(await reads.sessions({ identityId }, { limit: 1 })).length) return
  yield `{"v":1,"site":${JSON.stringify(site)},"exportedAt":${now},"identity":${JSON.stringify(identity)},"traits":[`
  yield* tellList(traitsOf(store, site, identityId))
  yield '],"visits":['
  let comma = ''
  for await (const visit of visitsOf(reads, identityId)) {
    yield comma
    yield* tellVisit(store, site, identityId, visit, now)
    comma = ','
  }
  yield ']}'
}

/**
 * Finds the visits of an identity, each once, by its sessions in their order, because an index has these. To list its visits in their
 * own order, a store sorts all of them for each page. It remembers the visits that it has found, about 100 bytes each: a session may
 * arrive meanwhile for a visit that is told, and another for one that is not.
 */
async function* visitsOf(reads: SiteReads, identityId: string): AsyncGenerator<StoredVisit> {
  const found = new Set<string>()
  for await (const sessions of pagesOf('sessions', range => reads.sessions({ identityId }, range)))
    for (const { visitID } of sessions) {
      const key = toKey(visitID)
      if (found.has(key)) continue
      found.add(key)
      const visit = await reads.visit(visitID)
      // It may have been erased meanwhile.
      if (visit) yield visit
    }
}

async function* tellVisit(
  store: PersonStore,
  site: string,
  identityId: string,
  visit: StoredVisit,
  now: number,
): AsyncGenerator<string> {
  const reads = store.of(site)
  const { visitID, skew } = visit
  const spans: Span[] = []
  const own = new Set<string>()
  const seen = new Set<string>()
  yield `{"visit":${JSON.stringify(visit)},"sessions":[`
  async function* sessions(): AsyncGenerator<readonly object[]> {
    for await (const some of sessionsOf(reads, visitID)) {
      const theirs = some.filter(one => one.identityId === identityId)
      for (const { sessionID } of theirs) own.add(sessionID)
      spans.push(...some.map(one => toSpan(one, one.identityId === identityId, now - (skew ?? 0))))
      yield theirs.map(one => toCurrent(one, now))
    }
  }
  yield* tellList(sessions())
  const parts = toParts(spans)
  const isTheirs = (sessionID: string | null, at: number): boolean =>
    sessionID === null ? isInParts(at, parts) : own.has(sessionID)
  yield '],"events":['
  async function* events(): AsyncGenerator<readonly object[]> {
    for await (const some of pagesOf('events', range => reads.events({ visitID }, range))) {
      const theirs = some.filter(one => isTheirs(one.sessionID, one.timestamp))
      for (const { pageID } of theirs) if (pageID !== null) seen.add(pageID)
      yield theirs
    }
  }
  yield* tellList(events())
  yield '],"pages":['
  async function* pages(): AsyncGenerator<readonly object[]> {
    for await (const some of pagesOf('pages', range => reads.pages({ visitID }, range)))
      yield some.filter(one => isTheirs(one.sessionID, one.startDate) || seen.has(one.pageID))
  }
  yield* tellList(pages())
  yield ']}'
}

/** Lists all sessions of a visit, a page at a time. No index has them in the order of their time. */
async function* sessionsOf(reads: SiteReads, visitID: string): AsyncGenerator<readonly StoredSession[]> {
  for (let after: string | null = null; ; ) {
    const some: readonly StoredSession[] = await reads.sessionsOfVisit(visitID, after, exportPageSize)
    yield some
    after = some.at(-1)?.sessionID ?? null
    if (!after || some.length < exportPageSize) return
  }
}

function toSpan({ startDate, endDate, lastActivity }: StoredSession, isOwn: boolean, now: number): Span {
  const open = isOwn ? Math.max(lastActivity, now) : lastActivity
  return { startDate, until: endDate ? Math.max(endDate, lastActivity) : open, isOwn }
}

/** Reads a list page by page. */
async function* pagesOf<T extends object>(
  listed: Listed,
  read: (range: Range) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  let after: Cursor | null = null
  for (;;) {
    const some: readonly T[] = await read({ limit: exportPageSize, ...(after && { after }) })
    if (some.length) yield some
    const last = some.at(-1) as Readonly<Record<string, string | number>> | undefined
    if (!last || some.length < exportPageSize) return
    after = orders[listed].map(name => last[name] as string | number)
  }
}

async function* traitsOf(store: PersonStore, site: string, identityId: string): AsyncGenerator<readonly StoredTrait[]> {
  for (let after: StoredTrait | null = null; ; ) {
    const some: readonly StoredTrait[] = await store.rights.traits(site, identityId, after, exportPageSize)
    yield some
    after = some.at(-1) ?? null
    if (!after || some.length < exportPageSize) return
  }
}

/** Writes the items of lists as the members of one JSON list, each on a line of its own. */
async function* tellList(lists: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  let comma = ''
  for await (const list of lists) {
    if (!list.length) continue
    yield comma + list.map(one => `\n${JSON.stringify(one)}`).join()
    comma = ','
  }
}
