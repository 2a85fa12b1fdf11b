import type { Event } from '../record/event.js'
import type { Page } from '../record/page.js'
import type { Session } from '../record/session.js'
import { matchesPart, toLine } from './part.js'
import { readTracked, type Tracked } from './tracked.js'

/** What {@link Matchers.toHaveTracked} asks beside the event. */
export interface TrackedHow {
  /** Exactly so many events are like this. @default at least one is */
  readonly times?: number | undefined
}

/** What a matcher found, as Vitest, Jest and Playwright take it. */
export interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/**
 * Whether an event of that name was tracked.
 *
 * @param data what its data contains: objects match in part, and values may be matchers, such as `expect.any(Number)`.
 */
export function judgeEvents(tracked: Tracked, name: string, data?: unknown, how: TrackedHow = {}): Verdict {
  // A name that a test reads from a wrong place would let every `not` pass.
  if (typeof name !== 'string') throw new TypeError(`toHaveTracked needs the name of an event, and got ${toLine(name)}`)
  const { times } = how
  const count = tracked.events.filter(
    event => event.eventName === name && (data === undefined || matchesPart(data, event.data)),
  ).length
  const wanted = `${name}${data === undefined ? '' : ` ${toLine(data)}`}`
  return {
    pass: times === undefined ? count > 0 : count === times,
    message: () =>
      [
        times === undefined
          ? `${wanted} was ${count ? '' : 'not '}tracked.`
          : `${wanted} was tracked ${count} ${count === 1 ? 'time' : 'times'}, not ${times}.`,
        list('Tracked', tracked.events.map(toEventLine), 'Nothing was tracked.'),
        tracked.note,
      ]
        .filter(Boolean)
        .join('\n\n'),
  }
}

/** Whether there is a session, or a page, that contains this. Without `part` any will do. */
export function judgeParts(tracked: Tracked, kind: 'session' | 'page', part: object | undefined): Verdict {
  const all: readonly (Session | Page)[] = tracked[`${kind}s`]
  const isThere = all.some(one => matchesPart(part ?? {}, one))
  return {
    pass: isThere,
    message: () =>
      [
        `There is ${isThere ? 'a' : 'no'} ${kind}${part ? ` ${toLine(part)}` : ''}.`,
        list(`The ${kind}s`, all.map(toLine), `There are no ${kind}s.`),
        tracked.note,
      ]
        .filter(Boolean)
        .join('\n\n'),
  }
}

const notYet =
  'This has only not arrived yet: the tracker owes it. Call `await tracker.flush()` before, or expect it of the tracker.'

/** The matchers, as `expect.extend` of Vitest and Jest takes them. */
export const matchers = {
  toHaveTracked(this: MatcherState | void, received: unknown, name: string, data?: unknown, how?: TrackedHow) {
    return judge(this, received, tracked => judgeEvents(tracked, name, data, how))
  },
  toHaveSession(this: MatcherState | void, received: unknown, part?: object) {
    return judge(this, received, tracked => judgeParts(tracked, 'session', part))
  },
  toHavePage(this: MatcherState | void, received: unknown, part?: object) {
    return judge(this, received, tracked => judgeParts(tracked, 'page', part))
  },
}

/** The types of the matchers. */
export interface TrackedMatchers<R> {
  /**
   * Whether the tracker under test, or the collector, has an event of that name.
   *
   * @param data what its data contains: objects match in part, and values may be matchers, such as `expect.any(Number)`.
   * @param how see {@link TrackedHow}.
   * @example expect(tracker).toHaveTracked('AddToCart', { sku: 'A1' })
   * @example expect(tracker).not.toHaveTracked('Checkout')
   * @example expect(tracker).toHaveTracked('Search', undefined, { times: 2 })
   */
  toHaveTracked(name: string, data?: object, how?: TrackedHow): R
  /**
   * Whether it has a session that contains this.
   *
   * @param session part of a session. Without it any session will do.
   * @example expect(tracker).toHaveSession({ identityId: 'ada' })
   */
  toHaveSession(session?: Partial<Record<keyof Session, unknown>>): R
  /**
   * Whether it has a page that contains this.
   *
   * @param page part of a page. Without it any page will do.
   * @example expect(tracker).toHavePage({ title: 'Cart' })
   */
  toHavePage(page?: Partial<Record<keyof Page, unknown>>): R
}

/** What a test runner gives to a matcher as `this`. */
interface MatcherState {
  readonly isNot?: boolean
}

function judge(
  state: MatcherState | void,
  received: unknown,
  judgeTracked: (tracked: Tracked) => Verdict,
): Verdict | Promise<Verdict> {
  function verdictOf(tracked: Tracked): Verdict {
    const verdict = judgeTracked(tracked)
    // Without this a `not` would pass only because nobody has flushed.
    if (!state?.isNot || verdict.pass || !tracked.coming) return verdict
    const coming = judgeTracked(tracked.coming)
    return coming.pass ? { pass: true, message: () => `${notYet}\n\n${coming.message()}` } : verdict
  }
  const tracked = readTracked(received)
  if (!tracked)
    throw new TypeError(
      'expect needs a tracker that createTestTracker has made, or a collector for tests, and got another',
    )
  return tracked instanceof Promise ? tracked.then(verdictOf) : verdictOf(tracked)
}

function toEventLine({ eventName, data }: Event): string {
  return data ? `${eventName} ${toLine(data)}` : eventName
}

function list(head: string, lines: readonly string[], otherwise: string): string {
  return lines.length ? `${head}:\n${lines.map(line => `  ${line}`).join('\n')}` : otherwise
}
