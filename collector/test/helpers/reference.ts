import { isbot } from 'isbot'
import { isEnd, toEndReason } from 'sojourn/record'
import type { Arrival } from '../../src/store/store.js'
import type { State } from '../contracts/implementation.js'

type Value = string | number | null
type Item = Record<string, Value>

/**
 * Makes the expected state as `docs/protocol.md` defines it: everything that is claimed of one thing is collected, and then
 * each column is decided. It uses nothing of the stores.
 */
export function toReference(arrivals: readonly Arrival[]): State {
  const claims: Record<keyof State, Item[]> = {
    visits: [],
    sessions: [],
    pages: [],
    session_pages: [],
    events: [],
    writers: [],
    refused: [],
    identities: [],
    traits: [],
  }
  for (const arrival of arrivals) collect(arrival, claims)
  const most = (...names: string[]) =>
    names.map(name => [name, (all: Item[]) => Math.max(...all.map(one => Number(one[name])))] as const)
  const least = (...names: string[]) =>
    names.map(name => [name, (all: Item[]) => Math.min(...all.map(one => Number(one[name])))] as const)
  // Starts of the same moment count as the earliest of them.
  const starts = (...names: string[]) => [
    [
      'startDate',
      (all: Item[]) => {
        const told = Number(sorted(all, names)[0]?.toldStart)
        const earliest = Math.min(...all.map(one => Number(one.leastStart)))
        return told - earliest <= 2000 ? earliest : told
      },
    ] as const,
  ]
  const first = (...names: string[]) =>
    names.map(name => [name, (all: Item[]) => sorted(all, names)[0]?.[name] ?? null] as const)
  const last = (...names: string[]) =>
    names.map(name => [name, (all: Item[]) => sorted(all, names).at(-1)?.[name] ?? null] as const)
  return {
    visits: decide(
      claims.visits,
      ['site', 'visitID'],
      [
        ...first(
          'bare',
          'receivedAt',
          'globalVisitID',
          'languageCode',
          'userAgent',
          'idleLimitMs',
          'automated',
          'toldStart',
          'skew',
        ),
        ...most('lastActivity', 'lead'),
        ...least('leastStart'),
        ...starts(
          'bare',
          'receivedAt',
          'globalVisitID',
          'languageCode',
          'userAgent',
          'idleLimitMs',
          'automated',
          'toldStart',
        ),
        ...first('longVisitID'),
      ],
    ),
    sessions: decide(
      claims.sessions,
      ['site', 'visitID', 'sessionID'],
      [
        ...first('receivedAt', 'identityId', 'longIdentityId', 'toldStart'),
        ...most('endDate', 'lastActivity', 'lastEventAt', 'lead'),
        ...last('endReasonAt', 'endReason'),
        ...least('leastStart'),
        ...starts('receivedAt', 'identityId', 'longIdentityId', 'toldStart'),
        ...first('longSessionID'),
      ],
    ),
    pages: decide(
      claims.pages,
      ['site', 'visitID', 'pageID'],
      [
        ...first('receivedAt', 'sessionID', 'url', 'title', 'referrer', 'category', 'startDate'),
        ...most('endDate', 'lastActivity', 'lead'),
        ...last('viewedAt', 'viewLead', 'viewUrl', 'viewTitle'),
      ],
    ),
    session_pages: decide(claims.session_pages, ['site', 'visitID', 'sessionID', 'pageID'], []),
    events: decide(
      claims.events,
      ['site', 'visitID', 'eventID'],
      [
        ...first(
          'serverTimestamp',
          'writer',
          'seq',
          'eventName',
          'category',
          'url',
          'pageID',
          'sessionID',
          'data',
          'activity',
          'eventType',
          'timestamp',
        ),
      ],
    ),
    writers: decide(claims.writers, ['site', 'visitID', 'writer'], most('written', 'dropped')),
    refused: decide(claims.refused, ['site', 'visitID', 'eventID', 'code'], []),
    identities: decide(
      claims.identities,
      ['site', 'identityId'],
      first('receivedAt', 'startDate', 'sessionID', 'longIdentityId'),
    ),
    traits: decide(claims.traits, ['site', 'identityId', 'trait', 'sourceID'], first('receivedAt', 'at', 'value')),
  }
}

function collect({ site, receivedAt, batch }: Arrival, claims: Record<keyof State, Item[]>): void {
  const skew = batch.sentAt === null ? null : receivedAt - batch.sentAt
  const toOurs = (time: number): number => {
    if (time + (skew ?? 0) > receivedAt + 300_000) return 0
    // A small skew may be latency.
    return Math.max(0, Math.abs(skew ?? 0) > 300_000 ? time + (skew ?? 0) : time)
  }
  for (const {
    visitID,
    startDate,
    globalVisitID,
    languageCode,
    userAgent,
    idleLimitMs = null,
    automated,
  } of batch.visits) {
    const bare = globalVisitID + languageCode + userAgent === '' ? 1 : 0
    const facts = {
      globalVisitID,
      languageCode,
      userAgent,
      idleLimitMs,
      automated: automated ? 1 : isbot(userAgent) ? 2 : 0,
      skew,
    }
    const said = [
      { lastActivity: startDate, lead: startDate - receivedAt },
      ...batch.facts
        .filter(one => one.visit.visitID === visitID)
        .map(({ event }) => ({
          lastActivity: event.activity === false ? startDate : event.timestamp,
          lead: event.timestamp - receivedAt,
        })),
    ]
    for (const one of said)
      claims.visits.push({
        site,
        visitID,
        bare,
        receivedAt,
        toldStart: startDate,
        leastStart: startDate,
        ...facts,
        ...one,
        longVisitID: null,
      })
  }
  for (const { sessionID, identityId, visitID, startDate, endDate, lastActivity } of batch.sessions) {
    const born = {
      site,
      visitID,
      sessionID,
      receivedAt,
      toldStart: startDate,
      leastStart: startDate,
      identityId,
      longIdentityId: null,
      longSessionID: null,
    }
    const untold = { endReasonAt: 0, endReason: '' }
    const lead = Math.max(startDate, endDate) - receivedAt
    claims.sessions.push({ ...born, endDate, lastActivity, lastEventAt: 0, lead, ...untold })
    claims.identities.push({ site, identityId, receivedAt, startDate, sessionID, longIdentityId: null })
    const userAgent = batch.visits.filter(one => one.visitID === visitID).at(-1)?.userAgent ?? ''
    const trait = { site, identityId, trait: 'userAgent', sourceID: visitID, receivedAt, at: toOurs(startDate) }
    if (userAgent) claims.traits.push({ ...trait, value: userAgent.slice(0, 256) })
  }
  for (const { page, visitID } of batch.pages) {
    const { pageID, sessionID, url, title, referrer, category, startDate, viewedAt = 0 } = page
    const facts = { pageID, receivedAt, startDate, sessionID, url, title, referrer, category }
    const seenAt = viewedAt > 0 ? toOurs(viewedAt) : 0
    const view = seenAt
      ? { viewedAt: seenAt, viewLead: viewedAt - seenAt, viewUrl: url, viewTitle: title }
      : { viewedAt: 0, viewLead: 0, viewUrl: '', viewTitle: '' }
    claims.pages.push({
      site,
      visitID,
      ...facts,
      endDate: 0,
      lastActivity: startDate,
      lead: startDate - receivedAt,
      ...view,
    })
  }
  for (const { event, session, page } of batch.facts) {
    const { visitID, eventID, timestamp, writer, seq, eventName, category, url, pageID, sessionID, eventType } = event
    const isActivity = event.activity !== false
    const lead = timestamp - receivedAt
    const data = event.data && JSON.stringify(event.data)
    claims.events.push({
      site,
      visitID,
      eventID,
      serverTimestamp: receivedAt,
      timestamp,
      writer,
      seq,
      eventName,
      category,
      url,
      pageID,
      sessionID,
      data,
      activity: isActivity ? 1 : 0,
      eventType,
    })
    if (session) {
      // What an event says of its session counts beside what the batch says of it, so its facts are those of the batch.
      const said = claims.sessions.findLast(
        one =>
          one.site === site && one.visitID === visitID && one.sessionID === sessionID && one.receivedAt === receivedAt,
      )
      claims.sessions.push({
        ...(said as Item),
        endDate: isEnd(eventName) ? Math.max(session.startDate, timestamp) : 0,
        lastActivity: isActivity ? timestamp : session.startDate,
        lastEventAt: timestamp,
        lead,
        endReasonAt: isEnd(eventName) ? timestamp : 0,
        endReason: toEndReason(event),
      })
      if (pageID !== null && page?.sessionID !== sessionID)
        claims.session_pages.push({ site, visitID, sessionID: session.sessionID, pageID })
      if (eventName === 'SignIn' || eventName === 'UserInfo')
        for (const trait of ['name', 'location']) {
          const value = (event.data ?? {})[trait]
          const told = {
            site,
            identityId: session.identityId,
            trait,
            sourceID: eventID,
            receivedAt,
            at: toOurs(timestamp),
          }
          if (typeof value === 'string' && value) claims.traits.push({ ...told, value: value.slice(0, 256) })
        }
    }
    if (page) {
      const said = claims.pages.findLast(
        one => one.site === site && one.visitID === visitID && one.pageID === pageID && one.receivedAt === receivedAt,
      )
      claims.pages.push({
        ...(said as Item),
        endDate: eventName === 'PageExited' ? timestamp : 0,
        lastActivity: isActivity ? timestamp : page.startDate,
        lead,
      })
    }
  }
  for (const { visitID, writer, written, dropped } of batch.counts)
    claims.writers.push({ site, visitID, writer, written, dropped })
  for (const { visitID, eventID, code } of batch.refused)
    if (eventID && visitID !== null) claims.refused.push({ site, visitID, eventID, code })
}

function decide(
  claims: readonly Item[],
  keys: readonly string[],
  columns: readonly (readonly [name: string, of: (all: Item[]) => Value])[],
): Item[] {
  const all = Map.groupBy(claims, one => JSON.stringify(keys.map(key => one[key])))
  return [...all.values()].map(some => ({
    ...Object.fromEntries(keys.map(key => [key, some[0]?.[key] ?? null])),
    ...Object.fromEntries(columns.map(([name, of]) => [name, of(some)])),
  }))
}

function sorted(items: readonly Item[], names: readonly string[]): Item[] {
  return [...items].sort((a, b) => {
    for (const name of names) {
      const [ours, theirs] = [a[name] ?? null, b[name] ?? null]
      if (ours === theirs) continue
      if (ours === null || theirs === null) return ours === null ? -1 : 1
      if (typeof ours === 'string') return Buffer.compare(Buffer.from(ours), Buffer.from(String(theirs)))
      return ours - Number(theirs)
    }
    return 0
  })
}
