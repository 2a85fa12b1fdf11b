import { isCounted, isIdentity, isName, isObject, isPlainId, isProof, readObject } from './check.js'

/** What a page view says of its page. The tracker fills in from the document what the caller leaves out. */
export interface PageView {
  readonly url: string
  readonly title: string
  readonly referrer: string
  readonly category: string
}

/**
 * What a verb was called with. This type is the only way from the verbs to the records.
 *
 * `goesOn` means that the page was open when the tracker was stopped, and goes on; of an exit, that the document goes on without a
 * page, because its view was left out.
 *
 * `input` notes that a person did something. `exit` says that the page goes away. `look` asks whether the visit is over.
 * `view` corrects the url and the title of the page that is open.
 */
export type NewCall =
  | { readonly verb: 'page' | 'view'; readonly view: PageView; readonly goesOn?: boolean }
  | { readonly verb: 'track'; readonly name: string }
  | { readonly verb: 'signIn'; readonly identityId: string; readonly proof?: string | undefined }
  | { readonly verb: 'exit'; readonly goesOn?: boolean }
  | { readonly verb: 'signOut' | 'userInfo' | 'input' | 'look' }

/** An event before it is kept, as the option `beforeRecord` sees it. */
export interface NewEvent {
  /** `PageEntered`, `SignIn`, `SignOut`, `UserInfo`, or the name given to `track`. */
  readonly eventName: string
  /** `null` if the call had no data. */
  readonly data: Readonly<Record<string, unknown>> | null
  /** The page that is entered. Only `PageEntered` has one. */
  readonly view?: PageView
  /** Who signs in. Only `SignIn` has one. */
  readonly identityId?: string
}

/**
 * One call of a verb as plain data. A call may wait, in memory or in localStorage, until this page knows which visit and
 * session are open.
 *
 * - `at`: time of the call, Unix epoch, ms.
 * - `data`: JSON text, or empty.
 * - `id`: permanent id of the record that the call makes. A call gets it when it is written down; a call that never was
 *   written down gets it when its record is made.
 * - `passive`: no person has done it. It extends no visit and begins none that is not needed.
 */
export type Call = NewCall & {
  readonly at: number
  readonly data: string
  readonly passive?: boolean | undefined
  id?: string | undefined
}

/**
 * Takes the exit out of calls that wait, unless they enter another page: that page has left no record yet. A page that goes
 * away cannot wait until it is known what is open, and who takes its calls over has no page to leave.
 */
export function takeExit(calls: Call[]): Call | undefined {
  const place = calls.some(({ verb }) => verb === 'page') ? -1 : calls.findIndex(({ verb }) => verb === 'exit')
  return place < 0 ? undefined : calls.splice(place, 1)[0]
}

/** The verbs that may have been written down. */
const verbs: readonly unknown[] = ['page', 'view', 'exit', 'signOut', 'userInfo', 'input', 'track', 'signIn']

/**
 * Whether a value from storage has the shape of a call that was written down. Its texts become part of a record as they
 * are, and a wrong identity would make the collector refuse every record of its session. So they are checked too.
 */
export function isCall(value: unknown): value is Call {
  if (!isObject(value) || !isCounted(value.at) || !isPlainId(value.id)) return false
  const { verb, data, view, name, identityId, proof } = value
  if (verbs.indexOf(verb) < 0 || ((verb === 'page' || verb === 'view') && !isView(view))) return false
  if ((verb === 'track' && !isName(name)) || (verb === 'signIn' && !isIdentity(identityId))) return false
  if (proof !== undefined && !isProof(proof)) return false
  return data === '' || (typeof data === 'string' && !!readObject(data) && data.indexOf('\n') < 0)
}

/** Whether a value has the shape of a page view. */
export function isView(view: unknown): view is PageView {
  return isObject(view) && ['url', 'title', 'referrer', 'category'].every(name => typeof view[name] === 'string')
}
