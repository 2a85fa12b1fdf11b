import type { TrackerError } from './errors.js'
import type { NewEvent } from './record/call.js'
import type { KeyValueStore } from './store/key-value-store.js'
import type { Transport } from './transport/transport.js'

/** What the visitor has decided about recording. `pending`: the page has not asked the visitor yet. */
export type Consent = 'pending' | 'granted' | 'denied'

/**
 * The options of a tracker. Only `collector` and `key` are required. Only own properties count, and `undefined` counts as not given. Numbers are
 * finite and above 0.
 *
 * @example
 * const options: TrackerOptions = {
 *   collector: 'https://collector.example',
 *   key: 'shop',
 *   consent: 'pending',
 *   onError: ({ code }) => console.warn(code),
 * }
 */
export interface TrackerOptions {
  /**
   * The collector's base address: `http:` or `https:`, without user, query and fragment. The tracker adds `/v1/sessions`. In a
   * page it may begin with `/` or `.`, and is then relative to the document, in a worker to its script. A wrong address throws
   * `option-collector`. On a server any relative address is taken.
   *
   * @example 'https://collector.example'
   * @example '/stats'
   */
  readonly collector: string
  /**
   * The site's write key: 1 to 100 characters of `A-Z a-z 0-9 . _ -`. Trackers with different keys share no data. A
   * wrong key throws `option-key`.
   *
   * @example 'shop'
   */
  readonly key: string
  /**
   * What the visitor has decided before the tracker starts. `granted` records. `pending` holds calls in memory and
   * writes nothing until the page calls `consent()`. `denied` records nothing and deletes what this tracker keeps on
   * the device.
   *
   * @default 'granted'
   */
  readonly consent?: Consent | undefined
  /**
   * Whether the device remembers what `tracker.consent()` was told. Then that word holds at the next page load, and not
   * this option. Set it to false if the consent banner remembers the choice and says it at each page load.
   *
   * @default true
   */
  readonly rememberConsent?: boolean | undefined
  /**
   * Whether to ignore Global Privacy Control and Do Not Track. If false, either signal counts as `denied`.
   *
   * @default false
   */
  readonly ignorePrivacySignals?: boolean | undefined
  /**
   * Whether the tracker records page views by itself, in classic pages and in single-page apps. If false, call
   * `page()`.
   *
   * @default true
   */
  readonly automatic?: boolean | undefined
  /**
   * Whether a page in a frame records page views although it is not visible. A visible frame always does, and a frame
   * that nobody can see, such as one that renews a token, does not.
   *
   * @default false
   */
  readonly frames?: boolean | undefined
  /**
   * Says which page an address is. Two addresses with the same key are the same page view. The default ignores the
   * fragment, unless a router uses it (`#/`, `#!`), and for `replaceState` also the query.
   *
   * @example (url) => new URL(url).pathname
   */
  readonly pageKey?: ((url: string) => string) | undefined
  /**
   * Says what is recorded of an address: of the page's url and of its referrer. The default drops the fragment unless a
   * router uses it, replaces the values of secret-looking parameters by `…`, and cuts the referrer of another site to
   * its origin and path. If it throws, the default holds, and `hook-failed` is reported.
   *
   * @example (url) => url.split('?')[0]
   */
  readonly url?: ((url: string) => string) | undefined
  /**
   * Sees each event before it is kept, at the call. It returns the event, a changed event, or `null` to record nothing.
   * If it throws, the event is kept as it was, and `hook-failed` is reported.
   *
   * @example (event) => (event.eventName === 'Search' ? { ...event, data: {} } : event)
   */
  readonly beforeRecord?: ((event: NewEvent) => NewEvent | null) | undefined
  /**
   * Whether to record what happens while nobody is signed in.
   *
   * @default true
   */
  readonly anonymous?: boolean | undefined
  /**
   * The share of visits to record, from 0 to 1. The verdict is made from the id of the visit, so it is the same in every tab
   * and page load of the visit, and for all its sessions: signing in does not change it. What is not sampled is not recorded,
   * and not counted as dropped. Nothing is stored for it. The collector counts what was recorded, and multiplies nothing.
   *
   * @default 1
   */
  readonly sample?: number | undefined
  /**
   * A domain whose subdomains share one visitor (`globalVisitID`): `shop.example` for `www.shop.example` and
   * `help.shop.example`. Give it on each of them. The id stands in a first-party cookie of that domain, `sojourn-<key>`, for
   * 400 days from the last visit, and nothing else does. It is written when a visit begins, and deleted by `consent('denied')`
   * and `forget()`. Visits and sessions are not shared. Where the browser refuses the cookie (the page is not of that domain,
   * or blocks cookies), the origin has a visitor of its own. Without this option no cookie is ever set or read.
   *
   * @default ''
   */
  readonly visitorDomain?: string | undefined
  /**
   * Whether records of the open session stay on the device after the collector has stored them, so that local queries
   * find them.
   *
   * @default true
   */
  readonly history?: boolean | undefined
  /**
   * A visit and its session end after this time without activity, ms. Their end date is the last activity. At least
   * 5,000, rounded to whole ms.
   *
   * @default 1_800_000 (30 minutes)
   */
  readonly idleLimitMs?: number | undefined
  /**
   * A session ends after this time, ms, also if there is activity, with the reason `limit`. The next activity resumes
   * it as a new session. At least 5,000, rounded to whole ms.
   *
   * @default 86_400_000 (24 hours)
   */
  readonly sessionLimitMs?: number | undefined
  /**
   * The tracker sends owed records this long after it made the first of them, ms. It sends sooner if many records are
   * owed.
   *
   * @default 5_000 (5 seconds)
   */
  readonly flushEveryMs?: number | undefined
  /**
   * The limit on owed records, in characters of their JSON. Above it the tracker drops records with the reason `full`
   * (`record-dropped`): first the oldest anonymous ones, then the oldest. It drops none while the collector takes
   * records.
   *
   * @default 20_971_520 (20 Mi)
   */
  readonly owedMaxChars?: number | undefined
  /**
   * The age limit of owed records, ms. The tracker drops older ones with the reason `full` (`record-dropped`). It drops
   * none while the collector takes records, and none before it has found them too old for one day.
   *
   * @default 5_184_000_000 (60 days)
   */
  readonly owedMaxAgeMs?: number | undefined
  /**
   * Whether to write to the console: if true every error, if false nothing. If not given, mistakes in the use of the
   * tracker are written on a developer's machine (`localhost`, loopback, `.test`, `.local`), each once.
   *
   * @default undefined
   */
  readonly debug?: boolean | undefined
  /**
   * How batches leave the page, in place of `fetch`: see {@link Transport}. A web view gives them to its app, and the content
   * script of an extension to its worker. Then the tracker itself calls no address. What the transport does wrong is reported
   * (`transport-failed`), and everything stays owed. A wrong value throws `option-transport`. A script tag cannot take it.
   *
   * @default a transport that uses `fetch`
   * @example bridgeTransport
   */
  readonly transport?: Transport | undefined
  /**
   * Where records are kept, in place of IndexedDB: see {@link KeyValueStore}. Then pages share nothing but this store: the tracker
   * uses no localStorage and no BroadcastChannel, because the store may belong to another origin than the page, as
   * that of an extension does. So consent is not remembered, a page hears of the others when it is shown again, and what is made
   * as the page goes away is kept only if `write` hands it over at once. A wrong value throws `option-store`. A script tag cannot take it.
   *
   * @default a store in IndexedDB
   */
  readonly store?: KeyValueStore | undefined
  /**
   * The first error listener. Unlike a listener of `tracker.onError`, it also hears errors of the start.
   *
   * @example error => report(error.code)
   */
  readonly onError?: ((error: TrackerError) => void) | undefined
}
