// The live view: what this browser keeps, what the collector has, and switches that try to lose something. The shop works
// without it.
import { find, say } from './dom.js'
import { askTracker, callTabs, forgetVisit, isDenied, rememberCounts, sayGoodbye, tell } from './here.js'
import { tab } from './kept.js'
import { showCounts, showFirst, showHere, showRecords, showThere } from './panels.js'
import { connectSwitches, showSwitches } from './switches.js'
import { toNumber } from './words.js'

const everyMs = 1000
/** How soon after an act the view looks again. */
const soonMs = 150
/** The tabs are called again after so many looks. */
const callEvery = 5

/** The session that is shown. It stays in view after the sign-out. */
let sessionID = tab.recall('session', '')
let round = 0
let timer = 0
let isListening = false

find('flush').addEventListener('click', () => void flush())
find('live-handle').addEventListener('click', () => unfold(find('live').dataset.open === undefined))
for (const dare of document.querySelectorAll('.dares a')) dare.addEventListener('click', goTo)
document.addEventListener('visibilitychange', () => void look())
for (const act of ['click', 'submit', 'popstate']) addEventListener(act, () => setTimeout(look, soonMs))
addEventListener('pageshow', ({ persisted }) => persisted && void look())
connectSwitches(() => void look())
// The inspector has no room beside the open drawer of a phone.
find('inspect')?.addEventListener('click', () => unfold(false))
unfold(tab.recall('open', false))
showFirst()
void look()

/** Asks the tracker and the demo's server once, and again a second later, while the page is visible. */
async function look() {
  clearTimeout(timer)
  const mine = ++round
  if (document.visibilityState === 'hidden') return
  const here = await askTracker()
  listen(here)
  if (isDenied(here)) forgetVisit()
  sessionID = here?.session?.sessionID ?? sessionID
  const seen = await askServer()
  // A later call has begun meanwhile, and will show its own result.
  if (mine !== round) return
  tab.remember('session', sessionID)
  if (here?.isReady && seen?.visit?.isKnown) rememberCounts(seen.visit)
  showHere(here)
  showCounts(here, seen)
  showRecords(here, seen)
  showThere(here, seen, sessionID)
  showSwitches(isDenied(here) && seen ? { ...seen, visit: null } : seen)
  timer = setTimeout(look, here?.isReady ? everyMs : everyMs / 5)
  if (mine % callEvery === 1 && (await callTabs())) void look()
}

/** Listens for the end of the page, after the tracker does: so its last records are counted too. */
function listen(here) {
  if (isListening || !here?.isReady) return
  isListening = true
  addEventListener('pagehide', sayGoodbye)
  document.addEventListener('freeze', sayGoodbye)
}

/** Asks the demo's server. `null`: it does not answer. */
async function askServer() {
  try {
    const answer = await fetch('/live/look', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...tell(), sessionID }),
      signal: AbortSignal.timeout(4000),
    })
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
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
  tab.remember('open', isOpen)
}

/** Goes to a switch. The address stays, because another address would be another page. */
function goTo(event) {
  event.preventDefault()
  const row = find(event.currentTarget.hash.slice(1))
  unfold(true)
  row.scrollIntoView({ block: 'center' })
  row.querySelector('button').focus({ preventScroll: true })
}
