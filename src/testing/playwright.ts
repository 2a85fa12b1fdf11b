import {
  type BrowserContext,
  expect as bareExpect,
  test as bareTest,
  type ExpectMatcherState,
  type Page,
  type Request,
} from '@playwright/test'
import type { Tracker } from '../api.js'
import { createTestCollector, type TestCollector } from './collector.js'
import { judgeEvents, judgeParts, type TrackedHow, type Verdict } from './matchers.js'
import { readTracked, type Tracked } from './tracked.js'

export type { CollectorFailure, TestCollector } from './collector.js'
export type { TrackedHow } from './matchers.js'

/** How long a matcher looks. */
export interface LooksFor {
  /** Ms. With `not` it looks for so long in any case, because a page may record something later. @default that of `expect` */
  readonly timeout?: number
}

/** Between two looks, ms. */
const lookMs = 50

const collectors = new WeakMap<BrowserContext, TestCollector>()

/**
 * Puts a collector in memory in the place of the real one, for all pages of this context: requests to `…/v1/sessions?key=…` are
 * answered by it, whatever their address. Nothing leaves the machine. What a page sends as it closes is not seen: for that, start
 * a collector with `startTestCollector` of `sojourn-collector/testing`.
 *
 * @returns the collector. For a context that has one, that one.
 * @example const collector = await collect(context)
 */
export async function collect(context: BrowserContext): Promise<TestCollector> {
  const found = collectors.get(context)
  if (found) return found
  const collector = createTestCollector()
  collectors.set(context, collector)
  await context.route(
    url => url.pathname.endsWith('/v1/sessions') && url.searchParams.has('key'),
    async (route, request) => {
      if (request.method() !== 'POST') return route.fallback()
      const reply = collector.take(await toText(request))
      if (!reply) return route.abort()
      const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/json' }
      return route.fulfill({ status: reply.status, body: reply.text, headers })
    },
  )
  return collector
}

/** `test` of Playwright. Its pages are tracked by `collector`, see {@link collect}. */
export const test = bareTest.extend<{ collector: TestCollector }>({
  collector: [async ({ context }, use) => use(await collect(context)), { auto: true }],
})

/**
 * `expect` of Playwright, with `toHaveTracked`, `toHaveSession` and `toHavePage` for pages and collectors. They ask the page to
 * send what it owes, and look again until the timeout. `not` and `times` hold when the page owes nothing any more, and fail if it
 * still does after the timeout.
 *
 * @example await expect(page).toHaveTracked('AddToCart', { sku: 'A1' })
 * @example await expect(collector).toHaveSession({ identityId: 'ada' })
 */
export const expect = bareExpect.extend({
  toHaveTracked(received: unknown, name: string, data?: object, how?: TrackedHow & LooksFor) {
    return poll(this, received, how, tracked => judgeEvents(tracked, name, data, how))
  },
  toHaveSession(received: unknown, part?: object, how?: LooksFor) {
    return poll(this, received, how, tracked => judgeParts(tracked, 'session', part))
  },
  toHavePage(received: unknown, part?: object, how?: LooksFor) {
    return poll(this, received, how, tracked => judgeParts(tracked, 'page', part))
  },
})

async function poll(
  { isNot, timeout }: ExpectMatcherState,
  received: unknown,
  how: (TrackedHow & LooksFor) | undefined,
  verdictOf: (tracked: Tracked) => Verdict,
): Promise<Verdict> {
  const until = performance.now() + (how?.timeout ?? timeout)
  let doneAt = Number.POSITIVE_INFINITY
  for (;;) {
    const { tracked, delivery } = await read(received)
    if (delivery !== 'done') doneAt = Number.POSITIVE_INFINITY
    else if (doneAt > performance.now()) doneAt = performance.now()
    const isSettled = performance.now() - doneAt >= (isPage(received) ? settleMs : 0)
    const verdict = verdictOf(tracked)
    const isOver = performance.now() > until
    const isExact = how?.times !== undefined
    if (verdict.pass && !isExact) return verdict
    if (isOver && delivery === 'owes' && (isNot || isExact))
      return { pass: isNot, message: () => `${unknown}\n\n${verdict.message()}` }
    if (isOver) return verdict
    if (isSettled && (isNot ? how?.timeout === undefined : verdict.pass)) return verdict
    await new Promise(resolve => setTimeout(resolve, lookMs))
  }
}

/** So long a page may wait for its address and its title before it records that it was entered, ms. */
const settleMs = 200

const unknown = 'The page still owes records to the collector, so nobody knows which events there are.'

/** Whether all that a page has recorded has arrived. `away`: it is going away, or has no tracker yet. */
type Delivery = 'done' | 'owes' | 'away'

async function read(received: unknown): Promise<{ readonly tracked: Tracked; readonly delivery: Delivery }> {
  const collector = isPage(received) ? collectors.get(received.context()) : received
  if (!collector)
    throw new TypeError("the page has no collector: use `test` of 'sojourn/testing/playwright', or collect(context)")
  const [delivery, note] = isPage(received) ? await flush(received) : (['done'] as const)
  const tracked = await readTracked(collector)
  if (!tracked) throw new TypeError('expect needs a page, or a collector for tests')
  return { tracked: { ...tracked, ...(note !== undefined && { note }) }, delivery }
}

function isPage(value: unknown): value is Page {
  return typeof (value as Partial<Page> | null)?.context === 'function'
}

/** The trackers of a page, which stand in its registry. */
type Registered = Map<string, { readonly tracker: Pick<Tracker, 'flush' | 'status'> }>

/**
 * Sends what the page owes. A page that is just navigating, or closed, sends it by itself.
 *
 * @returns with why something may not have arrived, '' if all has.
 */
async function flush(page: Page): Promise<readonly [Delivery, note?: string]> {
  const sent = page.evaluate(async () => {
    const { [Symbol.for('sojourn')]: registry } = globalThis as unknown as Record<symbol, Registered | undefined>
    let owed = 0
    let held = 0
    for (const { tracker } of registry?.values() ?? []) {
      const answer = await tracker.flush()
      if (tracker.status().consent === 'granted') owed += answer.owed
      else held += tracker.status().waiting
    }
    return registry?.size ? { owed, held } : null
  })
  try {
    const left = await sent
    if (!left) return ['away', 'There is no tracker on this page.']
    const { owed, held } = left
    if (owed) return ['owes', `The page has not sent ${count(owed, 'record')} yet: the collector did not take them.`]
    return ['done', held ? `${count(held, 'call')} of the page wait for consent.` : '']
  } catch (cause) {
    if (!(cause instanceof Error && /navigat|closed|destroyed/i.test(cause.message))) throw cause
    return [page.isClosed() ? 'done' : 'away']
  }
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

/** The text of a batch. The tracker zips long ones. */
async function toText(request: Request): Promise<string> {
  const body = request.postDataBuffer()
  if (!body) return ''
  const isZipped = body[0] === 0x1f && body[1] === 0x8b
  if (!isZipped) return new TextDecoder().decode(body)
  const zipped = new Blob([new Uint8Array(body)]).stream()
  return new Response(zipped.pipeThrough(new DecompressionStream('gzip'))).text()
}
