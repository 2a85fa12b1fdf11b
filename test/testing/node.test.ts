import { describe, expect, it } from 'vitest'
import { createTestTracker, createTracker } from '../../src/testing/index.js'
import { describeTestTracker } from './promises.js'

describeTestTracker()

describe('where there is no page', () => {
  it('adds no global', () => {
    const before = Object.getOwnPropertyNames(globalThis)
    const { tracker, stop } = createTestTracker()
    tracker.page()
    stop()
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before)
  })

  it('gives an application that imports this module the tracker of its key, before and after the test makes it', async () => {
    const options = { collector: 'https://collector.example', key: 'early' }
    const early = createTracker(options)
    const { tracker, collector } = createTestTracker({ key: 'early' })
    expect(early).toBe(tracker)
    expect(createTracker(options)).toBe(tracker)
    early.track('Search')
    await tracker.flush()
    expect(collector.events()).toHaveLength(2)
    tracker.stop()
  })
})
