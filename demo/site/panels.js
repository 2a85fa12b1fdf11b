// The panels of the live view.
import { find, make, say } from './dom.js'
import { isDenied, recallCounts } from './here.js'
import { shop } from './kept.js'
import { toDetail, toLength, toNumber, toPath, toTime } from './words.js'

const latest = 30
/** After this time without a tracker, the view says that it is missing. */
const patienceMs = 3000
/** Whether this page has seen who is signed in. Until then, a sign-in may be on its way. */
let hasSeenSession = false

const stores = { indexeddb: 'IndexedDB', memory: 'memory only', opening: 'opening …', none: 'nothing' }

const sentences = {
  away: 'The demo’s own server does not answer.',
  down: 'The collector is not running. This browser keeps everything.',
  silent: 'The collector does not answer.',
  shut: 'The collector lets only its own machine read, so this view cannot show what it has.',
  idle: 'The collector answers. Sign in to see the session here.',
  unheard: 'The collector answers, but does not have this session yet.',
  open: 'The collector has the records of the open session that were sent so far.',
  closed: 'The collector has the closed session.',
}

const missing =
  'The tracker has not loaded, because it is blocked or because the collector that serves it is down. The shop works without it.'

const denied =
  'Consent is denied on this device, so nothing is recorded, and what was owed is deleted. Inspect this page, and grant it there.'

const unwanted =
  'This browser asks not to be tracked, so nothing is recorded. To see the demo anyway, add data-ignore-privacy-signals="true" to the script tag in demo/layout.html.'

/** Whether the browser itself says so, and no visitor. */
function isUnwanted() {
  return navigator.globalPrivacyControl === true || navigator.doNotTrack === '1'
}

/** Shows what is known at once, before the tracker has loaded: what the last page of this browser has seen. */
export function showFirst() {
  showWho(null)
  const counts = recallCounts()
  if (counts) fill(counts)
}

/** Shows who is signed in. @param here what the tracker says; `null` if there is none. */
export function showHere(here) {
  const isMissing = !here && performance.now() > patienceMs
  const isOff = isDenied(here)
  find('flush').disabled = !here || isOff
  tell(find('here-notice'), isMissing ? missing : isOff ? (isUnwanted() ? unwanted : denied) : '')
  showWho(here)
  if (isMissing || isOff)
    say(find('judge'), isOff ? 'Nothing is recorded.' : 'Not counted, because the tracker is missing.')
  if (!here) return
  const { session, status } = here
  const isReady = here.isReady || isOff
  const wait = '…'
  const length = session && toLength((Date.now() - session.startDate) / 1000)
  say(find('session-id'), session ? session.sessionID : isReady ? 'none' : wait)
  say(find('running'), session ? `${length}, since ${toTime(session.startDate)}` : isReady ? '–' : wait)
  say(find('store'), stores[status.store])
  say(find('attempts'), toAttempts(status))
}

/** The shop remembers who is signed in, so it is known before the tracker has read which session is open. */
function showWho(here) {
  const customer = shop.recall('customer', null)
  const identity = here?.session?.identityId
  if (identity) hasSeenSession = true
  if (isDenied(here)) return say(find('who'), 'not recorded')
  const isKnown = here?.isReady && (hasSeenSession || !customer)
  say(find('who'), identity ?? (isKnown ? 'nobody' : (customer?.email ?? (here?.isReady ? 'nobody' : '…'))))
}

/** How many records of this visit the collector has; `null` if it does not answer. */
export function countArrived({ answers, visit, events }) {
  return answers && visit ? new Set(events.map(({ eventID }) => eventID)).size + visit.shared : null
}

/** Shows the tally: made = stored + owed + dropped. */
export function showCounts(here, seen) {
  if (isDenied(here)) return showNothing()
  const visit = here?.isReady && seen?.visit?.isKnown ? seen.visit : null
  find('ledger').setAttribute('aria-busy', String(!visit))
  if (!visit) return
  fill(visit)
  const has = countArrived(seen)
  const { made, owed, tabs } = visit
  const more = seen.hasMore ? ' and more' : ''
  const isAll = has !== null && has >= made
  const sentence =
    has === null
      ? 'The collector does not answer. This browser keeps everything.'
      : `The collector has ${has}${more} of ${made}.`
  find('judge').dataset.state = has === null ? 'silent' : isAll ? 'all' : 'some'
  say(find('judge'), isAll && owed ? `${sentence} This browser has not heard that yet.` : sentence)
  say(find('scope'), `This visit, on all pages${tabs > 1 ? ` of ${tabs} tabs` : ' and tabs'}`)
}

/** Consent is denied: there is nothing to count, which is something else than zero. */
function showNothing() {
  find('ledger').setAttribute('aria-busy', 'false')
  for (const id of ['made', 'stored', 'owed', 'dropped']) say(find(id), '–')
  for (const part of find('bar').children) part.style.flexGrow = 0
  find('judge').dataset.state = 'silent'
  say(find('live-brief'), 'nothing recorded')
}

function fill({ made, stored, owed, dropped }) {
  for (const [id, count] of Object.entries({ made, stored, owed, dropped })) say(find(id), count)
  for (const [place, count] of [stored, owed, dropped].entries()) find('bar').children[place].style.flexGrow = count
  say(find('live-brief'), `${made} made, ${owed} owed`)
}

function toAttempts({ requests, failures, nextAttempt }) {
  if (!failures) return requests
  const wait = Math.max(0, Math.ceil((nextAttempt - Date.now()) / 1000))
  const next = wait === Infinity ? 'no more from this page' : wait ? `next in ${toLength(wait)}` : 'next is due'
  return `${requests}, the last ${failures === 1 ? '' : `${failures} `}failed, ${next}`
}

/** Shows the records of the visit, also those that were made before somebody signed in. */
export function showRecords(here, seen) {
  if (isDenied(here)) return list(find('records'), [])
  if (!here?.isReady || !seen?.visit) return
  const stored = new Set(seen.visit.named)
  const arrived = new Map(seen.events.map(event => [event.eventID, event]))
  const all = new Map([...seen.events, ...here.events].map(event => [event.eventID, event]))
  const events = [...all.values()].sort((a, b) => a.timestamp - b.timestamp || a.seq - b.seq)
  const toState = ({ eventID }) =>
    stored.has(eventID) ? 'stored' : arrived.has(eventID) ? (seen.visit.owed ? 'unheard' : 'stored') : 'owed'
  const rows = events.slice(-latest).map(event => {
    const state = toState(event)
    return [
      event.eventName,
      toDetail(event),
      event.timestamp,
      state,
      `is-${state}${event.sessionID ? '' : ' is-outside'}`,
    ]
  })
  list(find('records'), rows)
  const isCut = events.length > latest
  say(find('records-title'), isCut ? `The latest ${latest} records of this visit` : 'Records of this visit')
}

/** Shows what the collector has. @param seen is `null` if the demo's server does not answer. */
export function showThere(here, seen, sessionID) {
  const session = seen?.session
  const heard = session ? (session.endDate ? 'closed' : 'open') : sessionID ? 'unheard' : 'idle'
  const state = !seen ? 'away' : !seen.collector.runs ? 'down' : seen.answers ? heard : seen.isShut ? 'shut' : 'silent'
  find('there-state').dataset.state = state
  tell(find('there-state'), sentences[state])
  if (session) showSession(session, seen)
  // If the collector no longer answers, the last state of the session stays visible.
  else if (seen?.answers || find('there-id').textContent !== sessionID) find('there').hidden = true
  const link = find('explore-visit')
  if (!link || !here?.status.visitID) return
  link.hidden = false
  link.href = link.href.replace(/visits\/.*/, `visits/${encodeURIComponent(here.status.visitID)}`)
}

function showSession({ sessionID, identityId, visitID, startDate, endDate, duration }, { pages, hasMorePages }) {
  find('there').hidden = false
  say(find('there-id'), sessionID)
  say(find('there-who'), identityId)
  say(find('there-start'), toTime(startDate))
  say(find('there-end'), endDate ? toTime(endDate) : 'not yet')
  say(find('there-duration'), endDate ? toLength(duration) : 'still open')
  find('there-end').dataset.value = endDate
  find('there-duration').dataset.value = duration
  say(find('pages-title'), toNumber(pages.length, 'page', hasMorePages))
  list(
    find('there-pages'),
    pages.map(page => [page.title.split(' · ')[0], toPath(page.url), page.startDate, toStay(page)]),
  )
  showQueries(`sessions/${sessionID}`, `visits/${visitID}`, `identities/${encodeURIComponent(identityId)}`)
}

function toStay({ startDate, endDate }) {
  return endDate ? toLength((endDate - startDate) / 1000) : 'open'
}

function showQueries(session, visit, identity) {
  const asked = [
    ['The session', session],
    ['Its events', `${session}/events`],
    ['Its pages', `${session}/pages`],
    ['The sessions of this visit', `${visit}/sessions`],
    ['The visits of this identity', `${identity}/visits`],
  ]
  const key = asked.join()
  if (find('queries').dataset.key === key) return
  find('queries').dataset.key = key
  const links = asked.map(([textContent, path]) => {
    const title = `GET /backend/data/${path}`
    return make('li', {}, make('a', { textContent, href: `/live/backend/data/${path}`, target: '_blank', title }))
  })
  find('queries').replaceChildren(...links)
}

/** Shows a list, newest first. It is drawn again only after a change, so that scrolling and focus stay. */
function list(element, rows) {
  const key = rows.join('\n')
  if (element.dataset.key === key) return
  element.dataset.key = key
  element.replaceChildren(...rows.toReversed().map(toRow))
}

function toRow([name, detail, at, last = '', className = '']) {
  return make(
    'li',
    { className },
    make('b', { textContent: name }),
    make('span', { className: 'detail', textContent: detail, title: detail }),
    make('time', { textContent: toTime(at), dateTime: new Date(at).toISOString() }),
    ...(last ? [make('span', { className: 'last', textContent: last === 'unheard' ? 'arrived' : last })] : []),
  )
}

function tell(element, sentence) {
  element.hidden = !sentence
  say(element, sentence)
}
