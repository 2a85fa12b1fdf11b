import { type Identity, isEnd, isTextAfter, type Page } from 'sojourn/record'
import { isAhead, isIdle } from './clock.js'
import { type Claimed, isSuspect, type Plausible, toLatestReason, toTimes } from './derive.js'
import { type Items, type Listed, orders } from './lists.js'
import { toExported } from './memory-export.js'
import { compare } from './memory-order.js'
import { itemsWithin } from './memory-within.js'
import type { Range, RecordReads, StoredEvent, StoredPage, StoredSession, StoredVisit, Within } from './store.js'
import { type TableName, tables } from './tables.js'

/** A row by the names of its columns. */
type Item = Record<string, string | number | null>

/** All rows, by table. */
export type State = Readonly<Record<TableName, readonly Item[]>>

/** @param stateOf returns the present state. A state never changes; a merge makes another. */
export function createReads(site: string, stateOf: () => State): RecordReads {
  /** Everything of the site, as it is read. */
  function readAll(state: State) {
    const own = (name: TableName): Item[] => state[name].filter(one => one.site === site)
    const visitRows = own('visits')
    const visitByID = new Map(visitRows.map(one => [one.visitID, one]))
    const visitOf = (visitID: unknown): Item => visitByID.get(visitID as string) ?? {}
    const skewOf = (visitID: unknown): number | null => (visitOf(visitID).skew ?? null) as number | null
    const eventRows = own('events')
    const eventsOf = groupBy(eventRows, 'visitID')

    const told = (isOf: (event: Item) => boolean, visitID: unknown, isEndOf: (name: string) => boolean): Plausible => {
      const all = (eventsOf.get(visitID) ?? []).filter(isOf)
      const some = all.filter(one => !isAhead(Number(one.timestamp) - Number(one.serverTimestamp), skewOf(visitID)))
      const latest = (list: Item[]): number => Math.max(0, ...list.map(one => Number(one.timestamp)))
      const endDate = latest(some.filter(one => isEndOf(String(one.eventName))))
      const ends = some.filter(one => isEndOf(String(one.eventName)) && one.timestamp === endDate)
      const endReason =
        endDate === 0 ? '' : toLatestReason(ends.map(one => ({ ...one, data: toData(one.data) })) as never)
      return { lastActivity: latest(some.filter(one => one.activity === 1)), endDate, endReason }
    }
    const times = (row: Item, isOf: (event: Item) => boolean, isEndOf: (name: string) => boolean) => {
      const plausible = isSuspect(row as never, skewOf(row.visitID)) ? told(isOf, row.visitID, isEndOf) : null
      return {
        ...toTimes(row as never as Claimed, plausible, skewOf(row.visitID)),
        endReason: plausible?.endReason ?? row.endReason,
      }
    }

    const sessions = own('sessions').map(row => {
      const { sessionID, identityId, visitID, startDate } = row
      const { skew = null, idleLimitMs = null } = visitOf(visitID)
      const now = times(row, one => one.sessionID === sessionID, isEnd)
      return { sessionID, identityId, visitID, startDate, ...now, skew, idleLimitMs } as unknown as StoredSession
    })
    const sessionByID = new Map(sessions.map(one => [`${one.visitID}\0${one.sessionID}`, one]))
    const pages = own('pages').map(row => {
      const { pageID, sessionID, url, title, referrer, category, startDate, visitID, viewedAt } = row
      const { endReason: _, ...now } = times(
        row,
        one => one.pageID === pageID,
        name => name === 'PageExited',
      )
      const told = Number(viewedAt) + Number(row.viewLead)
      const seen = viewedAt ? { url: row.viewUrl, title: row.viewTitle, viewedAt: told } : { url, title, viewedAt: 0 }
      const entered = sessionByID.get(`${visitID}\0${sessionID}`)
      const identityId = entered?.identityId ?? null
      const born = { pageID, sessionID, referrer, category, startDate, visitID, identityId }
      return { ...born, ...seen, ...now } as unknown as StoredPage
    })
    const pageByID = new Map(pages.map(one => [`${one.visitID}\0${one.pageID}`, one]))
    const visits = visitRows.map(row => {
      const { visitID, globalVisitID, startDate, languageCode, userAgent, skew, idleLimitMs, automated } = row
      const { lastActivity } = times(
        { ...row, endDate: 0 },
        () => true,
        () => false,
      )
      const facts = { visitID, globalVisitID, startDate, languageCode, userAgent, lastActivity, skew, idleLimitMs }
      return { ...facts, ...(Number(automated) > 0 && { automated: true }) } as unknown as StoredVisit
    })
    const events = eventRows.map(row => {
      const { site: _, activity, data, url, ...event } = row
      const page = pageByID.get(`${row.visitID}\0${row.pageID}`)
      const { globalVisitID = '', languageCode = '' } = visitOf(row.visitID)
      const seen = { url: url || (page?.url ?? ''), data: toData(data), globalVisitID, languageCode }
      return { ...event, ...seen, ...(activity === 0 && { activity: false }) } as unknown as StoredEvent
    })
    const traitsOf = groupBy(own('traits'), 'identityId')
    const identities = own('identities').map(({ identityId, startDate, sessionID }) => {
      const present = ['name', 'location', 'userAgent'].flatMap(trait => {
        const theirs = (traitsOf.get(identityId) ?? []).filter(one => one.trait === trait)
        const at = Math.max(0, ...theirs.map(one => Number(one.at)))
        const values = theirs.filter(one => one.at === at).map(one => String(one.value))
        const value = values.reduce((latest, one) => (isTextAfter(one, latest) ? one : latest), '')
        return [
          [trait, value],
          [`${trait}At`, at],
        ]
      })
      return { identityId, startDate, sessionID, ...Object.fromEntries(present) } as unknown as Identity
    })
    return { visits, sessions, pages, events, identities, sessionPages: own('session_pages') }
  }

  type Everything = ReturnType<typeof readAll>
  let seen: { readonly state: State; readonly everything: Everything } | null = null

  function read(): Everything {
    const state = stateOf()
    if (seen?.state !== state) seen = { state, everything: readAll(state) }
    return seen.everything
  }

  const isOf = ({ sessions }: Everything, item: object, identityId: string): boolean => {
    const { visitID, sessionID } = item as { visitID: string; sessionID: string | null }
    return sessions.some(one => one.visitID === visitID && one.sessionID === sessionID && one.identityId === identityId)
  }

  /** Whether a page belongs to a session that `isWanted`. */
  const isOfSession = ({ sessionPages }: Everything, page: Page, isWanted: (item: object) => boolean): boolean =>
    isWanted(page) ||
    sessionPages.some(one => one.visitID === page.visitID && one.pageID === page.pageID && isWanted(one))

  const isAutomated = (item: object): boolean => {
    const visitID = (item as { visitID?: string }).visitID
    return stateOf().visits.some(one => one.site === site && one.visitID === visitID && Number(one.automated) > 0)
  }

  function list<L extends Listed>(
    listed: L,
    items: readonly Items[L][],
    filter: object,
    range: Range = {},
  ): readonly Items[L][] {
    const { since = 0, until = Number.POSITIVE_INFINITY, after, isDescending } = range
    const turn = isDescending ? -1 : 1
    const { category, automated, ...exact } = filter as { category?: string; automated?: string }
    const isWanted = (item: Items[L]): boolean => {
      const values = item as unknown as Record<string, string>
      const isInCategory = category === undefined || `;${values.category};`.includes(`;${category};`)
      if (automated !== undefined && isAutomated(item) !== (automated === 'only')) return false
      return isInCategory && Object.entries(exact).every(([name, value]) => values[name] === value)
    }
    const order = orders[listed]
    const keyOf = (item: Items[L]) => order.map(name => (item as unknown as Record<string, string | number>)[name])
    return items
      .filter(isWanted)
      .filter(item => Number(keyOf(item)[0]) >= since && Number(keyOf(item)[0]) <= until)
      .filter(item => !after || turn * compare(keyOf(item), after) > 0)
      .sort((a, b) => turn * compare(keyOf(a), keyOf(b)))
      .slice(0, range.limit)
  }

  /** Finds the item that was received first. */
  function first<T>(name: TableName, items: readonly T[], isIt: (item: Item) => boolean): T | null {
    const rows = stateOf()[name]
    const found = rows
      .filter(one => one.site === site && isIt(one))
      .sort((a, b) => compare([Number(a.receivedAt), String(a.visitID)], [Number(b.receivedAt), String(b.visitID)]))[0]
    const { columns = [], keys = 0 } = tables.find(one => one.name === name) ?? {}
    const isSame = (one: Item): boolean => columns.slice(1, keys).every(key => one[key] === found?.[key])
    return (found && items.find(one => isSame(one as Item))) ?? null
  }

  const lastEventOf = ({ visitID, sessionID }: Within): number => {
    const isIt = (one: Item): boolean => one.site === site && one.visitID === visitID && one.sessionID === sessionID
    return Number(stateOf().sessions.find(isIt)?.lastEventAt ?? Infinity)
  }

  const reads: RecordReads = {
    session: async id => first('sessions', read().sessions, one => one.sessionID === id),
    visit: async id => first('visits', read().visits, one => one.visitID === id),
    page: async id => first('pages', read().pages, one => one.pageID === id),
    identity: async id => read().identities.find(({ identityId }) => identityId === id) ?? null,
    isSignedIn: async (identityId, now, visitID) =>
      (await reads.sessions(visitID === undefined ? { identityId } : { identityId, visitID })).some(isOpenAt(now)),
    openSession: async (visitID, now) => (await reads.sessions({ visitID })).findLast(isOpenAt(now)) ?? null,
    async receipts(filter, range) {
      const all = read()
      const { identityId, ...exact } = filter
      const some = all.events.filter(one => identityId === undefined || isOf(all, one, identityId))
      return list('receipts', some, exact, range)
    },
    exported: async range => (await reads.receipts({}, range)).map(event => toExported(event, read())),
    async horizon(listed, within, { after, ...range }, items) {
      const time = orders[listed][0] as string
      const rows: readonly object[] =
        listed === 'events' || listed === 'pages'
          ? list(listed, itemsWithin(read(), listed, within, lastEventOf(within)), {}, range)
          : await reads[listed](within, range)
      const at = after && Number(after[0])
      const isIn = (one: number): boolean => at === undefined || (range.isDescending ? one <= at : one >= at)
      return rows.map(one => Number((one as Record<string, unknown>)[time])).filter(isIn)[items] ?? null
    },
    hasMoreThan: async (listed, identityId, items) =>
      (await reads.sessions({ identityId })).length > items ||
      (listed === 'receipts' && (await reads.horizon('events', { identityId }, {}, items)) !== null),
    async sizes(listed, filter, range) {
      const items: readonly object[] = await reads[listed](filter as never, range)
      return items.map(item => JSON.stringify(item).length)
    },
    async events(filter, range) {
      const all = read()
      const { identityId, ...exact } = filter as { identityId?: string }
      const some = all.events.filter(one => identityId === undefined || isOf(all, one, identityId))
      return list('events', some, exact, range)
    },
    async pages(filter, range) {
      const all = read()
      const { sessionID, identityId, ...exact } = filter as { sessionID?: string; identityId?: string }
      const isWanted = (page: StoredPage): boolean =>
        (sessionID === undefined ||
          isOfSession(all, page, one => (one as { sessionID: string }).sessionID === sessionID)) &&
        (identityId === undefined || isOfSession(all, page, one => isOf(all, one, identityId)))
      return list('pages', all.pages.filter(isWanted), exact, range)
    },
    sessions: async (filter, range) => list('sessions', read().sessions, filter, range),
    sessionsOfVisit: async (visitID, after, limit) =>
      (await reads.sessions({ visitID }))
        .filter(one => isTextAfter(one.sessionID, after ?? ''))
        .toSorted((a, b) => (isTextAfter(a.sessionID, b.sessionID) ? 1 : -1))
        .slice(0, limit),
    async visits({ identityId, ...exact }, range) {
      const { sessions, visits } = read()
      if (identityId === undefined) return list('visits', visits, exact, range)
      const theirs = new Set(sessions.filter(one => one.identityId === identityId).map(one => one.visitID))
      const some = visits.filter(one => theirs.has(one.visitID))
      return list('visits', some, exact, range)
    },
    async identities(filter, range) {
      const isEmpty = Object.values(filter).includes('')
      const { identities, sessions } = read()
      const { visitID, ...exact } = filter
      const within = new Set(sessions.filter(one => one.visitID === visitID).map(one => one.identityId))
      const some = identities.filter(one => visitID === undefined || within.has(one.identityId))
      return isEmpty ? [] : list('identities', some, exact, range)
    },
  }
  return reads
}

function groupBy(items: readonly Item[], name: string): Map<unknown, Item[]> {
  return Map.groupBy(items, one => one[name])
}

function isOpenAt(now: number): (one: StoredSession) => boolean {
  return one => one.endDate === 0 && !isIdle(one, now)
}

const toData = (text: unknown): unknown => (typeof text === 'string' ? (JSON.parse(text) as unknown) : null)
