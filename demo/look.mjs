// What the live view is told: the counts of the ledger, what the collector has, and what was tried.
import { countGone, countVisit, noteArrivals, raise } from './ledger.mjs'

/** Events of one visit that are read from the collector, 1000 at a time. */
const maxReads = 5

/**
 * Answers what a page asks every second, and takes what it tells of itself.
 *
 * @param ask asks the collector in the name of the visitor, see `askFor`.
 * @param told `visitID`, `sessionID`, `load` (a page load), its `writer`, `made` (records by writer, as far as this browser
 * knows), and `alive` (the page loads that answer this one; `null` if it has not asked yet).
 */
export async function look(ask, told, ledger, collector) {
  const { visitID, sessionID, load, writer, made = {}, alive = null } = told
  const { address, state } = collector
  const seen = { collector: { ...state, address }, answers: true, visit: null, session: null, events: [], pages: [] }
  const isAsked = typeof visitID === 'string' && visitID !== ''
  const visit = isAsked ? ledger.visitOf(visitID) : null
  if (visit) {
    for (const [one, count] of Object.entries(made)) raise(visit.made, one, count)
    if (load) visit.tabs.set(load, { seenAt: Date.now(), writer, hasLeft: false })
    for (const one of alive ?? []) if (visit.tabs.has(one)) visit.tabs.get(one).seenAt = Date.now()
  }
  try {
    if (!isAsked) await ask('/healthz')
    else Object.assign(seen, await readCollector(ask, visitID, sessionID))
  } catch (error) {
    seen.answers = false
    // It answers, but not to this visitor.
    seen.isShut = error.status === 401 || error.status === 403
  }
  if (!visit) return seen
  if (seen.answers && !visit.isKnown) learn(visit, seen.events)
  const { again, lostAnswers, unheard, isOffline, answersToLose, isKnown, named, arrived } = visit
  // Records of which the collector has heard under an id that another tab has used too.
  const shared = arrived.size - new Set([...arrived].map(toID)).size
  const has = seen.hasMore ? named.size : seen.events.length + shared
  if (seen.answers) noteArrivals(visit, has, Date.now())
  seen.visit = {
    ...countVisit(visit),
    isKnown,
    again,
    lostAnswers,
    isOffline,
    answersToLose,
    unheard: unheard.size,
    shared,
    named: [...named].slice(-200).map(toID),
    tabs: alive?.length ?? 0,
    gone: alive && countGone(visit, alive, Date.now()),
    tried: Object.fromEntries(visit.tried),
  }
  return seen
}

/** Notes that a page says goodbye, with the counts that it leaves. */
export function hearGoodbye({ visitID, load, writer, made = {} }, ledger) {
  if (typeof visitID !== 'string' || !visitID) return
  const visit = ledger.visitOf(visitID)
  for (const [one, count] of Object.entries(made)) raise(visit.made, one, count)
  visit.tabs.set(load, { seenAt: Date.now(), writer, hasLeft: true })
}

/** What the collector has had of a visit before this demo was started. */
function learn(visit, events) {
  visit.isKnown = true
  for (const { eventID, writer, seq } of events) {
    raise(visit.made, writer, seq)
    visit.arrived.add(`${writer} ${eventID}`)
    visit.named.add(`${writer} ${eventID}`)
  }
}

async function readCollector(ask, visitID, sessionID) {
  const ofVisit = `/v1/visits/${encodeURIComponent(visitID)}`
  const ofSession = sessionID ? `/v1/sessions/${encodeURIComponent(sessionID)}` : ''
  const [{ items: events, hasMore }, session, pages] = await Promise.all([
    readAll(ask, `${ofVisit}/events`),
    ofSession ? readOne(ask, ofSession) : null,
    ofSession ? readAll(ask, `${ofSession}/pages`, 1) : { items: [] },
  ])
  return { session, events, hasMore, pages: pages.items, hasMorePages: Boolean(pages.hasMore) }
}

async function readOne(ask, path) {
  const { status, text } = await ask(path)
  if (status === 200) return JSON.parse(text)
  if (status === 404) return null
  throw Object.assign(new Error(`The collector has answered ${status}.`), { status })
}

async function readAll(ask, path, reads = maxReads) {
  const items = []
  let next = null
  for (let read = 0; read < reads; read++) {
    const answer = await readOne(ask, next ? `${path}?paging_next=${encodeURIComponent(next)}` : path)
    items.push(...(answer?.items ?? []))
    next = answer?.next ?? null
    if (!next) break
  }
  return { items, hasMore: Boolean(next) }
}

function toID(record) {
  return record.slice(record.indexOf(' ') + 1)
}
