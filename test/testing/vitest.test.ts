import '../../src/testing/vitest.js'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestTracker, stopTestTrackers } from '../../src/testing/index.js'
import { describeMatchers } from './matchers.js'

afterEach(stopTestTrackers)

describeMatchers(expect as never, { describe, it })

describe('the matchers of Vitest', () => {
  it('know their types', () => {
    const { tracker } = createTestTracker()
    tracker.track('Search', { q: 'tea' })
    expect(tracker).toHaveTracked('Search', { q: expect.any(String) })
    // @ts-expect-error a session has no such field
    expect(tracker).not.toHaveSession({ identity: 'ada' })
    // @ts-expect-error the data of an event is an object
    expect(tracker).not.toHaveTracked('Search', 'tea')
  })
})
