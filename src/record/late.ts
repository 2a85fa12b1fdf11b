import type { Call } from './call.js'
import type { OpenState } from './open-state.js'
import type { Writer } from './writer.js'

/**
 * Makes the records of calls whose page was gone before it knew the open state (which visit and session are open). The
 * records keep the times and ids of the calls. A sign-in or sign-out among the calls changes the open state only if the
 * open state is not newer.
 *
 * @param calls the calls of one page load, in call order.
 * @param writer a new writer that nobody else uses, with the idle limit of the page.
 * @param state the open state of the origin.
 * @returns the open state of the origin after the calls.
 */
export function bindLate(calls: readonly Call[], writer: Writer, state: OpenState): OpenState {
  const first = calls[0]
  if (!first) return state
  const { visit, session, rev } = state
  writer.adopt({ ...state, active: first.at })
  // The calls are not part of a visit that began long after them, or of a session that began after them.
  const isApart = !visit || writer.isExpired(visit.startDate)
  const isBefore = isApart || (session !== null && session.startDate > first.at)
  if (isBefore) writer.adopt({ ...state, rev: rev + 1, visit: isApart ? null : visit, session: null, active: first.at })
  for (const call of calls) writer.bind(call)
  const after = writer.openState()
  if (!isBefore && !writer.isExpired(state.active)) return after
  const isTheirs = after.session && !(session && session.sessionID === after.session.sessionID)
  if (isTheirs) writer.bind({ verb: 'look', id: '', data: '', at: Number.MAX_SAFE_INTEGER })
  return state
}
