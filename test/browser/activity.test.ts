import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Activity, createActivity } from '../../src/browser/activity.js'

type Listener = (event: object) => void

/** A window that keeps its listeners, with frames in it. */
class FakeWindow {
  readonly listeners = new Map<string, Set<Listener>>()
  document: { activeElement: object | null; visibilityState: string } | null = {
    activeElement: null,
    visibilityState: 'visible',
  }
  readonly [place: number]: FakeWindow
  length = 0
  innerWidth = 800
  innerHeight = 600
  parent: FakeWindow = this

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener))
  }

  removeEventListener(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener)
  }

  count(): number {
    return [...this.listeners.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** What `document.open()` and a navigation do. */
  forget(): void {
    this.listeners.clear()
  }

  add(frame: FakeWindow): FakeWindow {
    Object.assign(this, { [this.length]: frame })
    this.length++
    frame.parent = this
    return frame
  }

  fire(type: string, more: object = {}): void {
    for (const listener of this.listeners.get(type) ?? [])
      listener({ type, isTrusted: true, target: this, currentTarget: this, ...more })
  }
}

/** The window of a frame of another origin. */
function foreignWindow(): FakeWindow {
  return Object.defineProperty(new FakeWindow(), 'document', {
    get() {
      throw new DOMException('cross-origin', 'SecurityError')
    },
  })
}

let page: FakeWindow
let acts: number
let activity: Activity

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(5000)
  page = new FakeWindow()
  vi.stubGlobal('window', page)
  vi.stubGlobal('document', page.document)
  acts = 0
  activity = createActivity(() => void acts++)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const heard = (run: () => void): number => {
  const before = acts
  run()
  return acts - before
}

describe('activity', () => {
  it.each(['pointerdown', 'keydown', 'wheel', 'click', 'beforeinput', 'drop'])(
    'is a trusted %s, and not one that a script made',
    type => {
      activity.listen()
      expect(heard(() => page.fire(type))).toBe(1)
      expect(heard(() => page.fire(type, { isTrusted: false }))).toBe(0)
    },
  )

  it('is no scroll by itself: a page scrolls itself, smoothly too', () => {
    activity.listen()
    expect(heard(() => page.fire('scroll'))).toBe(0)
  })

  it('is a scroll within a second of a hand on something', () => {
    activity.listen()
    page.fire('wheel')
    vi.advanceTimersByTime(900)
    expect(heard(() => page.fire('scroll'))).toBe(1)
    vi.advanceTimersByTime(200)
    expect(heard(() => page.fire('scroll'))).toBe(0)
  })

  it('is a scroll while a pointer is held down, for a minute, and no longer than a second after its release', () => {
    activity.listen()
    page.fire('pointerdown')
    vi.advanceTimersByTime(30_000)
    expect(heard(() => page.fire('scroll'))).toBe(1)
    page.fire('pointerup')
    vi.advanceTimersByTime(1100)
    expect(heard(() => page.fire('scroll'))).toBe(0)
    // The browser tells no release: of a scroll bar, or after a context menu.
    page.fire('pointerdown')
    vi.advanceTimersByTime(61_000)
    expect(heard(() => page.fire('scroll'))).toBe(0)
  })

  it('is heard in frames of the origin, at any depth, and a frame of another origin does not stop it', () => {
    page.add(foreignWindow())
    const inner = page.add(new FakeWindow()).add(new FakeWindow())
    activity.listen()
    expect(heard(() => inner.fire('keydown'))).toBe(1)
  })

  it('is heard in a frame that was added later, or navigated', () => {
    activity.listen()
    const frame = page.add(new FakeWindow())
    page.fire('load', { target: { contentWindow: frame } })
    expect(heard(() => frame.fire('keydown'))).toBe(1)
    frame.forget()
    page.fire('load', { target: { contentWindow: frame } })
    expect(heard(() => frame.fire('keydown'))).toBe(1)
  })

  it('is heard in a frame within a shadow tree once it has the focus', () => {
    activity.listen()
    const frame = new FakeWindow()
    const host = { shadowRoot: { activeElement: { contentWindow: frame } } }
    Object.assign(page.document as object, { activeElement: host })
    page.fire('blur')
    expect(heard(() => frame.fire('keydown'))).toBe(1)
  })

  it('is told once, however often it listens, and again after the page has removed the listeners', () => {
    activity.listen()
    activity.listen()
    expect(heard(() => page.fire('keydown'))).toBe(1)
    page.forget()
    activity.listen()
    expect(heard(() => page.fire('keydown'))).toBe(1)
  })

  it('is heard nowhere after the stop', () => {
    const frame = page.add(new FakeWindow())
    activity.listen()
    activity.stop()
    expect([page.count(), frame.count()]).toEqual([0, 0])
  })

  it('does not mind loads of anything, and frames that are gone', () => {
    activity.listen()
    const gone = new FakeWindow()
    gone.document = null
    for (const target of [page, {}, { contentWindow: null }, { contentWindow: gone }]) page.fire('load', { target })
    expect(gone.count()).toBe(0)
  })
})

describe('a page', () => {
  it('is untouched while it is hidden, but for a second after somebody was there', () => {
    expect(activity.isUntouched()).toBe(false)
    Object.assign(page.document as object, { visibilityState: 'hidden' })
    expect(activity.isUntouched()).toBe(true)
    activity.touch()
    expect(activity.isUntouched()).toBe(false)
    vi.advanceTimersByTime(1100)
    expect(activity.isUntouched()).toBe(true)
    activity.listen()
    page.fire('keydown')
    expect(activity.isUntouched()).toBe(false)
  })

  it.each([
    [1, 600],
    [800, 0],
  ])('in a frame of %i x %i is untouched, and a page of that size in no frame is not', (innerWidth, innerHeight) => {
    Object.assign(page, { innerWidth, innerHeight })
    expect(activity.isUntouched()).toBe(false)
    page.parent = new FakeWindow()
    // The size of a frame is not asked for at each call.
    vi.advanceTimersByTime(200)
    expect(activity.isUntouched()).toBe(true)
  })
})
