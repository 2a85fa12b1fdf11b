import type { Observed, Question, Session, SignInInfo, Tracker } from './index.js'

/** What Svelte takes for a store: `$store` in a component is its value. */
export interface Readable<Value> {
  /** Calls `run` with the value now and after each change. @returns the undo. */
  subscribe(run: (value: Value) => void): () => void
}

/**
 * Gives the answer to a question as a store, in whatever tab it changes. While nobody subscribes, nothing is observed.
 *
 * @returns holds `undefined` until the first answer, and on a server.
 * @example
 * const status = observed(tracker, 'status')
 * // {$status?.owed} records are owed
 */
export function observed<Q extends Question>(tracker: Tracker, question: Q): Readable<Observed<Q> | undefined> {
  const all = new Set<(value: Observed<Q> | undefined) => void>()
  let answer: Observed<Q> | undefined
  let undo: (() => void) | undefined
  return {
    subscribe(run) {
      // The same function may subscribe twice.
      const one: typeof run = value => run(value)
      all.add(one)
      run(answer)
      if (!undo)
        undo = tracker.observe(question, function (now) {
          answer = now
          for (const tell of all) tell(now)
        })
      return function () {
        all.delete(one)
        if (all.size || !undo) return
        undo()
        undo = answer = undefined
      }
    },
  }
}

/** Gives the open session as a store. `undefined`: nobody is signed in, or it is not known yet. */
export function session(tracker: Tracker): Readable<Session | undefined> {
  return observed(tracker, 'session')
}

/**
 * Signs in and out as your application does: with each value of a store. A text or number signs in. `null` signs out whoever is signed
 * in. `undefined` says that it is not known yet, and changes nothing.
 *
 * @param info gives what is told of the identity at sign-in.
 * @returns the undo.
 * @example
 * import { onDestroy } from 'svelte'
 * import { derived } from 'svelte/store'
 *
 * onDestroy(followIdentity(tracker, derived(user, $user => $user && $user.id)))
 */
export function followIdentity(
  tracker: Tracker,
  identity: Readable<string | number | bigint | null | undefined>,
  info?: () => SignInInfo | undefined,
): () => void {
  let turn = 0
  const undo = identity.subscribe(function (now) {
    const mine = ++turn
    if (now === undefined) return
    if (now !== null) return tracker.signIn(now, info && info())
    // Only then it is known whether somebody is signed in.
    void tracker.session().then(open => open && mine === turn && tracker.signOut())
  })
  return function () {
    turn++
    undo()
  }
}
