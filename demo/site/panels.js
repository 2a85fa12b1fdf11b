// The two panels of the live view.
import { find, make, say } from './dom.js'
import { toDetail, toLength, toNumber, toPath, toTime } from './words.js'

const latest = 5
/** After this time without a tracker, the view says that it is missing. */
const patienceMs = 3000

const stores = { indexeddb: 'IndexedDB', memory: 'memory only', opening: 'opening …', none: 'nothing' }

const sentences = {
  away: 'The demo’s own server does not answer.',
  silent: 'The collector does not answer. This browser keeps everything.',
  mute: 'The collector does not answer.',
  idle: 'The collector answers. Sign in to see the session here.',
  unheard: 'The collector answers, but does not have this session yet.',
  open: 'The collector has the records of the open session that were sent so far.',
  closed: 'The collector has the closed session.',
}

const missing =
  'The tracker has not loaded, because it is blocked or because the collector that serves it is down. The shop works without it.'

const denied =
  'This browser asks not to be tracked, so nothing is recorded. To see the demo anyway, add data-ignore-privacy-signals="true" to the script tag in demo/layout.html.'

/**
 * Shows what this browser has.
 *
 * @param here what the tracker says; `null` if there is none.
 * @param stored the ids of the events that the collector has named.
 */
export function showHere(here, there, stored) {
  const isMissing = !here && performance.now() > patienceMs
  const isDenied = here?.status.consent === 'denied'
  find('here').hidden = isMissing || isDenied
  find('flush').disabled = !here || isDenied
  tell(find('here-notice'), isMissing ? missing : isDenied ? denied : '')
  if (!here) return
  showCounts(here.status)
  const { session, events } = here
  say(find('who'), session ? session.identityId : 'nobody')
  say(find('session-id'), session ? session.sessionID : 'none')
  say(
    find('running'),
    session ? `${toLength((Date.now() - session.startDate) / 1000)}, since ${toTime(session.startDate)}` : '–',
  )
  say(find('store'), stores[here.status.store])
  say(find('attempts'), toAttempts(here.status))
  // While the collector does not answer, the view cannot know what is stored.
  const isUnsure = !there?.answers && !stored.size
  const toState = ({ eventID }) => (stored.has(eventID) ? 'stored' : isUnsure ? 'kept' : 'owed')
  list(find('here-events'), events.slice(-latest), event => {
    const state = toState(event)
    return [event.eventName, toDetail(event), event.timestamp, state, `is-${state}`]
  })
  const isCut = events.length > latest
  const held = isCut
    ? `The latest ${latest} of ${events.length} events that this browser keeps`
    : 'The events that this browser keeps'
  say(find('here-title-events'), session ? held : 'Sign in to see the events of the session here.')
}

function showCounts({ made, stored, owed, dropped }) {
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  for (const [id, count] of Object.entries({ made, stored, owed, dropped: lost })) say(find(id), count)
  for (const [place, count] of [stored, owed, lost].entries()) find('bar').children[place].style.flexGrow = count
  say(find('live-brief'), `${owed} owed, ${stored} stored`)
}

function toAttempts({ requests, failures, nextAttempt }) {
  if (!failures) return requests
  const wait = Math.max(0, Math.ceil((nextAttempt - Date.now()) / 1000))
  const next = wait === Infinity ? 'no more from this page' : wait ? `next in ${toLength(wait)}` : 'next is due'
  return `${requests}, the last ${failures === 1 ? '' : `${failures} `}failed, ${next}`
}

/** Shows what the collector has. @param there is `null` if the demo's server does not answer. */
export function showThere(here, there, sessionID) {
  const session = there?.session
  const heard = session ? (session.endDate ? 'closed' : 'open') : sessionID ? 'unheard' : 'idle'
  const state = there ? (there.answers ? heard : here ? 'silent' : 'mute') : 'away'
  find('there-state').dataset.state = state
  tell(find('there-state'), sentences[state])
  if (session) showSession(session, there)
  // If the collector no longer answers, the last state of the session stays visible.
  else if (there?.answers || find('there-id').textContent !== sessionID) find('there').hidden = true
}

function showSession({ sessionID, identityId, visitID, startDate, endDate, duration }, { events, pages, hasMore }) {
  find('there').hidden = false
  say(find('there-id'), sessionID)
  say(find('there-who'), identityId)
  say(find('there-start'), toTime(startDate))
  say(find('there-end'), endDate ? toTime(endDate) : 'not yet')
  say(find('there-duration'), endDate ? toLength(duration) : 'still open')
  find('there-end').dataset.value = endDate
  find('there-duration').dataset.value = duration
  say(find('events-title'), toNumber(events.length, 'event', hasMore))
  say(find('pages-title'), toNumber(pages.length, 'page', hasMore))
  list(find('there-events'), events, event => [event.eventName, toDetail(event), event.timestamp])
  list(find('there-pages'), pages, page => [page.title.split(' · ')[0], toPath(page.url), page.startDate, toStay(page)])
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
  const links = asked.map(([textContent, path]) =>
    make(
      'li',
      {},
      make('a', {
        textContent,
        href: `/live/backend/data/${path}`,
        target: '_blank',
        title: `GET /backend/data/${path}`,
      }),
    ),
  )
  find('queries').replaceChildren(...links)
}

/** Shows a list, newest first. It is drawn again only after a change, so that scrolling and focus stay. */
function list(element, items, toCells) {
  const rows = items.map(toCells).reverse()
  const key = rows.join('\n')
  if (element.dataset.key === key) return
  element.dataset.key = key
  element.replaceChildren(...rows.map(toRow))
}

function toRow([name, detail, at, last = '', className = '']) {
  return make(
    'li',
    { className },
    make('b', { textContent: name }),
    make('span', { className: 'detail', textContent: detail, title: detail }),
    make('time', { textContent: toTime(at), dateTime: new Date(at).toISOString() }),
    ...(last ? [make('span', { className: 'last', textContent: last })] : []),
  )
}

function tell(element, sentence) {
  element.hidden = !sentence
  say(element, sentence)
}
