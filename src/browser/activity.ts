import { evenTime } from './clock.js'
import { globals, scope } from './globals.js'
import { isHidden } from './lifecycle.js'
import { isFrameSeen } from './seen.js'

/** A scroll counts for so long after a hand was on something, ms. */
const handMs = 1000

/** A pointer whose release no event tells counts as held for no longer than this, ms. */
const heldMs = 60_000

/** What only a person does, wherever it is heard. `click` is also what assistive technology does. */
const acts = 'pointerdown pointerup pointercancel keydown wheel click beforeinput drop'.split(' ')

const options = { capture: true, passive: true }

/** Knows when a person does something in this tab. */
export interface Activity {
  /** Listens in this window and in all frames of its origin, and anew where the page has removed listeners. */
  listen(): void
  stop(): void
  /** A person was here just now, although no event of the page says so. */
  touch(): void
  /** Whether nobody can see this page, and nobody has touched it in the last second. */
  isUntouched(): boolean
}

/**
 * Makes the activity of one page. It listens first, before any listener of the page can stop an event.
 *
 * @param onAct is called at each act of a person. A scroll counts only shortly after another act, because pages scroll
 * by themselves.
 */
export function createActivity(onAct: () => void): Activity {
  let handUntil = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let isSeenFrame = true

  function touch(ms = handMs): void {
    handUntil = evenTime() + ms
  }

  function hear({ type, target, isTrusted }: Event): void {
    // A frame that was added or navigated. Its window is another one, or has lost its listeners.
    if (type === 'load') reach((target as Partial<HTMLIFrameElement>).contentWindow, true)
    else if (!isTrusted) return
    else if (type === 'blur') reach(focused(), true)
    else {
      if (type !== 'scroll') touch(type === 'pointerdown' ? heldMs : handMs)
      if (evenTime() < handUntil) onAct()
    }
  }

  /** Adds or removes the listeners of a window and of the frames in it. Nothing keeps hold of a window. */
  function reach(target: Window | null | undefined, isAdded: boolean): void {
    try {
      if (!target || !target.document) return
      for (const type of [...acts, 'scroll', 'load', 'blur'])
        if (isAdded) target.addEventListener(type, hear, options)
        else target.removeEventListener(type, hear, options)
      for (let place = 0; place < target.length; place++) reach(target[place], isAdded)
    } catch {
      // The frame belongs to another origin.
    }
  }

  return {
    listen() {
      reach(scope(), true)
      reach(focused(), true)
    },
    stop: () => reach(scope(), false),
    touch,
    isUntouched() {
      const now = evenTime()
      if (now <= handUntil) return false
      // To ask for the size of a frame costs a layout.
      if (now - lookedAt > 100) {
        lookedAt = now
        isSeenFrame = isFrameSeen()
      }
      return isHidden() || !isSeenFrame
    },
  }
}

/** The window of the frame that has the focus: neither `window.frames` nor `load` tells of a frame in a shadow tree. */
function focused(): Window | null | undefined {
  let element = globals.document?.activeElement
  while (element && element.shadowRoot) element = element.shadowRoot.activeElement
  return element && (element as Partial<HTMLIFrameElement>).contentWindow
}
