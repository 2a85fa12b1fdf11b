import { type App, type InjectionKey, inject, onScopeDispose, type Ref, readonly, shallowRef, watch } from 'vue'
import { holdTracker, startForPart } from './hold.js'
import {
  type AnyEvents,
  type Observed,
  type Question,
  type Session,
  type SignInInfo,
  type Tracker,
  type TrackerOptions,
} from './index.js'

const key: InjectionKey<Tracker> = Symbol('sojourn')

/**
 * Makes the plugin for `app.use`. It starts the tracker, and gives it to all components. `app.unmount()` stops it, unless another
 * application of the page, or a provider of React, has it too, or the page has started it by `createTracker` or a script tag.
 *
 * @example
 * import { createApp } from 'vue'
 *
 * createApp(App).use(createSojourn({ collector: 'https://collector.example', key: 'shop' })).mount('#app')
 */
export function createSojourn(options: TrackerOptions): { install(app: App): void } {
  return {
    install(app) {
      const part = startForPart(options)
      app.provide(key, part.tracker)
      app.onUnmount(holdTracker(part))
    },
  }
}

/**
 * Gives the tracker. Call it in `setup`.
 *
 * @throws if the application does not use the plugin.
 */
export function useTracker<Events extends object = AnyEvents>(): Tracker<Events> {
  const tracker = inject(key, null)
  if (!tracker) throw new Error('useTracker needs app.use(createSojourn(…))')
  return tracker as Tracker<Events>
}

/**
 * Gives `track` of the tracker.
 *
 * @example
 * const track = useTrack<Events>()
 * const add = () => track('AddToCart', { sku: props.sku })
 */
export function useTrack<Events extends object = AnyEvents>(): Tracker<Events>['track'] {
  return useTracker<Events>().track
}

/**
 * Gives the answer to a question, as a ref that changes with it, in whatever tab that happens. It ends with the component.
 *
 * @returns holds `undefined` until the first answer, and on a server.
 * @example const status = useObserved('status')
 */
export function useObserved<Q extends Question>(question: Q): Readonly<Ref<Observed<Q> | undefined>> {
  const answer = shallowRef<Observed<Q>>()
  onScopeDispose(
    useTracker().observe(question, now => {
      answer.value = now
    }),
  )
  return readonly(answer) as Readonly<Ref<Observed<Q> | undefined>>
}

/** Gives the open session, as a ref. `undefined`: nobody is signed in, or it is not known yet. */
export function useSession(): Readonly<Ref<Session | undefined>> {
  return useObserved('session')
}

/**
 * Signs in and out as your application does. A text or number signs in. `null` signs out whoever is signed in. `undefined` says that
 * it is not known yet, and changes nothing.
 *
 * @param identity a ref, or a function that reads one.
 * @param info gives what is told of the identity at sign-in.
 * @example useIdentity(() => auth.user?.id ?? null, () => ({ name: auth.user?.name }))
 */
export function useIdentity(
  identity: Ref<string | number | bigint | null | undefined> | (() => string | number | bigint | null | undefined),
  info?: () => SignInInfo | undefined,
): void {
  const tracker = useTracker()
  watch(
    identity,
    function (now, _before, onCleanup) {
      if (now === undefined) return
      if (now !== null) return tracker.signIn(now, info && info())
      let isNow = true
      onCleanup(() => {
        isNow = false
      })
      // Only then it is known whether somebody is signed in.
      void tracker.session().then(session => session && isNow && tracker.signOut())
    },
    { immediate: true },
  )
}
