import { afterEach, describe, expect, it } from 'vitest'
import { createTestTracker, stopTestTrackers } from '../../src/testing/index.js'
import { createTracker } from '../../src/tracker.js'

/** What a tracker under test promises where there is a page. */
export function describeTrackerOnPage(): void {
  afterEach(() => {
    stopTestTrackers()
    history.replaceState(null, '', '/')
    document.title = ''
  })

  describe('a tracker under test on a page', () => {
    it('is what createTracker gives for its key', async () => {
      const { tracker } = createTestTracker({ key: 'shop' })
      expect(createTracker({ collector: 'https://collector.example', key: 'shop' })).toBe(tracker)
    })

    it('is not made for a key whose tracker is not under test', () => {
      const { stop } = createTracker({ collector: 'https://collector.example', key: 'real' })
      expect(() => createTestTracker({ key: 'real' })).toThrow('the page has a tracker')
      stop()
    })

    it('records the pages of a router, with their titles', async () => {
      document.title = 'Shop'
      const { collector, tracker, idle } = createTestTracker()
      await idle()
      history.pushState(null, '', '/cart')
      document.title = 'Cart'
      await idle()
      await tracker.flush()
      expect(collector.pages().map(({ url, title }) => [new URL(url).pathname, title])).toEqual([
        ['/', 'Shop'],
        ['/cart', 'Cart'],
      ])
    })

    it('knows the title that a page gets later', async () => {
      document.title = 'Loading'
      const { collector, tracker, idle } = createTestTracker()
      await idle()
      await tracker.flush()
      document.title = 'Cart'
      await idle()
      tracker.track('Search')
      await tracker.flush()
      expect(collector.pages().map(({ title }) => title)).toEqual(['Cart'])
    })

    it('tells that the page is left', async () => {
      const { collector, tracker, idle } = createTestTracker({ automatic: false })
      tracker.page()
      await idle()
      window.dispatchEvent(new Event('pagehide'))
      expect(collector.events().map(({ eventName }) => eventName)).toEqual([
        'VisitStarted',
        'PageEntered',
        'PageExited',
      ])
    })

    it('leaves nothing in the localStorage of the page', async () => {
      const { tracker } = createTestTracker({ automatic: false })
      tracker.consent('granted')
      document.dispatchEvent(new Event('visibilitychange'))
      tracker.track('Search')
      window.dispatchEvent(new Event('pagehide'))
      expect(Object.keys(localStorage)).toEqual([])
    })
  })
}
