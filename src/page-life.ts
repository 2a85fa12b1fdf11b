import { createActivity } from './browser/activity.js'
import { cancel, every, later, type Timer } from './browser/clock.js'
import { isPage } from './browser/host.js'
import { type Listeners, onLeaving, onLifecycle, onRewrite, type PageEvent } from './browser/lifecycle.js'
import type { ConsentKeeper } from './consent.js'
import { noteEveryMs } from './origin.js'
import type { PageViews } from './page-views.js'
import type { NewCall } from './record/call.js'
import type { Recording } from './recording.js'

/** What the life of a page is connected to. */
export interface PageLifeParts {
  readonly idleLimitMs: number
  readonly listeners: Listeners
  readonly views: PageViews
  readonly consent: ConsentKeeper
  readonly now: () => number
  /** The recording, if recording is allowed. */
  readonly allowed: () => Recording | null
  readonly submit: (call: NewCall) => unknown
  readonly flush: (isForced?: boolean) => unknown
  /** Makes a function that throws nothing, and does nothing after the stop. */
  readonly guard: <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void
  /** The task of the start is over. */
  readonly onSettled: () => void
}

/** Tells the parts of a tracker what happens to the page: it is left, hidden, frozen, touched. */
export interface PageLife {
  /** Listens for leaving. Everything else can wait until the task of the start is over. */
  start(): void
  /** Whether the task of the start is over. */
  isSettled(): boolean
  /** Whether nobody sees the page, and nobody has touched it. */
  isUntouched(): boolean
  /** Whether the page was left, and is not back from the back/forward cache. It is entered when it is. */
  isLeft(): boolean
  /** Listens no more. @param kept settles when everything is kept. Until then a page that goes away still says so. */
  stop(kept: Promise<void>): void
}

export function createPageLife(parts: PageLifeParts): PageLife {
  const { idleLimitMs, listeners, views, consent, now, allowed, submit, flush, guard, onSettled } = parts
  const { on } = listeners
  const noteMs = noteEveryMs(idleLimitMs)
  const happens = guard(react)
  const activity = createActivity(() => happens('input'))
  let timer: Timer | undefined
  let undoRewrite: (() => void) | undefined
  let lastInput = 0
  let isLeft = false

  function onInput(): void {
    if (now() - lastInput < noteMs) return
    lastInput = now()
    submit({ verb: 'input' })
  }

  /** Does what is to be done when this happens to the page. */
  function react(what: PageEvent): void {
    // A page that goes away must not write back what another tab has forgotten.
    if (/back|return|leave/.test(what)) consent.look()
    views.settle(what)
    if (what === 'input') return onInput()
    if (what === 'online') return void flush(true)
    if (what === 'hidden') activity.touch()
    if (what === 'leave') {
      isLeft = true
      submit({ verb: 'exit' })
    }
    const recording = allowed()
    if (recording) {
      if (what === 'leave') recording.leave()
      else if (what === 'freeze') recording.freeze()
      else if (what === 'hidden') {
        recording.hide()
        flush()
      } else recording.back()
    }
    if (what === 'leave' || what === 'freeze') consent.pause()
    if (what === 'return') {
      isLeft = false
      views.enterAgain()
    }
  }

  /** Listens wherever it does not listen yet, or not any more. */
  function listen(): void {
    listeners.again()
    activity.listen()
  }

  /** Sees to what no event may have told, and ends the visit if it is over. */
  function tick(): void {
    views.settle('tick')
    listen()
    consent.look(true)
    const recording = allowed()
    if (recording && recording.isOver(now())) submit({ verb: 'look' })
  }

  function settle(): void {
    onLifecycle(on, happens)
    consent.look(true)
    listen()
    const again = guard(tick)
    if (isPage()) {
      consent.listen(on)
      undoRewrite = onRewrite(again)
    }
    timer = every(again, noteMs)
    onSettled()
  }

  return {
    start() {
      onLeaving(on, happens)
      later(guard(settle))
    },
    isSettled: () => !!timer,
    isUntouched: activity.isUntouched,
    isLeft: () => isLeft,
    stop(kept) {
      cancel(timer)
      listeners.off()
      activity.stop()
      if (undoRewrite) undoRewrite()
      onLeaving(on, function (what) {
        const recording = what === 'leave' && allowed()
        if (recording) recording.leave()
      })
      void kept.then(listeners.off)
    },
  }
}
