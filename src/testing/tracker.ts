import type { AnyEvents, Status, Tracker } from '../api.js'
import { useTime } from '../browser/clock.js'
import { useGlobals } from '../browser/globals.js'
import { baseAddress } from '../browser/host.js'
import { describeBrowser } from '../browser/lifecycle.js'
import { pageRegistry } from '../browser/page-registry.js'
import { type Living, makeLiving } from '../living.js'
import { type CheckedOptions, parseOptions, type TrackerOptions } from '../options.js'
import { readOwnParts } from '../own-parts.js'
import type { Fact } from '../record/event.js'
import { maxExitBytes } from '../record/limits.js'
import { databaseName } from '../store/schema.js'
import { toOutcome } from '../transport/outcome.js'
import type { Transport } from '../transport/transport.js'
import { putUnderTest } from '../under-test.js'
import { createTestClock, type TestClock } from './clock.js'
import { createOwedCollector, type TestCollector } from './collector.js'
import { createTestGlobals, hasPage } from './page.js'
import { createTestParts } from './parts.js'
import { fold, markTracked } from './tracked.js'

/** Options of a tracker under test: those of `createTracker`. All have a default. */
export type TestTrackerOptions = Partial<TrackerOptions>

/** A tracker under test, and what it stands on. */
export interface TestTracker<Events extends object = AnyEvents> {
  /** The tracker, as `createTracker` makes it. Only its clock, its ids, its store and its transport are others. */
  readonly tracker: Tracker<Events>
  /** What the tracker sends arrives here. */
  readonly collector: TestCollector
  /** All trackers of a test file share it. */
  readonly clock: TestClock
  /**
   * Settles when the tracker has done what it has begun. The clock goes on by 200 ms, because the tracker waits so long for the
   * address and the title of the next page. It does not send: `await tracker.flush()` does.
   */
  idle(): Promise<void>
  /** Stops the tracker. Nothing of it is left: no timer, no listener, nothing stored. */
  stop(): void
}

/** So long the tracker waits for the address of a page and for its title, ms. */
const idleMs = 200

const verbs = ['signIn', 'signOut', 'page', 'track', 'properties', 'userInfo', 'consent'] as const

interface Kit extends Living {
  readonly test: TestTracker
  readonly collector: TestCollector
  /** Begins anew, with nothing that was before. */
  begin(options: TestTrackerOptions): void
}

// One of a kind for a test file, as the clock of a page is. Nothing happens before a tracker is made.
const clock = createTestClock()
const parts = createTestParts(clock)
const globals = createTestGlobals()
const kits = new Map<string, Kit>()

/**
 * Makes a tracker for a test, and starts it. It records what the real one records, in memory, by rules that are the same, on a
 * clock that stands still until `clock.advance(ms)`. It works where there is a page (jsdom, happy-dom, a browser) and where there is
 * none. Without a page, page views are those that `page()` is called for.
 *
 * Where there is a page, `createTracker` with the same key gives this tracker from now on. So an application, or a provider of
 * a binding, takes it without a mock. Called again for a key, it begins anew: nothing recorded, nobody signed in.
 *
 * @param options as for `createTracker`. The key is `test` and the collector one that cannot be reached, unless they are given.
 * @throws TrackerError for wrong options. Error if the page has a tracker for this key already that is not under test.
 * @typeParam Events see {@link Tracker}.
 * @example
 * const { tracker, clock, stop } = createTestTracker<Events>()
 * tracker.signIn('ada')
 * tracker.track('AddToCart', { sku: 'A1' })
 * expect(tracker).toHaveTracked('AddToCart', { sku: 'A1' })
 * await clock.advance(30 * 60_000)
 * expect(tracker).toHaveTracked('SessionEnded', { reason: 'idle' })
 * stop()
 */
export function createTestTracker<Events extends object = AnyEvents>(
  options: TestTrackerOptions = {},
): TestTracker<Events> {
  useGlobals(globals)
  useTime(clock.time)
  putUnderTest(parts)
  const { key = 'test' } = options
  const kit = kits.get(key) ?? makeKit(key)
  kit.begin(options)
  return kit.test as TestTracker<Events>
}

/**
 * What an application imports in a test that puts this module in the place of `sojourn`: gives the tracker under test for the
 * key, started again if it was stopped. Without one it makes one with these options.
 *
 * @throws TrackerError as `createTracker` of `sojourn` does.
 * @example vi.mock('sojourn', () => import('sojourn/testing'))
 */
export function createTracker<Events extends object = AnyEvents>(options: TrackerOptions): Tracker<Events> {
  if (!kits.has(options.key)) createTestTracker(options)
  const kit = kits.get(options.key) as Kit
  kit.start(parseOptions(options, baseAddress(), readOwnParts))
  return kit.tracker as Tracker<Events>
}

/** Stops every tracker under test, for `afterEach`. */
export function stopTestTrackers(): void {
  for (const { test } of kits.values()) test.stop()
}

function makeKit(key: string): Kit {
  const registry = pageRegistry<Living>()
  if (registry.has(key) && !(registry.get(key) as Partial<Kit>).test)
    throw new Error(
      `the page has a tracker with the key '${key}' already: call createTestTracker before the application makes it, or mock sojourn`,
    )
  const { collector, begin } = createOwedCollector(hasArrived =>
    test.tracker.status().consent === 'granted' ? made().filter(({ event }) => !hasArrived(event.eventID)) : [],
  )
  let living: Living
  let checked: CheckedOptions
  let isStopped = true

  function toTransport({ take }: TestCollector): Transport {
    return {
      async send(body) {
        clock.beat()
        const reply = take(body)
        return reply ? toOutcome(reply.status, reply.text, null, clock.now()) : { is: 'unknown', cause: 'no network' }
      },
      copy: body => !!take(body),
      room: () => maxExitBytes,
    }
  }

  /** Calls a verb of the tracker that runs. */
  function call(verb: keyof Tracker, args: readonly unknown[]): unknown {
    return (living.tracker[verb] as (...given: readonly unknown[]) => unknown)(...args)
  }

  const tracker: Record<string, unknown> = {}
  for (const verb of ['session', 'events', 'pages', 'sessions', 'visits', 'records', 'flush', 'forget'] as const)
    tracker[verb] = (...args: unknown[]) => clock.through(call(verb, args) as Promise<unknown>)
  for (const verb of [...verbs, 'status', 'observe', 'onError'] as const)
    tracker[verb] = (...args: unknown[]) => call(verb, args)
  tracker.stop = () => {
    isStopped = true
    call('stop', [])
  }

  const test: TestTracker = {
    tracker: tracker as unknown as Tracker,
    collector,
    clock,
    idle: () => clock.advance(idleMs),
    stop: () => test.tracker.stop(),
  }
  /** Calls that wait for consent may never be recorded. */
  function isHeld({ waiting, consent }: Status): boolean {
    return consent !== 'granted' && waiting > 0
  }

  /** What was recorded, and what the calls that wait will be recorded as. */
  function made(): Fact[] {
    const isHere = !isHeld(test.tracker.status())
    return [...parts.recordsOf(key), ...(isHere ? parts.waitingOf(key, { ...checked, ...describeBrowser() }) : [])]
  }

  markTracked(tracker, () => {
    const status = test.tracker.status()
    const { waiting, consent } = status
    return { ...fold(made()), note: isHeld(status) ? `${waiting} calls wait, because consent is ${consent}.` : '' }
  })
  const kit: Kit = {
    test,
    collector,
    tracker: test.tracker,
    get starts() {
      return living.starts
    },
    set starts(now) {
      living.starts = now
    },
    hasStopped: () => isStopped,
    start() {
      isStopped = false
      living.start(checked)
    },
    begin(given) {
      const defaults = { collector: 'https://collector.invalid', automatic: hasPage() }
      const next = parseOptions({ ...defaults, ...given, key }, baseAddress(), readOwnParts)
      if (!isStopped) {
        // What it has under way must not reach the next one.
        call('consent', ['denied'])
        test.stop()
      }
      if ([...kits.values()].every(one => one.hasStopped())) {
        clock.reset()
        parts.resetIds()
      }
      parts.reset(key)
      globals.forget(databaseName(key))
      begin()
      checked = { ...next, makeTransport: next.makeTransport ?? (() => toTransport(collector)) }
      living = makeLiving(checked)
      isStopped = false
    },
  }
  kits.set(key, kit)
  registry.set(key, kit)
  return kit
}
