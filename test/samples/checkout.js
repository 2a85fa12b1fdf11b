import { createTracker } from 'sojourn'

const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })

export function buy(total) {
  tracker.track('Purchase', { total })
}
