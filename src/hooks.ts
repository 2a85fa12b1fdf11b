import type { TrackerErrorCode } from './errors.js'
import { isView, type NewCall, type NewEvent, type PageView } from './record/call.js'
import { isIdentity, isName } from './record/check.js'
import { toData } from './record/json.js'

type Trouble = (code: TrackerErrorCode, cause?: unknown) => void

/** The names of the events that calls make; none for a call that nobody is asked about. */
const eventNames: Readonly<Record<string, string>> = {
  page: 'PageEntered',
  view: 'PageEntered',
  signIn: 'SignIn',
  signOut: 'SignOut',
  userInfo: 'UserInfo',
}

/**
 * Asks an option about an address.
 *
 * @returns `undefined` if there is no such option, or it gives no text, which is reported.
 */
export function askText(
  hook: ((url: string) => unknown) | undefined,
  url: string,
  trouble: Trouble,
): string | undefined {
  if (!hook) return undefined
  try {
    const text = hook(url)
    if (typeof text === 'string') return text
    trouble('hook-failed', text)
  } catch (cause) {
    trouble('hook-failed', cause)
  }
  return undefined
}

/**
 * Shows a call to `beforeRecord`, as the event that it will be. The corrected view of an open page is shown as
 * `PageEntered` too.
 *
 * @param text the data of the call in JSON, or empty.
 * @returns the call and its data as the option wants them; `null` if nothing is to be recorded. A result that is no
 * event, or a throw, is reported and changes nothing.
 */
export function askEvent(
  hook: ((event: NewEvent) => unknown) | undefined,
  call: NewCall,
  text: string,
  trouble: Trouble,
): readonly [NewCall, string] | null {
  const { view, identityId } = call as { view?: PageView; identityId?: string }
  const name = call.verb === 'track' ? call.name : eventNames[call.verb]
  if (!hook || !name) return [call, text]
  try {
    const event = hook({
      eventName: name,
      data: text ? JSON.parse(text) : null,
      ...(view && { view: { ...view } }),
      ...(identityId && { identityId }),
    }) as NewEvent | null
    if (event === null) return null
    const isGood =
      (call.verb === 'track' ? isName(event.eventName) : event.eventName === name) &&
      (!view || isView(event.view)) &&
      (!identityId || isIdentity(event.identityId))
    if (!isGood) throw new TypeError('not this event')
    const changed = {
      ...call,
      ...(call.verb === 'track' && { name: event.eventName }),
      ...(view && { view: event.view }),
      ...(identityId && { identityId: event.identityId }),
    }
    return [changed as NewCall, toText(event)]
  } catch (cause) {
    trouble('hook-failed', cause)
    return [call, text]
  }
}

/** @throws TypeError if the data has values that cannot be written, or is too large. */
function toText({ data }: NewEvent): string {
  const text = toData(data, path => {
    throw new TypeError(path)
  })
  if (text === null) throw new TypeError('no data')
  return text
}
