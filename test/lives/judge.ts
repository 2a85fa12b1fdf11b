import { type Fact, meaningOf } from '../../src/record/event.js'
import { foldBy, joinSession } from '../../src/record/merge.js'
import { parseBatch } from '../../src/record/parse.js'
import { sessionOf } from '../../src/record/session.js'
import { type Life, sessionLimitMs } from './life.js'

/** A tab hears of the last activity of another so late, ms. So an end of a session may be this much too early. */
const newsMs = 15_000

/**
 * Says what is wrong with what the collector has received, in plain words. It knows nothing of how the tracker works: only what was
 * called, and what every life must keep.
 */
export function judge(life: Life): string[] {
  const { facts, problems } = readBodies(life.bodies)
  return [
    ...life.problems,
    ...(life.owed ? [`${life.owed} records are still owed`] : []),
    ...problems,
    ...judgeCalls(life, facts),
    ...judgeVisits(life, facts),
    ...judgeSessions(life, facts),
    ...judgePages(life, facts),
  ]
}

/** Every copy of a record is the same. */
function readBodies(bodies: readonly string[]): { facts: readonly Fact[]; problems: string[] } {
  const problems: string[] = []
  const facts = new Map<string, Fact>()
  for (const fact of bodies.flatMap(body => parseBatch(body).facts)) {
    const { event } = fact
    const known = facts.get(event.eventID)
    if (known && JSON.stringify(known.event) !== JSON.stringify(event)) problems.push(`${event.eventName} has changed`)
    if (!known) facts.set(event.eventID, fact)
  }
  return { facts: [...facts.values()], problems }
}

/** Every call is recorded once, of the person who was signed in. */
function judgeCalls({ called, eras }: Life, facts: readonly Fact[]): string[] {
  const problems: string[] = []
  const found = groupBy(
    facts.filter(({ event }) => event.eventName === 'Called'),
    ({ event }) => event.data?.n as number,
  )
  for (const { n, identityId, era, isDenied, isWithdrawn } of called) {
    const records = found.get(n) ?? []
    const isOwed = !isDenied && era === eras && !isWithdrawn
    if (records.length > 1) problems.push(`call ${n} is recorded ${records.length} times`)
    if (isOwed && !records.length) problems.push(`call ${n} is lost`)
    if (records.length && isDenied) problems.push(`call ${n} is recorded without consent`)
    const session = records[0]?.session
    // The session may have ended by itself. It is never that of somebody else.
    if (session && session.identityId !== identityId)
      problems.push(`call ${n} of ${identityId} is recorded for ${session.identityId}`)
  }
  return problems
}

function judgeVisits({ wasCut }: Life, facts: readonly Fact[]): string[] {
  if (wasCut) return []
  const problems: string[] = []
  for (const [visitID, own] of groupBy(facts, ({ visit }) => visit.visitID)) {
    const starts = own.filter(({ event }) => event.eventName === 'VisitStarted').length
    if (starts !== 1) problems.push(`visit ${visitID} has ${starts} starts`)
  }
  return problems
}

function judgeSessions({ wasCut, wasSetBack }: Life, facts: readonly Fact[]): string[] {
  const problems: string[] = []
  const inSessions = facts.filter(({ session }) => session)
  const sessions = foldBy(inSessions.map(sessionOf), one => one.sessionID, joinSession)
  for (const { sessionID, identityId, startDate, endDate } of sessions) {
    const own = inSessions.filter(({ session }) => session?.sessionID === sessionID).map(({ event }) => event)
    const name = `the session of ${identityId}`
    const starts = own.filter(({ eventName }) => eventName === 'SignIn')
    const ends = own.filter(({ eventName }) => meaningOf(eventName).endsSession)
    if (starts.length > 1 || (!wasCut && !starts.length)) problems.push(`${name} has ${starts.length} starts`)
    if (ends.length > 1) problems.push(`${name} has ${ends.length} ends`)
    if (!wasCut && !wasSetBack && !ends.length) problems.push(`${name} has no end`)
    if (endDate && endDate - startDate > sessionLimitMs + newsMs)
      problems.push(`${name} takes ${endDate - startDate} ms`)
    for (const { timestamp, eventName, activity } of own) {
      if (timestamp < startDate) problems.push(`${eventName} is before the start of ${name}`)
      const [end] = ends
      // What nobody has done may come after the end, as the exit of a page does that nobody looked at.
      const isActive = activity !== false && eventName !== 'PageExited'
      if (end && isActive && timestamp > end.timestamp + newsMs)
        problems.push(`${eventName} is ${timestamp - end.timestamp} ms after the end of ${name}`)
    }
  }
  return problems
}

function judgePages({ wasCut }: Life, facts: readonly Fact[]): string[] {
  const problems: string[] = []
  const onPages = facts.filter(({ page }) => page)
  for (const [, own] of groupBy(onPages, ({ page }) => page?.pageID)) {
    const name = `the page ${own[0]?.page?.url}`
    const countOf = (eventName: string): number => own.filter(({ event }) => event.eventName === eventName).length
    const [entries, exits] = [countOf('PageEntered'), countOf('PageExited')]
    if (new Set(own.map(({ visit }) => visit.visitID)).size > 1) problems.push(`${name} is in several visits`)
    if (entries > 1 || (!wasCut && !entries)) problems.push(`${name} was entered ${entries} times`)
    // Another page may take the exit of one that cannot answer for a while, as its tracker was stopped and started again, or
    // another tab has ended its session meanwhile. Then both are recorded, and the later one holds.
    if (exits > 2 || (!wasCut && !exits)) problems.push(`${name} was left ${exits} times`)
    const entered = own.find(({ event }) => event.eventName === 'PageEntered')
    for (const { event } of own)
      if (entered && event.timestamp < entered.event.timestamp)
        problems.push(`${event.eventName} is before the entry of ${name}`)
  }
  return problems
}

function groupBy<T, K>(list: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of list) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group) group.push(one)
    else groups.set(key, [one])
  }
  return groups
}
