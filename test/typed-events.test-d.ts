/** Typed events: lines that must compile, and lines that must not. Held by `tsc -p tsconfig.test.json`. */

import { segment } from '../src/adapters/segment.js'
import { createTracker, type Tracker } from '../src/index.js'
import { clicks } from '../src/plugins/clicks.js'

interface Events {
  AddToCart: { sku: string; price?: number }
  Search: { words: string } | undefined
  Logout: undefined
}

const options = { collector: 'https://collector.example', key: 'my-key' }
const tracker = createTracker<Events>(options)
tracker.track('AddToCart', { sku: 'A1' })
tracker.track('AddToCart', { sku: 'A1', price: 4.5 }, { activity: false })
tracker.track('Search')
tracker.track('Search', { words: 'lamp' })
tracker.track('Logout')
tracker.track('Logout', undefined, { activity: false })
// @ts-expect-error no such event
tracker.track('AddToCard', { sku: 'A1' })
// @ts-expect-error data is needed
tracker.track('AddToCart')
// @ts-expect-error a sku is a text
tracker.track('AddToCart', { sku: 5 })
// @ts-expect-error sku is missing
tracker.track('AddToCart', { price: 5 })
// @ts-expect-error no such member
tracker.track('AddToCart', { sku: 'A1', colour: 'red' })
// @ts-expect-error this event has no data
tracker.track('Logout', { why: 'idle' })

// A name that is one of several takes what all of them take.
declare const either: 'Search' | 'Logout'
tracker.track(either)

// Without types, anything goes, as before.
const loose: Tracker = createTracker(options)
loose.track('Anything', { at: new Date() })
loose.track('Anything')
// @ts-expect-error data is an object
loose.track('Anything', 'text')

// A typed tracker is a tracker for plugins and adapters, and for functions that take any.
clicks(tracker)
segment(tracker)
const taken: Tracker = tracker
taken.signOut()
