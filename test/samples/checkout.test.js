import { createTestTracker, stopTestTrackers } from 'sojourn/testing'
import { afterEach, expect, test, vi } from 'vitest'
import 'sojourn/testing/vitest'
import { buy } from './checkout.js'

vi.mock('sojourn', () => import('sojourn/testing'))

afterEach(stopTestTrackers)

test('a purchase is not lost while the collector is down, and counts once', async () => {
  const { collector, clock } = createTestTracker({ key: 'shop' })
  collector.fail('lost-answer')
  buy(42)
  await clock.advance(60_000)
  collector.recover()
  await clock.advance(5 * 60_000)
  expect(collector).toHaveTracked('Purchase', { total: 42 }, { times: 1 })
})

test('an hour without activity ends the session', async () => {
  const { tracker, clock } = createTestTracker({ key: 'shop' })
  tracker.signIn('ada')
  await clock.advance(60 * 60_000)
  expect(tracker).not.toHaveSession({ identityId: 'ada', endDate: 0 })
})
