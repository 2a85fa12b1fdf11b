import { type AdapterTracker, callBack, given, type Known, onPush } from './adapter.js'

const known: Known = new WeakMap()

/**
 * Takes what a page pushes to Genesys Web Engagement's `_gt`, in the spelling of 8.1 (`['sendSignIn', { userID }]`, `['event',
 * { eventName, … }]`) and of 8.5 (`['event', 'SignIn', { data: { userID } }]`). `userID` is the identity. `['getIDs', callback]` is
 * answered with the `visitID`, as soon as it is known. Other commands do nothing.
 *
 * @returns the undo. What was read is not read again when the adapter begins again for the same tracker.
 * @example
 * gwe(tracker)
 * window._gt.push(['event', 'AddToCart', { data: { sku: 'A1' } }])
 */
export function gwe(tracker: AdapterTracker): () => void {
  return onPush(known, tracker, '_gt', function ([command, first, second]) {
    if (command === 'getIDs') void tracker.session().then(() => callBack(first, { visitID: tracker.status().visitID }))
    const old = /^send(SignIn|SignOut|UserInfo)$/.exec(command)
    if (!old && command !== 'event') return
    const isNew = typeof first === 'string'
    const { eventName, ...rest } = given(isNew ? given(second).data : first)
    const name = old ? old[1] : isNew ? first : eventName
    const { userID, userId = userID, ...info } = rest
    if (name === 'SignIn') tracker.signIn(userId as string, Object.keys(info)[0] ? info : undefined)
    else if (name === 'SignOut') tracker.signOut()
    else if (name === 'UserInfo') tracker.userInfo(rest)
    else if (name) tracker.track(name as string, rest)
  })
}
