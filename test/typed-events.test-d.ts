/** Typed events: lines that must compile, and lines that must not. Held by `tsc -p tsconfig.test.json`. */

import * as v from 'valibot'
import * as z from 'zod'
import { segment } from '../src/adapters/segment.js'
import { createTracker, type EventData, type Tracker, type TrackOptions, type TrackRest } from '../src/index.js'
import { clicks } from '../src/plugins/clicks.js'
import { checkEvents, type EventsOf } from '../src/schemas.js'

interface Events {
  AddToCart: { sku: string; price?: number }
  Search: { words: string } | undefined
  Logout: undefined
  Viewed: { sku: string; list: string }
  Paid: { by: 'card'; last4: string } | { by: 'voucher'; code: string }
  Listed: { readonly rows: readonly string[]; at: Date; note?: string | undefined }
  Nothing: void
  Never: never
  Nil: null
}

const options = { collector: 'https://collector.example', key: 'my-key' }
const tracker = createTracker<Events>(options)
declare const loosely: Tracker
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
tracker.track(either, undefined, { activity: false })
declare const viewed: 'Viewed' | 'AddToCart'
tracker.track(viewed, { sku: 'A1', list: 'summer' })
tracker.track(viewed, { sku: 'A1', list: 'summer', price: 4.5 })
// @ts-expect-error Viewed needs a list
tracker.track(viewed, { sku: 'A1' })
// @ts-expect-error both need data
tracker.track(viewed)
declare const addOrLeave: 'AddToCart' | 'Logout'
// @ts-expect-error Logout has no data
tracker.track(addOrLeave, { sku: 'A1' })
// @ts-expect-error AddToCart needs data
tracker.track(addOrLeave)
declare const any: keyof Events
// @ts-expect-error nothing fits all events
tracker.track(any, { sku: 'A1' })

// Data of an event may be one of several, and may be read-only, optional, a date.
tracker.track('Paid', { by: 'card', last4: '4242' })
tracker.track('Paid', { by: 'voucher', code: 'X' })
// @ts-expect-error a voucher has a code
tracker.track('Paid', { by: 'voucher', last4: '4242' })
declare const rows: readonly string[]
tracker.track('Listed', { rows, at: new Date(), note: undefined })
tracker.track('Listed', { rows: ['a'] as const, at: new Date() })
// @ts-expect-error a date is no text
tracker.track('Listed', { rows, at: '2026-01-01' })
interface Item {
  sku: string
  price?: number
}
declare const item: Item
declare const readonlyItem: Readonly<Item>
tracker.track('AddToCart', item)
tracker.track('AddToCart', readonlyItem)
tracker.track('AddToCart', { ...item, price: 5 })
// @ts-expect-error perhaps there is no item
tracker.track('AddToCart', rows[0])
tracker.track('Search', rows[0] === undefined ? undefined : { words: rows[0] })
declare const isQuiet: boolean
tracker.track('Search', undefined, { activity: isQuiet ? false : undefined })
tracker.track('Search', undefined, isQuiet ? { activity: false } : undefined)

// Each way to write an event that has no data.
for (const name of ['Logout', 'Nothing', 'Never', 'Nil'] as const) tracker.track(name)
tracker.track('Nothing', undefined, { activity: false })
tracker.track('Nil', null)
// @ts-expect-error this event has no data
tracker.track('Nothing', { why: 'idle' })
// @ts-expect-error this event has no data
tracker.track('Never', { why: 'idle' })
// @ts-expect-error this event has no data
tracker.track('Nil', { why: 'idle' })

// Data is an object, whatever a type says.
interface Mistaken {
  Text: string
  Count: number | undefined
  Unknown: unknown
}
declare const mistaken: Tracker<Mistaken>
// @ts-expect-error a text is no data
mistaken.track('Text', 'text')
// @ts-expect-error a number is no data
mistaken.track('Count', 5)
mistaken.track('Count')
mistaken.track('Unknown', { at: new Date() })
mistaken.track('Unknown')
// @ts-expect-error a text is no data
mistaken.track('Unknown', 'text')

// Names from a constant, data that is checked where it is made, and events that are listed by a record.
const addToCart = { sku: 'A1' } satisfies Events['AddToCart']
tracker.track(({ add: 'AddToCart' } as const).add, addToCart)
declare const listed: Tracker<Record<'Opened' | 'Closed', { at: number }>>
listed.track('Opened', { at: 5 })
// @ts-expect-error no such event
listed.track('Moved', { at: 5 })
declare const name: string
// @ts-expect-error any text is no name
tracker.track(name, { sku: 'A1' })

// `track` as a value, and in functions of the application.
const { track } = tracker
track('AddToCart', { sku: 'A1' })
// @ts-expect-error no such event
track('AddToCard', { sku: 'A1' })
function trackTwice<Name extends keyof Events>(name: Name, ...rest: TrackRest<Events, Name>): void {
  tracker.track(name, ...rest)
  track(name, ...rest)
}
trackTwice('AddToCart', { sku: 'A1' })
trackTwice('Logout')
// @ts-expect-error data is needed
trackTwice('AddToCart')
function trackNow<Name extends keyof Events>(name: Name, data: EventData<Events, Name>): void {
  tracker.track(name, ...([data] as TrackRest<Events, Name>))
}
trackNow('AddToCart', { sku: 'A1' })
// @ts-expect-error a sku is a text
trackNow('AddToCart', { sku: 5 })
// The wrapper that everybody writes first.
function report<Name extends keyof Events>(name: Name, data: Events[Name]): void {
  tracker.track(name, data)
  track(name, data)
  tracker.track(name, data, { activity: false })
}
report('AddToCart', { sku: 'A1' })
report('Logout', undefined)
// @ts-expect-error a sku is a text
report('AddToCart', { sku: 5 })
// @ts-expect-error no such event
report('AddToCard', { sku: 'A1' })
const reportLater = <Name extends keyof Events>(name: Name, data: Events[Name], how: TrackOptions = {}): void => {
  setTimeout(() => tracker.track(name, data, how))
}
reportLater('Paid', { by: 'voucher', code: 'X' }, { activity: false })
function reportOneOf<Name extends 'AddToCart' | 'Viewed'>(name: Name, data: Events[Name]): void {
  tracker.track(name, { ...data })
  tracker.track(name, data)
}
reportOneOf('Viewed', { sku: 'A1', list: 'summer' })
function reportWrongly<Name extends keyof Events, Other extends keyof Events>(
  name: Name,
  data: Events[Name],
  otherName: Other,
  other: Events[Other],
): void {
  tracker.track(otherName, other)
  // @ts-expect-error data of another event
  tracker.track(name, other)
  // @ts-expect-error data of another event
  tracker.track(otherName, data)
  // @ts-expect-error data of one event
  tracker.track(name, { sku: 'A1' })
  // @ts-expect-error some event needs data
  tracker.track(name)
  // @ts-expect-error some event has data
  tracker.track(name, undefined)
}
reportWrongly('Logout', undefined, 'Nil', null)
function reportPerhaps<Name extends keyof Events>(name: Name, data?: Events[Name]): void {
  // @ts-expect-error some event needs data
  tracker.track(name, data)
}
reportPerhaps('AddToCart')
// A wrapper for any events.
function reportTo<All extends object, Name extends keyof All & string>(
  to: Tracker<All>,
  name: Name,
  ...rest: TrackRest<All, Name>
): void {
  to.track(name, ...rest)
}
reportTo(tracker, 'AddToCart', { sku: 'A1' })
// @ts-expect-error data is needed
reportTo(tracker, 'AddToCart')

function hand(to: Tracker<Events>['track']): void {
  to('Logout')
}
hand(track)
hand(loosely.track)
class Cart {
  readonly to: Pick<Tracker<Events>, 'track' | 'page'>
  constructor(to: Pick<Tracker<Events>, 'track' | 'page'>) {
    this.to = to
  }
  add(sku: string): void {
    this.to.track('AddToCart', { sku })
  }
}
new Cart(tracker).add('A1')

// Events may be a type, an interface, or extend others. A name that is not in it is not there.
type More = Events & { Shared: { to: string } }
declare const more: Tracker<More>
more.track('Shared', { to: 'ada' })
more.track('AddToCart', { sku: 'A1' })
// @ts-expect-error to is missing
more.track('Shared', {})

// Names may follow a pattern, and a member may be optional.
interface Patterns {
  [name: `menu:${string}`]: { depth: number }
  Asked?: { words: string }
}
declare const patterned: Tracker<Patterns>
declare const place: string
patterned.track('menu:help', { depth: 2 })
patterned.track(`menu:${place}`, { depth: 2 })
patterned.track('Asked')
// @ts-expect-error depth is missing
patterned.track(`menu:${place}`, {})
// @ts-expect-error no such event
patterned.track('help', { depth: 2 })

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

// Schemas: what is left out of a type is a mistake, and so is what is too much.
const schemas = {
  Add: z.object({ sku: z.string(), price: z.number().optional() }),
  Empty: z.object({}),
  Loose: z.object({ sku: z.string().optional() }),
  Paid: z.discriminatedUnion('by', [
    z.object({ by: z.literal('card') }),
    z.object({ by: z.literal('voucher'), code: z.string() }),
  ]),
  Anything: z.unknown(),
  Valibot: v.object({ at: v.date() }),
}
const checked = checkEvents(loose, schemas)
checked.track('Add', { sku: 'A1', price: undefined })
checked.track('Empty')
checked.track('Loose')
checked.track('Paid', { by: 'voucher', code: 'X' })
checked.track('Anything', { at: new Date() })
checked.track('Anything')
checked.track('Valibot', { at: new Date() })
// @ts-expect-error no such member
checked.track('Add', { sku: 'A1', colour: 'red' })
// @ts-expect-error a voucher has a code
checked.track('Paid', { by: 'voucher' })
// @ts-expect-error data is needed
checked.track('Valibot')
// @ts-expect-error data is an object
checked.track('Anything', 'text')
const described: Tracker<EventsOf<typeof schemas>> = createTracker<EventsOf<typeof schemas>>(options)
described.track('Add', { sku: 'A1' })
