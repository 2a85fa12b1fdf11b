import {
  type BrowserContext,
  expect as bareExpect,
  test as bareTest,
  type ExpectMatcherState,
  type Page,
  type Request,
} from '@playwright/test'
import { createTestCollector, type TestCollector } from './collector.js'
import { judgeEvents, judgeParts, type TrackedHow, type Verdict } from './matchers.js'
import { readTracked, type Tracked } from './tracked.js'

export type { CollectorFailure, TestCollector } from './collector.js'
export type { TrackedHow } from './matchers.js'

/** How long a matcher looks. */
export interface LooksFor {
  /** Ms. @default that of `expect` */
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
 * send what it owes, and look again until the timeout. `not` looks once, after the page has sent what it owes.
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
  how: LooksFor | undefined,
  verdictOf: (tracked: Tracked) => Verdict,
): Promise<Verdict> {
  const until = performance.now() + (how?.timeout ?? timeout)
  for (;;) {
    const verdict = verdictOf(await read(received))
    if (verdict.pass || isNot || performance.now() > until) return verdict
    await new Promise(resolve => setTimeout(resolve, lookMs))
  }
}

async function read(received: unknown): Promise<Tracked> {
  if (isPage(received)) {
    const collector = collectors.get(received.context())
    if (!collector)
      throw new TypeError("the page has no collector: use `test` of 'sojourn/testing/playwright', or collect(context)")
    const note = await flush(received)
    return { ...(await read(collector)), ...(note !== undefined && { note }) }
  }
  const tracked = await readTracked(received)
  if (!tracked) throw new TypeError('expect needs a page, or a collector for tests')
  return tracked
}

function isPage(value: unknown): value is Page {
  return typeof (value as Partial<Page> | null)?.context === 'function'
}

/** The trackers of a page, which stand in its registry. */
type Registered = Map<string, { readonly tracker: { flush(): Promise<{ readonly owed: number }> } }>

/**
 * Sends what the page owes. A page that is just navigating, or closed, sends it by itself.
 *
 * @returns why something may not have arrived, '' if all has; `undefined` if the page is going away.
 */
async function flush(page: Page): Promise<string | undefined> {
  const sent = page.evaluate(async () => {
    const { [Symbol.for('sojourn')]: registry } = globalThis as unknown as Record<symbol, Registered | undefined>
    const all = [...(registry ? registry.values() : [])]
    const answers = await Promise.all(all.map(({ tracker }) => tracker.flush()))
    return all.length ? answers.reduce((sum, { owed }) => sum + owed, 0) : null
  })
  try {
    const owed = await sent
    if (owed === null) return 'There is no tracker on this page.'
    return owed
      ? `The page has not sent ${owed} ${owed === 1 ? 'record' : 'records'} yet: the collector did not take them.`
      : ''
  } catch (cause) {
    if (!(cause instanceof Error && /navigat|closed|destroyed/i.test(cause.message))) throw cause
    return undefined
  }
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
