/** Lines that must compile, and lines that must not: held by `tsc -p tsconfig.test.json`. Nothing here is ever run. */
import {
  type Consent,
  createTracker,
  type Event,
  type FlushResult,
  type JsonObject,
  type Page,
  type PageProperties,
  type Session,
  type Status,
  type Tracker,
  TrackerError,
  type TrackerErrorCode,
  type TrackerOptions,
  toOutcome,
  type Visit,
} from '../src/index.js'

type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Compiles where `T` is `true`. */
declare const is: <T extends true>(only?: T) => T

// Options: two are needed, the rest is known by name and type.
const options: TrackerOptions = { collector: 'https://collector.example', key: 'my-key' }
const tracker: Tracker = createTracker(options)
createTracker({
  collector: 'https://collector.example',
  key: 'my-key',
  consent: 'pending',
  ignorePrivacySignals: true,
  automatic: false,
  anonymous: false,
  history: false,
  idleLimitMs: 1,
  flushEveryMs: 1,
  owedMaxChars: 1,
  owedMaxAgeMs: 1,
  debug: true,
  onError: error => void error.code,
  transport: {
    async send(body, signal) {
      const response = await fetch('https://collector.example', { method: 'POST', body, signal })
      return toOutcome(response.status, await response.text(), response.headers.get('Retry-After'))
    },
    copy: body => body === '',
    room: () => 0,
  },
})
is<Equal<ReturnType<Tracker['properties']>, () => void>>()
// @ts-expect-error properties are an object
tracker.properties('pro')
// @ts-expect-error a transport has three functions
createTracker({ ...options, transport: { send: async () => ({ is: 'unknown', cause: 'no network' }) } })
// @ts-expect-error no options at all
createTracker()
// @ts-expect-error no key
createTracker({ collector: 'https://collector.example' })
// @ts-expect-error no collector
createTracker({ key: 'my-key' })
// @ts-expect-error no such option
createTracker({ collector: 'https://collector.example', key: 'my-key', endpoint: '/' })
// @ts-expect-error a number is no address
createTracker({ collector: 5, key: 'my-key' })
// @ts-expect-error no such consent
createTracker({ ...options, consent: 'maybe' })
// @ts-expect-error ms are a number
createTracker({ ...options, idleLimitMs: '30 minutes' })
// @ts-expect-error a listener is a function
createTracker({ ...options, onError: 'console' })
// @ts-expect-error options are read once, and not changed
options.key = 'another'

// Verbs return nothing, and take what they say.
is<Equal<ReturnType<Tracker['signIn']>, void>>()
is<Equal<ReturnType<Tracker['signOut']>, void>>()
is<Equal<ReturnType<Tracker['track']>, void>>()
is<Equal<ReturnType<Tracker['page']>, void>>()
is<Equal<ReturnType<Tracker['userInfo']>, void>>()
is<Equal<ReturnType<Tracker['consent']>, void>>()
is<Equal<ReturnType<Tracker['flush']>, Promise<FlushResult>>>()
is<Equal<ReturnType<Tracker['status']>, Status>>()
is<Equal<ReturnType<Tracker['onError']>, () => void>>()
is<Equal<ReturnType<Tracker['stop']>, void>>()
tracker.signIn('anna')
tracker.signIn('anna', { name: 'Anna', location: { city: 'Ulm' } })
tracker.signIn('anna', { name: 'Anna', proof: 'a token' })
tracker.signIn('anna', { proof: null })
// @ts-expect-error a proof is a text
tracker.signIn('anna', { proof: 5 })
tracker.signIn(42)
tracker.signIn(42n)
// @ts-expect-error true is nobody
tracker.signIn(true)
tracker.signOut()
tracker.track('Search')
tracker.track('Search', { q: 'tea', found: [1, 2], none: null })
interface Item {
  sku: string
  price?: number
}
class Basket {
  readonly items: readonly Item[] = []
}
declare const item: Item
tracker.track('AddToCart', item)
tracker.track('AddToCart', new Basket())
tracker.track('AddToCart', new Map([['sku', 'A1']]))
tracker.signIn('anna', item)
tracker.userInfo(item)
tracker.page()
tracker.page({ url: 'https://shop.example/', title: 'Shop', category: 'tea', variant: 5 })
tracker.userInfo({ plan: 'free' })
tracker.consent('granted')
tracker.onError(error => is<Equal<typeof error, TrackerError>>())()
// @ts-expect-error no such verb
tracker.identify('anna')
// @ts-expect-error an identity has an id
tracker.signIn()
// @ts-expect-error what is known of an identity is an object
tracker.signIn('anna', 'Anna')
// @ts-expect-error signing out says nobody
tracker.signOut('anna')
// @ts-expect-error an event has a name
tracker.track()
// @ts-expect-error a name is text
tracker.track({ name: 'Search' })
// @ts-expect-error data is an object
tracker.track('Search', 'tea')
// @ts-expect-error data is no number
tracker.track('Search', 5)
// @ts-expect-error an address is text
tracker.page({ url: 5 })
declare const product: Item & { title?: string; category: string | null; readonly tags: readonly string[]; at: Date }
tracker.page(product)
tracker.page(item)
tracker.page(new Basket())
tracker.page({ title: undefined, url: undefined, category: null, step: undefined })
tracker.page({ ...product, title: product.title })
tracker.page({ referrer: product.tags[0] })
const pageProperties: PageProperties = { title: 'Cart', step: 2 }
tracker.page(pageProperties)
tracker.page(undefined)
declare const numbered: { url: number; step: number }
// @ts-expect-error an address is text, also that of an interface
tracker.page(numbered)
// @ts-expect-error what is told of a page is an object
tracker.page('Cart')
// @ts-expect-error a title is text
tracker.page({ title: new Date() })
tracker.userInfo(product)
tracker.properties(product)
tracker.properties(new Basket())
// @ts-expect-error what is told of a person is an object
tracker.userInfo('Ada')
tracker.signIn('anna', undefined)
tracker.signIn('anna', { name: undefined, proof: undefined })
declare const session2: { user?: { id?: string; proof?: string } }
tracker.signIn('anna', session2.user)
// @ts-expect-error perhaps nobody is known
tracker.signIn(session2.user?.id)
// @ts-expect-error null is nobody
tracker.signIn(null)
for (const verb of [tracker.signOut, tracker.stop]) verb()
const { page: enter, signIn } = tracker
enter(item)
signIn('anna', item)

// Options that are not set may be `undefined`, as they are when they come from somewhere else.
declare const settings: {
  automatic?: boolean
  idleLimitMs?: number
  onError?: (error: TrackerError) => void
  url?: (url: string) => string
}
createTracker({
  ...options,
  automatic: settings.automatic,
  idleLimitMs: settings.idleLimitMs,
  onError: settings.onError,
  url: settings.url,
})
createTracker({
  ...options,
  ...settings,
  transport: undefined,
  store: undefined,
  sample: undefined,
  visitorDomain: undefined,
  consent: undefined,
})
// @ts-expect-error a key is needed
createTracker({ ...options, key: undefined })
tracker.track('Beat', {}, { activity: settings.automatic })
// @ts-expect-error info is needed
tracker.userInfo()
// @ts-expect-error no such consent
tracker.consent('yes')
// @ts-expect-error a listener takes an error
tracker.onError((error: string) => error)
// @ts-expect-error verbs are not replaced
tracker.track = undefined

// Queries give the resources, which are read and never written.
is<Equal<ReturnType<Tracker['session']>, Promise<Session | undefined>>>()
is<Equal<ReturnType<Tracker['events']>, Promise<Event[]>>>()
is<Equal<ReturnType<Tracker['pages']>, Promise<Page[]>>>()
is<Equal<ReturnType<Tracker['sessions']>, Promise<Session[]>>>()
is<Equal<ReturnType<Tracker['visits']>, Promise<Visit[]>>>()
void tracker.session()
void tracker.session('a-session')
// @ts-expect-error which session?
void tracker.events()
// @ts-expect-error which visit?
void tracker.sessions()

declare const session: Session
declare const event: Event
declare const page: Page
declare const visit: Visit
declare const status: Status
declare const result: FlushResult
is<Equal<typeof session.endDate, number>>()
is<Equal<typeof event.data, JsonObject | null>>()
is<Equal<typeof event.eventType, 'SYSTEM' | 'BUSINESS'>>()
is<Equal<typeof event.sessionID, string | null>>()
is<Equal<typeof status.consent, Consent>>()
// @ts-expect-error readonly
session.endDate = 5
// @ts-expect-error readonly
event.eventName = 'Another'
// @ts-expect-error readonly
page.url = '/'
// @ts-expect-error readonly
visit.startDate = 0
// @ts-expect-error readonly
status.made = 0
// @ts-expect-error readonly
status.dropped.gone = 0
// @ts-expect-error readonly
result.stored = 5
// @ts-expect-error the wire spells it sessionID
void session.sessionId

// Errors bear codes of a list.
const code: TrackerErrorCode = 'event-unnamed'
void code
const ofOption: TrackerErrorCode = 'option-key'
void ofOption
// @ts-expect-error no such code
const wrong: TrackerErrorCode = 'oops'
void wrong
// @ts-expect-error no such code
void new TrackerError('oops')
