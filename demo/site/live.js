// The live view shows what this browser keeps beside what the collector has. It only reads, and the shop works without it.
import { find, say } from './dom.js'
import { view } from './kept.js'
import { showHere, showThere } from './panels.js'
import { toNumber } from './words.js'

const everyMs = 1000
/** The session that is shown, and the ids of its events that the collector has. They are kept while the collector is down. */
let looked = view.recall('looked', { sessionID: '', stored: [] })
let round = 0
let timer = 0

find('flush').addEventListener('click', () => void flush())
find('live-handle').addEventListener('click', () => unfold(find('live').dataset.open === undefined))
document.addEventListener('visibilitychange', () => void look())
addEventListener('pageshow', () => void look())
unfold(view.recall('open', false))
void look()

/** Asks the tracker and the collector once, and again a second later, while the page is visible. */
async function look() {
  clearTimeout(timer)
  const mine = ++round
  if (document.visibilityState === 'hidden') return
  const here = await lookHere()
  const sessionID = here?.session?.sessionID ?? looked.sessionID
  const there = await lookThere(sessionID)
  // A later call has begun meanwhile, and will show its own result.
  if (mine !== round) return
  keep(sessionID, there)
  showHere(here, there, new Set(looked.stored))
  showThere(here, there, sessionID)
  timer = setTimeout(look, here ? everyMs : everyMs / 5)
}

/** Asks the tracker. `null`: there is none, because it is blocked or has not loaded yet. */
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

/** Asks the collector. `null`: the demo's server does not answer. */
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

/** Remembers, for the next pages of this tab, which session is shown and which of its events the collector has. */
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

/** Opens or closes the live view, which is a drawer on a small screen. */
function unfold(isOpen) {
  find('live').toggleAttribute('data-open', isOpen)
  find('live-handle').setAttribute('aria-expanded', isOpen)
  view.remember('open', isOpen)
}
