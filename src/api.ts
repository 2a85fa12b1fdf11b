import type { Counts } from './counts.js'
import type { TrackerError } from './errors.js'
import type { RecordFate } from './known.js'
import type { Consent } from './options.js'
import type { FlushResult } from './outbox/outbox.js'
import type { Queries } from './queries.js'
import type { PageView } from './record/call.js'
import type { Event } from './record/event.js'
import type { Page } from './record/page.js'
import type { Session } from './record/session.js'
import type { Visit } from './record/visit.js'
import type { RecordingState, StoreKind } from './recording.js'

/**
 * What a page view may be told. `url`, `title`, `referrer` and `category` are facts of the page; `null` and `undefined` count as left
 * out. Everything else becomes data of the event.
 */
export type PageProperties = (object | { readonly [name: string]: unknown }) & {
  readonly [Fact in keyof PageView]?: string | null | undefined
}

/** What {@link Tracker.signIn} may be told of the identity. Everything but the proof becomes data of the event. */
export type SignInInfo = (object | { readonly [name: string]: unknown }) & {
  /**
   * What the site's server gave to show that the identity is right: `docs/protocol.md` says how it is made. 1 to 2,048
   * characters of `A-Z a-z 0-9 - . _ ~ + / =`. It goes to the collector with the session, and is no part of the data.
   */
  readonly proof?: string | null | undefined
}

/** How {@link Tracker.track} records an event. */
export interface TrackOptions {
  /**
   * Whether the event shows that a person is there. An event with `false`, such as a heartbeat, keeps no session open.
   * Events of a hidden page that nobody has touched never do.
   *
   * @default true
   */
  readonly activity?: boolean | undefined
}

/** What has become of the records of this page load, and what the outbox is doing: made = stored + owed + dropped. */
export interface Status extends Readonly<Counts>, Omit<RecordingState, 'store'> {
  readonly consent: Consent
  /** Where records are kept. `none`: recording is not allowed, or nobody was asked yet. */
  readonly store: StoreKind | 'none'
  /** Calls that are not records yet: consent is pending, or the store is not open. */
  readonly waiting: number
  /** Records that were lost, by reason. */
  readonly dropped: Readonly<Record<string, number>>
  /** How often each error code was reported. */
  readonly errors: Readonly<Record<string, number>>
}

/**
 * What {@link Tracker.observe} can be asked: the status, or a question of {@link Queries}. `session` alone means the session
 * that is open, whichever that is.
 */
export type Question =
  | 'status'
  | 'session'
  | 'records'
  | { readonly session: string }
  | { readonly events: string }
  | { readonly pages: string }
  | { readonly sessions: string }
  | { readonly visits: string }

/** What a {@link Question} is answered with. Lists are never changed: a new answer is a new list. */
export type Observed<Q extends Question> = Q extends 'status'
  ? Status
  : Q extends 'records'
    ? readonly RecordFate[]
    : Q extends 'session' | { readonly session: string }
      ? Session | undefined
      : Q extends { readonly events: string }
        ? readonly Event[]
        : Q extends { readonly pages: string }
          ? readonly Page[]
          : Q extends { readonly sessions: string }
            ? readonly Session[]
            : readonly Visit[]

/** Events of any name, with any data. */
export type AnyEvents = { readonly [name: string]: object | undefined }

/**
 * The data of an event. A name that is one of several has the data that all of them take: nobody knows which it is. An event of
 * type `null`, `void` or `never` has no data, and one of a text or number cannot be recorded. `Events[Name]` of a generic function fits,
 * because TypeScript sees through a condition that every type parameter meets.
 */
export type EventData<Events, Name extends keyof Events> = NamesOf<Name>[Name] extends (name: Name) => void
  ? DataOfEach<Events>[Name]
  : DataOfAll<DataOfEach<Events>, Name>
type NamesOf<Name extends PropertyKey> = { [One in Name]: (name: One) => void }
type DataOfEach<Events> = { [Name in keyof Events]: DataOfOne<Events[Name]> }
type DataOfOne<Data> = [Data] extends [never]
  ? undefined
  : [Data] extends [object | null | undefined | void]
    ? Data | (null extends Data ? undefined : never)
    : Data & (object | undefined)
type HandlersOf<Each> = { [Name in keyof Each]: HandlerOf<Each[Name]> }
type DataOfAll<Each, Name extends keyof Each> = HandlersOf<Each>[Name] extends HandlerOf<infer All> ? All : never
type HandlerOf<Data> = (data: [Data]) => void

/** What {@link Tracker.track} takes beside the name. The data may be left out if the type of the event allows `undefined`. */
export type TrackRest<Events, Name extends keyof Events> =
  undefined extends EventData<Events, Name>
    ? [data?: EventData<Events, Name>, options?: TrackOptions | undefined]
    : [data: EventData<Events, Name>, options?: TrackOptions | undefined]

/**
 * A tracker. Verbs return at once, may be called at once, and never throw. What goes wrong is told to `onError`.
 *
 * @example
 * const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })
 * tracker.signIn('user-42', { name: 'Ada' })
 * tracker.track('AddToCart', { sku: 'A1', price: 19.95 })
 * tracker.signOut()
 *
 * @typeParam Events names of events, with the type of their data: `{ AddToCart: { sku: string }; Logout: undefined }`. Then
 * {@link track} takes no other name, and no other data. It changes nothing at run time.
 */
export interface Tracker<Events extends object = AnyEvents> extends Queries {
  /**
   * Opens a session for an identity. A call for the identity that is signed in changes nothing. A call for another
   * identity ends the open session and opens a new one.
   *
   * @param identityId 1 to 512 characters, or a number, which counts as its digits: 42 is `'42'`. Otherwise
   * `identity-invalid` is reported.
   * @param info what is known of the identity, for example `name` and `location`, and the `proof` of a site whose
   * collector takes only signed identities. A newer proof takes the place of the one before, without a new session. A
   * wrong one reports `proof-invalid`, and the sign-in goes on without it.
   * @example tracker.signIn('user-42', { name: 'Ada' })
   * @example tracker.signIn('user-42', { proof: tokenFromMyServer })
   */
  signIn(identityId: string | number | bigint, info?: SignInInfo): void
  /**
   * Closes the open session and sends what is owed. Without an open session nothing happens.
   *
   * @example tracker.signOut()
   */
  signOut(): void
  /**
   * Records a page view, and ends the one before. With `automatic` (the default) the tracker does this itself.
   *
   * @param properties what is left out is read from the document. Texts are cut at 8,192 characters.
   * @example tracker.page({ title: 'Cart', step: 2 })
   */
  page(properties?: PageProperties): void
  /**
   * Records an event.
   *
   * @param name 1 to 1,024 characters; otherwise `event-unnamed` is reported.
   * @param data an object, taken as it is at the call. Dates, maps, sets, errors and bigints are written as
   * `docs/errors.md#data-invalid` says. What cannot be written is left out and reported (`data-invalid`). The event is
   * recorded without data if that is larger than 120 KiB (`record-too-large`).
   * @param options see {@link TrackOptions}.
   * @example tracker.track('AddToCart', { sku: 'A1' })
   */
  track<Name extends keyof Events & string>(name: Name, ...rest: TrackRest<Events, Name>): void
  /**
   * Adds these properties to the data of each page view and of each event of {@link track} from now on. The data of the event
   * wins, and later properties win over earlier ones. They are taken as they are at the call, and limited and reported as
   * `data` of {@link track}. They hold in this page, until it is left, and also after a `stop()`. They are no traits of the
   * identity: `SignIn` and `UserInfo` are not given them.
   *
   * @returns the undo of this call. It may be called more than once.
   * @example const undo = tracker.properties({ plan: 'pro', theme: 'dark' })
   */
  properties(properties: object): () => void
  /**
   * Tells more of the identity that is signed in.
   *
   * @param info as `data` of {@link track}; `name` and `location` become traits of the identity.
   * @example tracker.userInfo({ location: 'Lisbon' })
   */
  userInfo(info: object): void
  /**
   * Says what the visitor has decided. `granted` records. `denied` deletes everything on this device and stops.
   * `pending` forgets what was decided before: calls wait in memory until the page says one of the others, and what is
   * owed stays on the device. All of them hold in all tabs. The device remembers `granted` and `denied`
   * (`rememberConsent`). Other values report `consent-invalid`.
   *
   * @example tracker.consent('granted')
   */
  consent(state: Consent): void
  /**
   * Forgets the visitor on this device, in every tab: what is owed, in flight or kept for local questions, who is signed in,
   * and the id of the browser. `status().dropped` counts it as `forgotten`. The tracker goes on with a new visitor, who is
   * signed out, unless consent is denied or the tracker is stopped. A tab that sleeps forgets when it wakes. It does not
   * delete what the collector has stored: your server does that, with `DELETE /v1/identities/{id}`. Never rejects.
   *
   * @returns settles when everything is deleted that this tab can delete, and the other tabs are told. Where the browser
   * does not open its database it settles after 3 seconds, and the database is cleared when it opens.
   * @example await tracker.forget()
   */
  forget(): Promise<void>
  /**
   * Sends what is owed now. Never rejects: what could not be stored is still owed.
   *
   * @returns how many records the collector has stored in this flush, and how many this device still owes.
   * @example const { owed } = await tracker.flush()
   */
  flush(): Promise<FlushResult>
  /**
   * Tells what has become of the records of this page load.
   *
   * @example const { made, stored, owed, dropped } = tracker.status()
   */
  status(): Status
  /**
   * Tells the answer to a question, and tells it again after each change, in whatever tab that happens. The answers are
   * those of {@link Queries}, and hide the same.
   *
   * The listener is called for the first time in a later task, once it is known who is signed in. Several changes of a task
   * make one call. It is not called if the answer is still the same, and what has not changed in a list is the same object.
   * So the last answer can be the snapshot of `useSyncExternalStore`.
   *
   * The store is read when the first listener comes, and again when somebody else is signed in, or the page was away. No
   * event costs a read. While somebody listens, lists keep what they had, so they may hold what this browser has sent and
   * deleted since.
   *
   * `stop()` silences the listener until `createTracker` starts the tracker again. While recording is not allowed the answers
   * are empty. On a server, and while a page is prerendered, nothing is called. In a browser without
   * BroadcastChannel the page hears of other tabs when it is shown again. A listener that throws costs only itself, and is
   * reported once (`hook-failed`).
   *
   * @returns the undo. It may be called in the listener, and more than once.
   * @example const undo = tracker.observe('session', session => greet(session ? session.identityId : 'nobody'))
   * @example tracker.observe({ events: sessionID }, events => list(events.map(({ eventName }) => eventName)))
   * @example tracker.observe('status', ({ owed }) => badge(owed))
   */
  observe<Q extends Question>(question: Q, listener: (answer: Observed<Q>) => void): () => void
  /**
   * Listens for errors. An error of a verb that a listener calls is counted, but not told to listeners.
   *
   * @returns the undo.
   * @example const undo = tracker.onError(({ code }) => report(code))
   */
  onError(listener: (error: TrackerError) => void): () => void
  /**
   * Stops listening and sending. What is owed stays on the device for the next page load.
   *
   * @example tracker.stop()
   */
  stop(): void
}
