import type { Call } from './call.js'
import type { OpenState } from './open-state.js'
import type { Writer } from './writer.js'

/**
 * Makes the records of calls whose page died before it knew the open visit and session. They keep their own times and ids;
 * a sign-in or sign-out among them holds for the origin only where nothing newer has decided.
 *
 * @param writer a writer of its own, with the idle limit of the page.
 * @returns what the origin's state is after them.
 */
export function bindLate(calls: readonly Call[], writer: Writer, state: OpenState): OpenState {
  const first = calls[0]
  if (!first) return state
  const { visit, session, rev } = state
  writer.adopt({ ...state, active: first.at })
  // A visit that began long after them is not theirs, and neither is a session that they came before.
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
