// The switches of the live view. What they do happens at the demo's server, except what only a page can do.
import { find, say } from './dom.js'
import { tell } from './here.js'
import { toOutcome } from './outcomes.js'
import { countArrived } from './panels.js'

const burst = 20
let latest = null

/** @param onTurn is called after a switch was turned. */
export function connectSwitches(onTurn) {
  say(find('kill-command'), toKillCommand())
  find('crash-hint').hidden = !/Chrome\//.test(navigator.userAgent)
  for (const button of document.querySelectorAll('[data-switch]'))
    button.addEventListener('click', () => void turn(button, onTurn))
  for (const button of document.querySelectorAll('[data-copy]'))
    button.addEventListener('click', () => void copy(button, find(button.dataset.copy)))
  find('inspect')?.addEventListener('click', () => void inspect())
}

/** Shows where each switch stands, and what has happened. @param seen `null` if the demo's server does not answer. */
export function showSwitches(seen) {
  latest = seen
  const { visit = null, collector = null } = seen ?? {}
  for (const button of document.querySelectorAll('button[data-switch]'))
    button.disabled = !visit && button.dataset.switch !== 'collector'
  if (!seen) return
  name('collector', collector.runs ? 'Stop it' : 'Start it again', !collector.runs)
  name('offline', visit?.isOffline ? 'Go online' : 'Go offline', visit?.isOffline)
  const left = visit?.answersToLose
  name('answers', left ? `${left} to lose: stop` : 'Lose 3 answers', left > 0)
  for (const place of document.querySelectorAll('[data-did]')) {
    const { mood, text } = toOutcome(place.dataset.did, seen, countArrived(seen), Date.now())
    place.dataset.mood = mood
    say(place, text)
  }
}

function name(which, text, isOn) {
  const button = document.querySelector(`[data-switch="${which}"]`)
  say(button, text)
  button.toggleAttribute('data-on', Boolean(isOn))
}

async function turn(button, onTurn) {
  const which = button.dataset.switch
  const on = which === 'collector' ? !latest?.collector.runs : !button.hasAttribute('data-on')
  const isSwitch = /^(collector|offline|answers)$/.test(which)
  if (isSwitch) button.disabled = true
  if (which === 'hang')
    for (let made = 1; made <= burst; made++) window.sojourn('track', 'Burst', { name: `${made} of ${burst}` })
  const why = await post(which, on)
  find('turned').hidden = !why
  say(find('turned'), why)
  button.disabled = false
  // A tracker tries again by itself, later and later. The view asks at once, as a browser does that is online again.
  if ((which === 'collector' && on) || (which === 'offline' && !on) || (which === 'answers' && on))
    void window.sojourn.flush?.()
  onTurn()
  if (which === 'hang' && !why) setTimeout(hang, 500)
}

/** @returns why it was not turned; empty if it was. */
async function post(which, on) {
  try {
    const answer = await fetch(`/switch/${which}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ visitID: tell().visitID, on }),
    })
    return answer.ok ? '' : await answer.text()
  } catch {
    return 'The demo’s own server does not answer.'
  }
}

/** Loops for ever, as a bad script would. Only who closes the tab ends it. */
function hang() {
  document.title = 'This tab hangs. Close it.'
  // The title is painted before.
  requestAnimationFrame(() =>
    setTimeout(() => {
      console.info('This tab hangs from now on. Close it.')
      for (;;);
    }, 50),
  )
}

async function copy(button, source) {
  const before = button.textContent
  try {
    await navigator.clipboard.writeText(source.textContent)
    say(button, 'Copied')
  } catch {
    // The clipboard is not allowed here. What is selected can be copied by hand.
    getSelection().selectAllChildren(source)
    say(button, 'Selected')
  }
  setTimeout(() => say(button, before), 2000)
}

/** The command that ends this browser, on this platform. */
function toKillCommand() {
  const { userAgent } = navigator
  const isWindows = /Windows/.test(userAgent)
  const isMac = /Mac OS X/.test(userAgent)
  if (/Android|iPhone|iPad/.test(userAgent)) return 'Swipe the browser away in the list of running apps.'
  const brands = (navigator.userAgentData?.brands ?? []).map(({ brand }) => brand).join()
  const [win, mac, linux] = /Firefox\//.test(userAgent)
    ? ['firefox', 'firefox', 'firefox']
    : /Edg\//.test(userAgent)
      ? ['msedge', 'Microsoft Edge', 'msedge']
      : !/Chrome\//.test(userAgent)
        ? ['safari', 'Safari', 'epiphany']
        : brands && !/Google Chrome/.test(brands)
          ? ['chrome', 'Chromium', 'chromium']
          : ['chrome', 'Google Chrome', 'chrome']
  if (isWindows) return `taskkill /F /T /IM ${win}.exe`
  return isMac ? `pkill -KILL -x "${mac}"` : `pkill -KILL -x ${linux}`
}

/** Shows the tracker's inspector on this page. It is loaded only now, and opens itself; once closed, it is made anew. */
async function inspect() {
  await import('/collector/inspector.js')
  const inspector = document.querySelector('sojourn-inspector') ?? document.createElement('sojourn-inspector')
  // The live view stays in sight: it is at the right, or a drawer at the bottom.
  inspector.setAttribute('corner', matchMedia('(max-width: 61.99rem)').matches ? '2' : '1')
  if (!inspector.isConnected) document.body.append(inspector)
}
