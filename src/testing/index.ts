export { TrackerError } from '../errors.js'
export type { TestClock } from './clock.js'
export { type CollectorFailure, createTestCollector, type TestCollector } from './collector.js'
export {
  createTestTracker,
  createTracker,
  stopTestTrackers,
  type TestTracker,
  type TestTrackerOptions,
} from './tracker.js'
