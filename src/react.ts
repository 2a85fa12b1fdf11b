import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { holdForNow, holdTracker, startForPart } from './hold.js'
import {
  type AnyEvents,
  type Observed,
  type Question,
  type Session,
  type SignInInfo,
  type Tracker,
  type TrackerOptions,
} from './index.js'

/** What {@link SojournProvider} is given. */
export interface SojournProviderProps {
  /** Options of the tracker. They are read at the first render. */
  readonly options: TrackerOptions
  /**
   * The person that your application knows to be signed in. A text or number signs in. `null` signs out whoever is signed in. `undefined` says
   * that it is not known yet, and changes nothing.
   *
   * @default undefined
   */
  readonly identity?: string | number | bigint | null | undefined
  /** What is told of the identity at sign-in. A change of it alone tells nothing. */
  readonly info?: SignInInfo | undefined
  readonly children?: ReactNode
}

const Context = createContext<Tracker | null>(null)

/**
 * Gives a tracker to the components in it. It starts when the provider is mounted, or when a component below calls a verb
 * before, and stops when it is unmounted. Rendering has no side effect, so StrictMode, Suspense, hot reload and rendering on a
 * server are fine. Providers, and applications of Vue, with one key share a tracker, and the last one stops it. One that the page
 * has started too, by `createTracker` or a script tag, goes on.
 *
 * @example
 * <SojournProvider options={{ collector: 'https://collector.example', key: 'shop' }} identity={user ? user.id : null}>
 *   <App />
 * </SojournProvider>
 */
export function SojournProvider({ options, identity, info, children }: SojournProviderProps): ReactElement {
  const [tracker] = useState(() => makeLazy(options))
  useEffect(() => {
    return holdTracker(startForPart(options))
    // Options are read once. A change of theirs must not start the tracker again.
  }, [tracker])
  useEffect(() => {
    if (identity === undefined) return undefined
    if (identity !== null) return tracker.signIn(identity, info)
    let isNow = true
    // Only then it is known whether somebody is signed in.
    void tracker.session().then(session => session && isNow && tracker.signOut())
    return () => {
      isNow = false
    }
    // What is told of the identity may be a new object at each render.
  }, [tracker, identity])
  return createElement(Context.Provider, { value: tracker }, children)
}

const verbs =
  'signIn signOut page track properties userInfo consent forget flush status observe onError stop session events pages sessions visits records'

/**
 * A tracker that the first verb starts: effects of components run before the effect of the provider around them. They also do
 * when a hidden `<Activity>` is shown again, so a verb starts one that was stopped. Their ends run after the end of the
 * provider's, so what they start is held only for now.
 */
function makeLazy(options: TrackerOptions): Tracker {
  const lazy: Record<string, unknown> = {}
  for (const name of verbs.split(' ') as (keyof Tracker)[])
    lazy[name] = (...args: unknown[]) => {
      const part = startForPart(options)
      holdForNow(part)
      return (part.tracker[name] as (...given: unknown[]) => unknown)(...args)
    }
  return lazy as unknown as Tracker
}

/**
 * Gives the tracker of the provider. Call its verbs in effects and handlers, not while rendering.
 *
 * @throws if there is no provider.
 */
export function useTracker<Events extends object = AnyEvents>(): Tracker<Events> {
  const tracker = useContext(Context)
  if (!tracker) throw new Error('useTracker needs a <SojournProvider> around the component')
  return tracker as Tracker<Events>
}

/**
 * Gives `track` of the tracker. It is the same function at each render.
 *
 * @example
 * const track = useTrack<Events>()
 * return <button onClick={() => track('AddToCart', { sku })}>Add</button>
 */
export function useTrack<Events extends object = AnyEvents>(): Tracker<Events>['track'] {
  return useTracker<Events>().track
}

/**
 * Gives the answer to a question, and renders again when it changes, in whatever tab that happens.
 *
 * @returns `undefined` until the first answer, and on a server.
 * @example const status = useObserved('status')
 */
export function useObserved<Q extends Question>(question: Q): Observed<Q> | undefined {
  const tracker = useTracker()
  const key = JSON.stringify(question)
  const store = useMemo(() => {
    let answer: Observed<Q> | undefined
    return {
      read: () => answer,
      subscribe: (tell: () => void) =>
        tracker.observe(JSON.parse(key) as Q, now => {
          answer = now
          tell()
        }),
    }
  }, [tracker, key])
  return useSyncExternalStore(
    store.subscribe,
    store.read,
    useCallback(() => undefined, []),
  )
}

/** Gives the open session. `undefined`: nobody is signed in, or it is not known yet. */
export function useSession(): Session | undefined {
  return useObserved('session')
}
