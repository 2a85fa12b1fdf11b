import { type AdapterTracker, given, onPush } from './adapter.js'

/**
 * Takes what a page pushes to Genesys Web Engagement's `_gt`, in the spelling of 8.1 (`['sendSignIn', { userID }]`, `['event',
 * { eventName, … }]`) and of 8.5 (`['event', 'SignIn', { data: { userID } }]`). `userID` is the identity. Other commands do nothing.
 *
 * @returns the undo.
 * @example
 * gwe(tracker)
 * window._gt.push(['event', 'AddToCart', { data: { sku: 'A1' } }])
 */
export function gwe(tracker: AdapterTracker): () => void {
  return onPush('_gt', function (item) {
    const [command, first, second] = (Array.isArray(item) ? item : []) as unknown[]
    const old = /^send(SignIn|SignOut|UserInfo)$/.exec(String(command))
    if (!old && command !== 'event') return
    const isNew = typeof first === 'string'
    const { eventName, ...rest } = given(isNew ? given(second).data : first)
    const name = old ? old[1] : isNew ? first : eventName
    const { userID, userId = userID, ...info } = rest
    if (name === 'SignIn') tracker.signIn(userId as string, info)
    else if (name === 'SignOut') tracker.signOut()
    else if (name === 'UserInfo') tracker.userInfo(rest)
    else tracker.track(name as string, rest)
  })
}
