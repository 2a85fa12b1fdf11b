import { afterEach, describe, expect, it, vi } from 'vitest'
import { createInert } from '../../src/inert.js'
import { createTestTracker, stopTestTrackers } from '../../src/testing/index.js'
import '../../src/testing/vitest.js'
import { waitFor } from '../helpers/wait.js'

const minuteMs = 60_000
const namesOf = (events: readonly { eventName: string }[]): string[] => events.map(({ eventName }) => eventName)

/** What a tracker under test promises, whatever runs the test. */
export function describeTestTracker(): void {
  afterEach(stopTestTrackers)

  describe('a tracker under test', () => {
    it('records what the real one records, and delivers it to its collector when it is flushed', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      tracker.signIn('ada', { name: 'Ada' })
      tracker.track('AddToCart', { sku: 'A1' })
      tracker.signOut()
      expect(collector.events()).toEqual([])
      expect(await tracker.flush()).toEqual({ stored: 4, owed: 0 })
      expect(namesOf(collector.events())).toEqual(['VisitStarted', 'SignIn', 'AddToCart', 'SignOut'])
      const [session] = collector.sessions()
      expect(session).toMatchObject({ identityId: 'ada' })
      expect(collector.visits()).toMatchObject([{ userAgent: 'sojourn/testing', languageCode: 'en' }])
      expect(collector.events(session?.sessionID)).toHaveLength(3)
      expect(collector.visits('ada')).toHaveLength(1)
      expect(collector.visits('bea')).toEqual([])
      expect(tracker.status()).toMatchObject({ made: 4, stored: 4, owed: 0, dropped: {}, errors: {} })
    })

    it('has every verb and every question of the real one', () => {
      const { tracker } = createTestTracker({ automatic: false })
      const real = createInert('granted')
      expect(Object.keys(tracker).sort()).toEqual(Object.keys(real).sort())
      const undo = tracker.properties({ plan: 'pro' })
      tracker.track('Search')
      undo()
      tracker.track('Logout')
      expect(tracker.status().errors).toEqual({})
      expect(tracker).toHaveTracked('Search', { plan: 'pro' })
      expect(tracker).not.toHaveTracked('Logout', { plan: 'pro' })
    })

    it('makes the same ids and times each time', async () => {
      const play = async (): Promise<unknown> => {
        const { tracker, collector, clock } = createTestTracker({ automatic: false })
        tracker.page({ url: 'https://shop.example/', title: 'Shop' })
        tracker.signIn('ada')
        await clock.advance(1000)
        tracker.track('Search')
        await tracker.flush()
        return [collector.events(), collector.sessions(), collector.pages(), collector.visits()]
      }
      const first = await play()
      expect(JSON.stringify(first)).toContain('https://shop.example/')
      expect(await play()).toEqual(first)
    })

    it('records a page that is told', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      tracker.page({ url: 'https://shop.example/cart', title: 'Cart', step: 2 })
      await tracker.flush()
      expect(collector.pages()).toMatchObject([{ url: 'https://shop.example/cart', title: 'Cart' }])
      expect(collector.events().at(-1)).toMatchObject({ eventName: 'PageEntered', data: { step: 2 } })
    })

    it('answers the local questions', async () => {
      const { tracker } = createTestTracker({ automatic: false })
      tracker.signIn('ada')
      tracker.track('Search')
      const session = await tracker.session()
      expect(session).toMatchObject({ identityId: 'ada', endDate: 0 })
      expect(namesOf(await tracker.events(session?.sessionID ?? ''))).toEqual(['SignIn', 'Search'])
      await tracker.flush()
      expect(namesOf(await tracker.events(session?.sessionID ?? ''))).toEqual(['SignIn', 'Search'])
    })

    it('ends a session after the idle limit, without waiting', async () => {
      const { tracker, collector, clock } = createTestTracker({ automatic: false, idleLimitMs: 10 * minuteMs })
      tracker.signIn('ada')
      const startDate = clock.now()
      await clock.advance(9 * minuteMs)
      expect(tracker.status().identityId).toBe('ada')
      await clock.advance(2 * minuteMs)
      expect(tracker.status().identityId).toBeNull()
      await tracker.flush()
      expect(collector.sessions()).toMatchObject([{ startDate, endDate: startDate }])
    })

    it('sends by itself when the time has come', async () => {
      const { tracker, collector, clock } = createTestTracker({ automatic: false, flushEveryMs: 7000 })
      tracker.track('Search')
      await clock.advance(6900)
      expect(collector.requests()).toBe(0)
      await clock.advance(100)
      expect(namesOf(collector.events())).toContain('Search')
    })

    it('tells who observes, without a move of the clock', async () => {
      const { tracker } = createTestTracker({ automatic: false })
      const seen: unknown[] = []
      tracker.observe('session', session => seen.push(session?.identityId))
      tracker.signIn('ada')
      await waitFor(() => expect(seen.at(-1)).toBe('ada'))
    })

    it('has told who observes when a move of the clock is over', async () => {
      const { tracker, idle } = createTestTracker({ automatic: false })
      tracker.signIn('ada')
      await idle()
      const seen: unknown[] = []
      tracker.observe('session', session => seen.push(session?.identityId))
      await idle()
      expect(seen).toEqual(['ada'])
      tracker.signOut()
      await idle()
      expect(seen).toEqual(['ada', undefined])
    })

    it('sends what needs many requests in one flush', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      for (let count = 0; count < 1200; count++) tracker.track(`Event${count}`)
      expect(await tracker.flush()).toMatchObject({ owed: 0 })
      expect(collector.events()).toHaveLength(1201)
      expect(collector.requests()).toBeGreaterThan(5)
    })

    it('forgets the visitor', async () => {
      const { tracker, idle } = createTestTracker({ automatic: false })
      tracker.signIn('ada')
      await idle()
      await tracker.forget()
      expect(tracker.status()).toMatchObject({ identityId: null, dropped: { forgotten: 2 } })
      tracker.track('Search')
      expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    })

    it('waits for consent as the real one', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false, consent: 'pending' })
      tracker.track('Search')
      await tracker.flush()
      expect([collector.requests(), tracker.status().waiting]).toEqual([0, 1])
      tracker.consent('granted')
      await tracker.flush()
      expect(namesOf(collector.events())).toEqual(['VisitStarted', 'Search'])
    })

    it('begins anew when it is made again: nobody hears, nothing is owed, nobody is signed in', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      const heard: unknown[] = []
      tracker.onError(({ code }) => heard.push(code))
      tracker.signIn('ada')
      tracker.consent('granted')
      const again = createTestTracker({ automatic: false })
      expect(again.tracker).toBe(tracker)
      tracker.track('')
      tracker.track('Search')
      await again.clock.advance(minuteMs)
      expect([heard, tracker.status().identityId]).toEqual([[], null])
      expect(namesOf(collector.events())).toEqual(['VisitStarted', 'Search'])
    })

    it('keeps trackers with different keys apart, on one clock', async () => {
      const one = createTestTracker({ automatic: false, key: 'one' })
      await one.clock.advance(1000)
      const two = createTestTracker({ automatic: false, key: 'two' })
      one.tracker.track('One')
      two.tracker.track('Two')
      await Promise.all([one.tracker.flush(), two.tracker.flush()])
      expect(namesOf(one.collector.events())).toEqual(['VisitStarted', 'One'])
      expect(namesOf(two.collector.events())).toEqual(['VisitStarted', 'Two'])
      expect(one.collector.events()[0]?.timestamp).toBe(two.collector.events()[0]?.timestamp)
    })

    it('goes on after a stop when it is started again, as in StrictMode', async () => {
      const { createTracker } = await import('../../src/testing/index.js')
      const { tracker, collector } = createTestTracker({ automatic: false })
      tracker.signIn('ada')
      tracker.stop()
      createTracker({ collector: 'https://elsewhere.example', key: 'test' })
      tracker.track('Search')
      await tracker.flush()
      expect(namesOf(collector.events())).toEqual(['VisitStarted', 'SignIn', 'Search'])
      expect(collector.sessions()).toHaveLength(1)
    })

    it('needs no timer of the test', async () => {
      vi.useFakeTimers()
      try {
        const { tracker, collector, clock, idle } = createTestTracker({ automatic: false })
        tracker.signIn('ada')
        await idle()
        await clock.advance(minuteMs)
        expect(vi.getTimerCount()).toBe(0)
        expect(collector.sessions()).toHaveLength(1)
      } finally {
        vi.useRealTimers()
      }
    })
  })

  describe('a collector of a tracker under test', () => {
    it.each(['offline', 'busy'] as const)('that is %s costs nothing', async how => {
      const { tracker, collector, clock } = createTestTracker({ automatic: false })
      collector.fail(how)
      tracker.track('Search')
      expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
      expect([collector.events(), collector.requests()]).toEqual([[], 1])
      collector.recover()
      await clock.advance(5000)
      expect(await tracker.flush()).toMatchObject({ owed: 0 })
      expect(namesOf(collector.events())).toEqual(['VisitStarted', 'Search'])
    })

    it('that rejects the key is asked no more, and costs nothing', async () => {
      const { tracker, collector, clock } = createTestTracker({ automatic: false })
      collector.fail('rejects')
      tracker.track('Search')
      await clock.advance(10 * minuteMs)
      expect([collector.requests(), tracker.status()]).toMatchObject([
        1,
        { owed: 2, errors: { 'collector-rejects': 1 } },
      ])
    })

    it('counts once what it gets again, because an answer was lost', async () => {
      const { tracker, collector } = createTestTracker({ automatic: false })
      collector.fail('lost-answer', 1)
      tracker.track('Search')
      expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
      expect(collector.events()).toHaveLength(2)
      expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
      expect([collector.events().length, collector.requests()]).toEqual([2, 2])
    })

    it('is asked again by itself, later and later', async () => {
      const { tracker, collector, clock } = createTestTracker({ automatic: false })
      collector.fail('offline', 3)
      tracker.track('Search')
      await clock.advance(10 * minuteMs)
      expect([collector.requests(), tracker.status().owed]).toEqual([4, 0])
    })
  })

  describe('the clock of a test', () => {
    it('goes forward only, and has an end', async () => {
      const { clock } = createTestTracker({ automatic: false })
      await expect(clock.advance(-1)).rejects.toThrow(RangeError)
      await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError)
      await expect(clock.advance(Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError)
    })
  })
}
