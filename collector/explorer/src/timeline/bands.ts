import type { Session, Span } from './model.js'

/** Who was there: a session, or nobody. */
export interface Band extends Span {
  readonly session: Session | null
  readonly isOwn: boolean
  readonly isOpen: boolean
}

/**
 * Tells who was there: sessions and what lies between them, without holes, from the start to the end of a picture.
 *
 * @param sessions of a visit, in any order.
 * @param focus the session that the picture is about; `null`: all of them. It is there as a whole, whatever clocks say.
 */
export function makeBands(sessions: readonly Session[], focus: Session | null, { start, end }: Span): readonly Band[] {
  const bands: Band[] = []
  let from = start
  const nobody = { session: null, isOwn: false, isOpen: false }
  for (const session of inOrder(sessions, focus)) {
    const isOwn = !focus || isSame(session, focus)
    const whole = { start: session.startDate, end: session.endDate || end }
    const span = isOwn ? whole : beside(whole, focus)
    const begin = Math.max(from, span.start)
    const until = Math.min(end, span.end)
    if (until < begin || (until === begin && !isOwn)) continue
    if (begin > from) bands.push({ ...nobody, start: from, end: begin })
    bands.push({ session, start: begin, end: until, isOwn, isOpen: !session.endDate })
    from = until
  }
  if (from < end || !bands.length) bands.push({ ...nobody, start: from, end })
  return bands
}

/** By their starts. The session that the picture is about comes first of equal ones, and is there in any case. */
function inOrder(sessions: readonly Session[], focus: Session | null): readonly Session[] {
  const others = sessions.filter(one => !focus || !isSame(one, focus))
  return [...(focus ? [focus] : []), ...others].sort((a, b) => a.startDate - b.startDate)
}

/** What of another session lies beside the one that the picture is about. Sessions overlap only if clocks are wrong. */
function beside(span: Span, focus: Session | null): Span {
  if (!focus) return span
  if (span.start < focus.startDate) return { start: span.start, end: Math.min(span.end, focus.startDate) }
  return { start: Math.max(span.start, focus.endDate || Number.MAX_SAFE_INTEGER), end: span.end }
}

function isSame(a: Session, b: Session): boolean {
  return a.sessionID === b.sessionID && a.visitID === b.visitID
}
