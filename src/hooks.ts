import type { TrackerErrorCode } from './errors.js'
import { isView, type NewCall, type NewEvent, type PageView } from './record/call.js'
import { isIdentity, isName, isObject } from './record/check.js'
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
  const eventName = call.verb === 'track' ? call.name : eventNames[call.verb]
  if (!hook || !eventName) return [call, text]
  try {
    const { view, identityId } = call as { view?: PageView; identityId?: string }
    const result = hook({
      eventName,
      data: text ? JSON.parse(text) : null,
      ...(view && { view: { ...view } }),
      ...(identityId && { identityId }),
    })
    return result === null ? null : [toCall(call, eventName, result), toText(result as NewEvent)]
  } catch (cause) {
    trouble('hook-failed', cause)
    return [call, text]
  }
}

/** @throws TypeError if the event cannot be recorded by that call. */
function toCall(call: NewCall, before: string, event: unknown): NewCall {
  if (!isObject(event)) throw new TypeError('no event')
  const { eventName: name, view, identityId } = event
  const isGood =
    (call.verb === 'track' ? isName(name) : name === before) &&
    (call.verb !== 'signIn' || isIdentity(identityId)) &&
    (!('view' in call) || isView(view))
  if (!isGood) throw new TypeError('not this event')
  return {
    ...call,
    ...('name' in call && { name }),
    ...('view' in call && { view }),
    ...('identityId' in call && { identityId }),
  } as NewCall
}

/** @throws TypeError if the data has values that cannot be written, or is too large. */
function toText({ data }: NewEvent): string {
  const text = toData(data, path => {
    throw new TypeError(path)
  })
  if (text === null) throw new TypeError('no data')
  return text
}
