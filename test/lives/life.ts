import * as fc from 'fast-check'
import type { Tracker } from '../../src/api.js'
import { createTracker } from '../../src/tracker.js'
import { toOutcome } from '../../src/transport/outcome.js'
import { createDevice, type Device, type DeviceTraits, type Load } from './device.js'

export const idleLimitMs = 150_000
export const sessionLimitMs = 900_000

/** What can happen, and how often beside the others. */
const weights = {
  track: 3,
  passive: 2,
  signIn: 2,
  signOut: 1,
  inAndAway: 1,
  route: 1,
  navigate: 1,
  reload: 1,
  toCache: 1,
  fromCache: 1,
  evict: 1,
  close: 1,
  crash: 1,
  open: 2,
  hide: 1,
  show: 1,
  freeze: 1,
  thaw: 1,
  idle: 2,
  sleep: 1,
  setClock: 1,
  collector: 1,
  forget: 1,
  consent: 1,
  restart: 1,
}

type Op = keyof typeof weights

const ops = Object.entries(weights).flatMap(([op, weight]) => Array<Op>(weight).fill(op as Op))

export interface Step {
  readonly op: Op
  /** Chooses among what there is. */
  readonly choice: number
  /** The time after it. */
  readonly gapMs: number
}

export interface Plan {
  readonly traits: Omit<DeviceTraits, 'random' | 'hasChannel'> & { readonly seed: number }
  readonly steps: readonly Step[]
}

export const plans: fc.Arbitrary<Plan> = fc.record({
  traits: fc.record({ hasLocks: fc.boolean(), isSlow: fc.boolean(), seed: fc.nat() }),
  steps: fc.array(
    fc.record({
      op: fc.constantFrom(...ops),
      choice: fc.nat(1e6),
      gapMs: fc.constantFrom(300, 1000, 1000, 5000, 20_000),
    }),
    { minLength: 3, maxLength: 30 },
  ),
})

/** A `track` that was called. */
export interface Called {
  readonly n: number
  readonly identityId: string | null
  /** How often the visitor was forgotten before. */
  readonly era: number
  /** Whether consent was denied. */
  readonly isDenied: boolean
  /** Whether consent was withdrawn after it, so that it may never have left. */
  isWithdrawn: boolean
}

/** What has come of a plan. */
export interface Life {
  readonly bodies: readonly string[]
  readonly called: readonly Called[]
  readonly eras: number
  /** Consent was withdrawn, or the visitor forgotten: then sessions and pages may end without a record. */
  readonly wasCut: boolean
  /** The clock of the device was set back, so that what ends by its age may end that much later. */
  readonly wasSetBack: boolean
  /** What is wrong by itself: something was thrown or reported, or is left over. */
  readonly problems: readonly string[]
  readonly owed: number
  /** One line for each step. */
  readonly log: readonly string[]
}

interface Tab {
  readonly name: string
  load: Load
  tracker: Tracker
  is: 'used' | 'frozen' | 'in the cache'
}

/** Lives a plan to its end. Then every tab is closed, and a last page sends what is owed. */
export async function live({ traits, steps }: Plan): Promise<Life> {
  const problems: string[] = []
  const device = createDevice({ ...traits, hasChannel: true, random: createRandom(traits.seed) })
  const { clock } = device
  const log: string[] = []
  const called: Called[] = []
  const tabs: Tab[] = []
  let [names, urls, era] = [0, 0, 0]
  let [wasCut, wasSetBack] = [false, false]
  let identityId: string | null = null
  let isDenied = false

  const newUrl = (): string => `https://shop.example/${++urls}`
  const makeTracker = (): Tracker => trackerOn(device, problems)
  const say = (tab: Tab, run: (tracker: Tracker) => void): Promise<void> =>
    device.within(tab.load, () => run(tab.tracker))
  const isSeen = ({ load }: Tab): boolean => load.document.visibilityState === 'visible'
  const tell = (tab: Tab, target: 'document' | 'window', type: string, more: object = {}): Promise<void> =>
    device.within(tab.load, () => void tab.load[target].dispatchEvent(Object.assign(new Event(type), more)))

  async function begin(tab: Tab, url: string): Promise<void> {
    const load = device.load(url)
    tab.load = load
    await device.within(load, () => {
      tab.tracker = makeTracker()
    })
  }

  async function open(): Promise<Tab> {
    const tab = { name: `tab ${++names}`, is: 'used' } as Tab
    await begin(tab, newUrl())
    tabs.push(tab)
    return tab
  }

  async function turn(tab: Tab, state: 'visible' | 'hidden'): Promise<void> {
    if (tab.load.document.visibilityState === state) return
    tab.load.document.visibilityState = state
    await tell(tab, 'document', 'visibilitychange')
  }

  async function leave(tab: Tab, persisted: boolean): Promise<void> {
    await tell(tab, 'window', 'pagehide', { persisted })
    await turn(tab, 'hidden')
  }

  function remove(tab: Tab): void {
    device.end(tab.load)
    tabs.splice(tabs.indexOf(tab), 1)
  }

  async function thaw(tab: Tab): Promise<void> {
    tab.is = 'used'
    tab.load.isAtRest = false
    await tell(tab, 'document', 'resume')
  }

  function track(tracker: Tracker, isPassive: boolean): void {
    const n = called.length
    called.push({ n, identityId, era, isDenied, isWithdrawn: false })
    tracker.track('Called', { n }, isPassive ? { activity: false } : undefined)
  }

  function cut(): void {
    wasCut = true
    identityId = null
    for (const one of called) one.isWithdrawn = true
  }

  const deeds: Readonly<Record<Step['op'], (tab: Tab, choice: number) => unknown>> = {
    track: tab => say(tab, tracker => track(tracker, false)),
    passive: tab => say(tab, tracker => track(tracker, true)),
    signIn(tab, choice) {
      identityId = `${['ada', 'bob', 'cyd'][choice % 3]}-${era}`
      return say(tab, tracker => tracker.signIn(identityId as string))
    },
    signOut(tab) {
      identityId = null
      return say(tab, tracker => tracker.signOut())
    },
    // All in one task, as a form does that signs in and goes to the next page.
    async inAndAway(tab, choice) {
      identityId = `${['ada', 'bob', 'cyd'][choice % 3]}-${era}`
      await say(tab, tracker => {
        tracker.signIn(identityId as string)
        track(tracker, false)
        if (choice % 2) {
          identityId = null
          tracker.signOut()
        }
        tab.load.window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }))
      })
      device.end(tab.load)
      await begin(tab, newUrl())
    },
    route: tab => device.within(tab.load, () => tab.load.window.history.pushState(null, '', newUrl())),
    navigate: (tab, choice) => go(tab, newUrl(), choice),
    reload: (tab, choice) => go(tab, tab.load.document.URL, choice),
    async toCache(tab) {
      await leave(tab, true)
      tab.is = 'in the cache'
      tab.load.isAtRest = true
      if (device.listening().includes(tab.load)) problems.push('a channel is open in the back/forward cache')
    },
    async fromCache() {
      const tab = tabs.find(one => one.is === 'in the cache')
      if (!tab) return
      tab.is = 'used'
      tab.load.isAtRest = false
      await turn(tab, 'visible')
      await tell(tab, 'window', 'pageshow', { persisted: true })
    },
    evict() {
      const tab = tabs.find(one => one.is === 'in the cache')
      if (tab) remove(tab)
    },
    async close(tab) {
      await leave(tab, false)
      remove(tab)
    },
    async crash(tab) {
      // What was made in the task before is in the hands of the browser.
      await clock.advance(10)
      remove(tab)
    },
    open: async () => void (tabs.length < 4 && (await open())),
    hide: tab => turn(tab, 'hidden'),
    show: tab => turn(tab, 'visible'),
    async freeze(tab) {
      await turn(tab, 'hidden')
      await clock.advance(200)
      await tell(tab, 'document', 'freeze')
      tab.is = 'frozen'
      tab.load.isAtRest = true
    },
    async thaw(_tab, choice) {
      const frozen = tabs.find(({ is }) => is === 'frozen')
      if (!frozen) return
      await thaw(frozen)
      if (choice % 3) await turn(frozen, 'visible')
    },
    idle: (_tab, choice) =>
      clock.advance(
        at([idleLimitMs - 2000, idleLimitMs + 1000, 2 * idleLimitMs, 61_000, sessionLimitMs + 5000], choice),
      ),
    sleep: (_tab, choice) =>
      clock.sleep(at([idleLimitMs - 2000, idleLimitMs + 1000, 3 * idleLimitMs, 61_000], choice), choice % 8 < 4),
    setClock(_tab, choice) {
      const byMs = at([-3_600_000, -90_000, -5000, -200, 200, 5000, 90_000, 3_600_000], choice)
      if (byMs < 0) wasSetBack = true
      clock.set(byMs)
    },
    collector() {
      device.isCollectorDown = !device.isCollectorDown
    },
    async forget(tab) {
      era++
      cut()
      await say(tab, tracker => void tracker.forget().then(checkForgotten))
      await clock.advance(50)
    },
    async consent(tab) {
      isDenied = !isDenied
      if (isDenied) cut()
      await say(tab, tracker => tracker.consent(isDenied ? 'denied' : 'granted'))
    },
    async restart(tab, choice) {
      await say(tab, tracker => tracker.stop())
      await clock.advance(choice % 300)
      await device.within(tab.load, () => {
        tab.tracker = makeTracker()
      })
    },
  }

  async function go(tab: Tab, url: string, choice: number): Promise<void> {
    await leave(tab, false)
    if (choice % 3 === 0) await clock.advance(choice % 20)
    device.end(tab.load)
    await begin(tab, url)
  }

  /** Nothing on the device names a person who was there before. */
  function checkForgotten(): void {
    const { parcels, settled, state } = device.shelf
    const text = JSON.stringify([...parcels, ...settled, ...state]) + JSON.stringify(device.storage)
    const left = text.match(/\b(ada|bob|cyd)-(\d+)\b/g)?.filter(name => Number(name.split('-')[1]) < era)
    if (left?.length) problems.push(`${left[0]} is on the device after forget()`)
  }

  await open()
  await clock.advance(1000)
  for (const { op, choice, gapMs } of steps) {
    const used = tabs.filter(({ is }) => is === 'used')
    const tab = used.length ? (used[choice % used.length] as Tab) : await open()
    log.push(`${clock.time.even()} ${op} ${choice} in ${tab.name}${isSeen(tab) ? '' : ', hidden'}`)
    await deeds[op](tab, choice)
    await clock.advance(gapMs)
  }
  device.isCollectorDown = false
  for (const tab of Array.from(tabs)) {
    if (tab.is === 'frozen') {
      await thaw(tab)
      await clock.advance(200)
    }
    if (tab.is !== 'in the cache') await leave(tab, false)
    await clock.advance(10)
    remove(tab)
  }
  await clock.advance(idleLimitMs + 20_000)
  const last = await open()
  if (isDenied) await say(last, tracker => tracker.consent('granted'))
  await clock.advance(idleLimitMs + 20_000)
  for (let n = 0; n < 10; n++) {
    await say(last, tracker => void tracker.flush())
    await clock.advance(2000)
  }
  const { owed } = last.tracker.status()
  await leave(last, false)
  remove(last)
  return { bodies: device.bodies, called, eras: era, wasCut, wasSetBack, problems, owed, log }
}

function trackerOn(device: Device, problems: string[]): Tracker {
  return createTracker({
    collector: 'https://collector.example',
    key: 'shop',
    idleLimitMs,
    sessionLimitMs,
    transport: {
      async send(body) {
        const reply = device.send(body)
        return reply
          ? toOutcome(reply.status, reply.text, null, device.clock.time.now())
          : { is: 'unknown', cause: 'no network' }
      },
      copy(body) {
        device.send(body)
        return true
      },
      room: () => 60_000,
    },
    onError({ code, message, cause }) {
      if (!expectedErrors.has(code)) problems.push(`${code}: ${message} ${(cause as Error)?.stack ?? ''}`)
    },
  })
}

/** The collector is away at times, and a sign-out may come when nobody is signed in. */
const expectedErrors: ReadonlySet<string> = new Set(['collector-unreachable', 'not-signed-in', 'transport-failed'])

function at<T>(list: readonly T[], choice: number): T {
  return list[choice % list.length] as T
}

/** Gives the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
}
