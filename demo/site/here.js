// What this browser knows: the tracker of this page, and the demo's own ledger of all pages and tabs of the visit.
import { view } from './kept.js'

/** This page load. */
const load = Math.random().toString(36).slice(2)
const channel = new BroadcastChannel('harbour-lane.tabs')
const answerMs = 250
/** A visit ends after 30 minutes without activity. */
const rememberMs = 30 * 60_000

/** The writer of this page load, as its records name it; empty if it is not known. */
let writer = ''
/** The tabs that have the shop open; `null` until they were asked. */
let tabs = null
/** What `observe` has told last. */
let records = []
let observed = null
let visitID = ''

channel.addEventListener('message', ({ data }) => {
  if (data?.isAsked) channel.postMessage({ load })
  if (data?.load && tabs && !tabs.includes(data.load)) tabs.push(data.load)
})

/** Asks which tabs of this browser have the shop open. @returns whether it has changed. */
export async function callTabs() {
  const before = tabs?.length
  tabs = [load]
  channel.postMessage({ load, isAsked: true })
  await new Promise(resolve => setTimeout(resolve, answerMs))
  return tabs.length !== before
}

/** The counts that the last page of this browser has seen, if its visit may still be open. */
export function recallCounts() {
  const { counts, at } = recallLedger()
  return counts && Date.now() - at < rememberMs ? counts : null
}

export function rememberCounts(counts) {
  view.remember('ledger', { ...recallLedger(), counts, at: Date.now() })
}

/** Whether the visitor or the browser has denied consent. The tracker has then deleted all that this browser kept. */
export function isDenied(here) {
  return here?.status.consent === 'denied'
}

/** Forgets the visit, because nothing of it is kept any more. */
export function forgetVisit() {
  visitID = ''
  writer = ''
  view.remember('ledger', { visitID: '', made: {}, counts: null, at: 0 })
}

/**
 * Asks the tracker.
 *
 * @returns `null` if there is none, because it is blocked or has not loaded yet. `isReady` says whether it knows already
 * which visit and session are open.
 */
export async function askTracker() {
  const { sojourn } = window
  if (typeof sojourn?.status !== 'function') return null
  const before = sojourn.status()
  const isReady = before.store !== 'opening' && Boolean(before.visitID)
  if (!isReady) return { status: before, isReady, session: undefined, events: [] }
  try {
    const [session, events] = await Promise.all([sojourn.session(), readEvents(sojourn, before.visitID)])
    const status = sojourn.status()
    visitID = before.visitID
    count(events, before.made === status.made ? status.made : -1)
    return { status, isReady, session, events }
  } catch (error) {
    console.warn('The live view could not ask the tracker.', error)
    return { status: sojourn.status(), isReady: false, session: undefined, events: [] }
  }
}

/** What this page tells the demo's server of itself and of all pages that it knows of. */
export function tell() {
  return { visitID, load, writer, made: recallLedger().made, alive: tabs }
}

/** Says goodbye as the page leaves or freezes. The tracker has then recorded that the page was left. */
export function sayGoodbye() {
  if (!visitID) return
  navigator.sendBeacon('/live/goodbye', new Blob([JSON.stringify(tell())], { type: 'application/json' }))
}

/** All records of the visit that this browser may show: also those that were made before somebody signed in. */
async function readEvents(sojourn, visit) {
  observed ??= observe(sojourn)
  await observed
  return records.flatMap(({ event }) => (event?.visitID === visit ? [event] : []))
}

/** Listens for the records of all tabs. @returns settles when it was told of them once. */
function observe(sojourn) {
  return new Promise(resolve => {
    sojourn.observe('records', all => {
      records = all
      resolve()
    })
  })
}

/**
 * Counts the records of each writer (a page load): the number of its newest one.
 *
 * @param made `status().made`; -1 if it has changed meanwhile.
 */
function count(events, made) {
  const newest = {}
  for (const event of events) newest[event.writer] = Math.max(newest[event.writer] ?? 0, event.seq)
  raise(newest)
  if (writer) return
  // The id of a writer begins with the time at which it was made. A page that has made nothing but its own records has as
  // many as its newest one says.
  const isOwn = ([id, seq]) => seq === made && parseInt(id.slice(0, 9), 36) >= performance.timeOrigin - 1000
  const found = Object.entries(newest).filter(isOwn)
  if (found.length === 1) writer = found[0][0]
}

function raise(newest) {
  const ledger = recallLedger()
  for (const [id, seq] of Object.entries(newest)) ledger.made[id] = Math.max(ledger.made[id] ?? 0, seq)
  view.remember('ledger', ledger)
}

/** The ledger of this visit. That of an earlier visit begins anew. */
function recallLedger() {
  const kept = view.recall('ledger', { visitID: '', made: {}, counts: null, at: 0 })
  return visitID && kept.visitID !== visitID ? { visitID, made: {}, counts: null, at: 0 } : kept
}
