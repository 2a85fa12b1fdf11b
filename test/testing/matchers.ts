import { checkEvents } from '../../src/schemas.js'
import { createTestTracker } from '../../src/testing/index.js'
import type { TrackedMatchers } from '../../src/testing/matchers.js'

interface Checks extends TrackedMatchers<void> {
  readonly not: TrackedMatchers<void>
  toThrow(message?: string | RegExp): void
  toBe(value: unknown): void
  toEqual(value: unknown): void
}

/** The `expect` that the matchers extend, of Vitest or of Jest. */
type Expect = ((value: unknown) => Checks) & {
  any(type: unknown): unknown
  stringContaining(text: string): unknown
  objectContaining(part: object): unknown
}

interface Words {
  readonly describe: (what: string, run: () => void) => void
  readonly it: (promise: string, run: () => Promise<void> | void) => void
}

/** The message of a failure, without colours. */
function messageOf(run: () => void): string {
  try {
    run()
  } catch (error) {
    // oxlint-disable-next-line no-control-regex -- colours of a terminal
    return (error as Error).message.replace(/\u001B\[\d+m/g, '')
  }
  throw new Error('the matcher has passed')
}

/** What the matchers promise in every test runner. */
export function describeMatchers(expect: Expect, { describe, it }: Words): void {
  describe('toHaveTracked', () => {
    it('finds what was tracked, in the task of the call', () => {
      const { tracker } = createTestTracker({ automatic: false })
      expect(tracker).not.toHaveTracked('AddToCart')
      tracker.track('AddToCart', { sku: 'A1', price: 19.95, tags: ['tea', 'black'] })
      expect(tracker).toHaveTracked('AddToCart')
      expect(tracker).toHaveTracked('AddToCart', { sku: 'A1' })
      expect(tracker).toHaveTracked('AddToCart', { sku: expect.any(String), price: expect.any(Number) })
      expect(tracker).toHaveTracked('AddToCart', expect.objectContaining({ tags: ['tea', 'black'] }) as object)
      expect(tracker).not.toHaveTracked('AddToCart', { sku: 'B2' })
      expect(tracker).not.toHaveTracked('AddToCart', { tags: ['tea'] })
      expect(tracker).not.toHaveTracked('AddToCart', { sku: 'A1', missing: undefined, more: 1 })
    })

    it('passes for nothing that is no name, also with not', () => {
      const { tracker } = createTestTracker({ automatic: false })
      const names: { readonly AddToCart?: string } = {}
      const call = (): void => expect(tracker).not.toHaveTracked(names.AddToCart as string)
      expect(call).toThrow('toHaveTracked needs the name of an event, and got undefined')
    })

    it('writes what is expected as the tracker writes data', () => {
      const { tracker } = createTestTracker({ automatic: false })
      const data = {
        at: new Date(0),
        set: new Set([1, 2]),
        map: new Map([['tea', 2]]),
        big: 12n,
        none: NaN,
        lost: undefined,
      }
      tracker.track('Order', data)
      expect(tracker).toHaveTracked('Order', data)
      expect(tracker).toHaveTracked('Order', { big: 12n, set: [1, 2] })
      expect(tracker).not.toHaveTracked('Order', { set: new Set([1]) })
      const message = messageOf(() => expect(tracker).toHaveTracked('Order', { big: 13n, set: new Set([3]) }))
      expect(message.startsWith('Order {"big":"13","set":[3]} was not tracked')).toBe(true)
    })

    it('takes a tracker whose events are checked', () => {
      const { tracker } = createTestTracker({ automatic: false })
      const checked = checkEvents(tracker, {}, () => {})
      checked.track('Search' as never, {} as never)
      expect(checked).toHaveTracked('Search')
    })

    it('finds it once, whether it waits, is recorded or is delivered', async () => {
      const { tracker, collector, idle } = createTestTracker({ automatic: false })
      tracker.track('Search', { at: new Date(0) })
      expect(tracker).toHaveTracked('Search', { at: new Date(0) }, { times: 1 })
      await idle()
      expect(tracker).toHaveTracked('Search', undefined, { times: 1 })
      expect(collector.events()).toEqual([])
      await tracker.flush()
      expect(tracker).toHaveTracked('Search', undefined, { times: 1 })
      expect(collector).toHaveTracked('Search', undefined, { times: 1 })
    })

    it('says what was tracked instead', () => {
      const { tracker } = createTestTracker({ automatic: false })
      tracker.track('Search', { q: 'tea' })
      const message = messageOf(() => expect(tracker).toHaveTracked('AddToCart', { sku: 'A1', n: expect.any(Number) }))
      const other = messageOf(() => expect(tracker).toHaveTracked('Search', { q: expect.stringContaining('milk') }))
      expect(other.startsWith('Search {"q":"StringContaining \\"milk\\""} was not tracked')).toBe(true)
      for (const part of [
        'AddToCart {"sku":"A1","n":"Any<Number>"} was not tracked',
        'VisitStarted\n  Search {"q":"tea"}',
      ])
        if (!message.includes(part)) throw new Error(`${part} is missing in: ${message}`)
      const times = messageOf(() => expect(tracker).toHaveTracked('Search', undefined, { times: 2 }))
      expect(times.includes('Search was tracked 1 time, not 2.')).toBe(true)
      const not = messageOf(() => expect(tracker).not.toHaveTracked('Search'))
      expect(not.startsWith('Search was tracked.')).toBe(true)
    })

    it('says of a collector that something is not there only if the tracker does not owe it', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      tracker.track('Search')
      expect(collector).not.toHaveTracked('Checkout')
      const message = messageOf(() => expect(collector).not.toHaveTracked('Search'))
      expect(message.startsWith('This has only not arrived yet: the tracker owes it.')).toBe(true)
      tracker.signIn('ada')
      expect(() => expect(collector).not.toHaveSession({ identityId: 'ada' })).toThrow('owes it')
      await tracker.flush()
      collector.clear()
      tracker.track('Other')
      expect(collector).not.toHaveTracked('Search')
      expect(() => expect(collector).not.toHaveTracked('Other')).toThrow('owes it')
    })

    it('says that nothing has arrived while the collector fails, or consent is pending', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      collector.fail('offline')
      tracker.track('Search')
      await tracker.flush()
      expect(collector).not.toHaveTracked('Search')
      collector.recover()
      expect(() => expect(collector).not.toHaveTracked('Search')).toThrow('owes it')
      const other = createTestTracker({ automatic: false, consent: 'pending', key: 'other' })
      other.tracker.track('Search')
      expect(other.collector).not.toHaveTracked('Search')
    })

    it('says that calls wait for consent, and that nothing has arrived', () => {
      const { tracker, collector } = createTestTracker({ automatic: false, consent: 'pending' })
      tracker.track('Search')
      const message = messageOf(() => expect(tracker).toHaveTracked('Search'))
      expect(message.includes('1 calls wait, because consent is pending')).toBe(true)
      expect(messageOf(() => expect(collector).toHaveTracked('Search')).includes('Nothing has arrived')).toBe(true)
    })

    it('takes nothing else than a tracker under test or a collector for tests', () => {
      for (const wrong of [{}, null, undefined, 'tracker'])
        expect(() => expect(wrong).not.toHaveTracked('Search')).toThrow('expect needs a tracker')
    })
  })

  describe('toHaveSession and toHavePage', () => {
    it('find what is there, in the task of the call', async () => {
      const { tracker, clock } = createTestTracker({ automatic: false })
      expect(tracker).not.toHaveSession()
      expect(tracker).not.toHavePage()
      tracker.page({ url: 'https://shop.example/cart', title: 'Cart' })
      tracker.signIn('ada')
      expect(tracker).toHaveSession({ identityId: 'ada', endDate: 0 })
      expect(tracker).toHavePage({ title: 'Cart', url: expect.stringContaining('/cart') })
      expect(tracker).not.toHaveSession({ identityId: 'bea' })
      await clock.advance(40 * 60_000)
      expect(tracker).not.toHaveSession({ identityId: 'ada', endDate: 0 })
      const message = messageOf(() => expect(tracker).toHaveSession({ identityId: 'bea' }))
      expect(message.includes('The sessions:\n  {')).toBe(true)
    })
  })
}
