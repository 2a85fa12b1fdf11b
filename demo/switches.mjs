// The switches of the live view: what they really do.
import { beginTry, endTry } from './ledger.mjs'

const answersToLose = 3

/**
 * Turns a switch.
 *
 * @param told `visitID` and `on`.
 * @returns whether there is such a switch.
 * @throws Error if the collector does not start again.
 */
export async function turn(name, { visitID, on }, ledger, collector) {
  const at = Date.now()
  const visit = typeof visitID === 'string' && visitID ? ledger.visitOf(visitID) : null
  if (name === 'collector') {
    if (on) await collector.start()
    else for (const one of ledger.all()) beginTry(one, name, at)
    if (on) for (const one of ledger.all()) endTry(one, name, Date.now())
    else await collector.kill()
    return true
  }
  if (!visit) return false
  if (name === 'offline') {
    visit.isOffline = Boolean(on)
    if (on) beginTry(visit, name, at)
    else endTry(visit, name, at)
  } else if (name === 'answers') {
    visit.answersToLose = on ? answersToLose : 0
    if (on)
      beginTry(visit, name, at, { again: visit.again, lostAnswers: visit.lostAnswers, unheard: visit.unheard.size })
    else endTry(visit, name, at)
  } else if (/^(crash|hang|kill|tab)$/.test(name)) beginTry(visit, name, at)
  else return false
  return true
}

/**
 * Says why a request may not turn a switch; empty if it may. Only a page of the demo itself may, and only if nobody has
 * forwarded it from another machine, because it may end a process.
 */
export function whyNotTurn({ headers }) {
  const { host = '', 'sec-fetch-site': from = 'same-origin', 'content-type': type } = headers
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host)
  const isForwarded = Object.keys(headers).some(name => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name))
  if (!isHere || isForwarded) return 'The switches work only on the machine of the demo.'
  if (from !== 'same-origin' || type !== 'application/json') return 'Only a page of the demo turns a switch.'
  return ''
}
