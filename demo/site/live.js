// The live view: what this browser keeps, beside what the collector has. It only asks; the shop does not know of it.
import { find, say } from './dom.js'
import { view } from './kept.js'
import { showHere, showThere } from './panels.js'
import { toNumber } from './words.js'

const everyMs = 1000
/** The session that is looked at, and its events that the collector has named: what it once had, it has. */
let looked = view.recall('looked', { sessionID: '', stored: [] })
let round = 0
let timer = 0

find('flush').addEventListener('click', () => void flush())
find('live-handle').addEventListener('click', () => unfold(find('live').dataset.open === undefined))
document.addEventListener('visibilitychange', () => void look())
addEventListener('pageshow', () => void look())
unfold(view.recall('open', false))
void look()

/** One look at both ends, and the next a second after it, for as long as the page can be seen. */
async function look() {
  clearTimeout(timer)
  const mine = ++round
  if (document.visibilityState === 'hidden') return
  const here = await lookHere()
  const sessionID = here?.session?.sessionID ?? looked.sessionID
  const there = await lookThere(sessionID)
  // Somebody has looked again since.
  if (mine !== round) return
  keep(sessionID, there)
  showHere(here, there, new Set(looked.stored))
  showThere(here, there, sessionID)
  timer = setTimeout(look, here ? everyMs : everyMs / 5)
}

/** What the tracker says; `null` if there is none: not loaded yet, or blocked. */
async function lookHere() {
  const { sojourn } = window
  if (typeof sojourn?.status !== 'function') return null
  try {
    const session = await sojourn.session()
    const events = session ? await sojourn.events(session.sessionID) : []
    return { status: sojourn.status(), session, events }
  } catch (error) {
    console.warn('The live view could not ask the tracker.', error)
    return { status: sojourn.status(), session: undefined, events: [] }
  }
}

/** What the collector has; `null` if not even the site answers. */
async function lookThere(sessionID) {
  try {
    const answer = await fetch(`/live/session?id=${encodeURIComponent(sessionID)}`, {
      signal: AbortSignal.timeout(4000),
    })
    return await answer.json()
  } catch {
    return null
  }
}

/** Remembers which session is looked at, over the pages of this tab, and what of it the collector has named. */
function keep(sessionID, there) {
  const stored = there?.session ? there.events.map(event => event.eventID) : []
  looked = { sessionID, stored: stored.length || sessionID !== looked.sessionID ? stored : looked.stored }
  view.remember('looked', looked)
}

async function flush() {
  const { stored, owed } = await window.sojourn.flush()
  say(
    find('flushed'),
    stored || owed ? `${toNumber(stored, 'record')} stored, ${owed} still owed.` : 'Nothing was owed.',
  )
  await look()
}

/** On a small screen the live view is a drawer. */
function unfold(isOpen) {
  find('live').toggleAttribute('data-open', isOpen)
  find('live-handle').setAttribute('aria-expanded', isOpen)
  view.remember('open', isOpen)
}
