import type { Tracker } from '../api.js'
import { pageRegistry } from '../browser/page-registry.js'
import { elementName, isShortcut } from './names.js'
import { createOffline } from './offline.js'
import { styles } from './styles.js'
import { createView, type View } from './view.js'

/** The element `<sojourn-inspector>`. */
export interface InspectorElement extends HTMLElement {
  /** Whose records are shown. Without it: the tracker whose key is the attribute `key`, or the first one of the page. */
  tracker?: Tracker | undefined
}

/** How often an element without a tracker looks for one, ms. */
const lookMs = 300

/** What the page holds of a tracker. An older copy of the library does not tell whether it is stopped. */
interface Held {
  readonly tracker: Tracker
  hasStopped?(): boolean
}

/** Finds a tracker of this page, with its key. */
function findTracker(wanted: string | null): { key: string; tracker: Tracker } | undefined {
  for (const [key, { tracker }] of pageRegistry<Held>()) if (wanted === null || key === wanted) return { key, tracker }
  return undefined
}

/** Puts the style into a shadow root. A strict policy forbids style elements, and allows style sheets that a script makes. */
function addStyle(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
  } catch {
    // Browsers before 2023 cannot make a sheet.
    const style = document.createElement('style')
    style.textContent = styles
    root.append(style)
  }
}

/**
 * Puts the panel above everything, where no `transform` of the page moves it, and no element covers it. Browsers before 2024
 * cannot; there it is a fixed element.
 */
function lift(host: HTMLElement): void {
  if (!('showPopover' in host) || host.matches(':popover-open')) return
  host.popover = 'manual'
  host.showPopover()
}

/** Connects a panel to a tracker. @returns the undo. */
function connect(host: HTMLElement, root: ShadowRoot, key: string, tracker: Tracker): () => void {
  const offline = createOffline(key)
  let isMinimised = false

  function minimise(is: boolean): void {
    isMinimised = is
    view.minimise(is)
  }

  function place(corner: number): void {
    host.setAttribute('corner', `${corner % 4}`)
  }

  function showStatus(): void {
    view.showStatus(tracker.status(), Date.now())
  }

  function onKey(event: KeyboardEvent): void {
    if (isShortcut(event)) minimise(!isMinimised)
    else if (event.key === 'Escape' && event.composedPath().includes(host)) minimise(true)
  }

  const view: View = createView({
    flush: () => tracker.flush(),
    isOffline: offline.isOffline,
    isStopped: () => !!pageRegistry<Held>().get(key)?.hasStopped?.(),
    setOffline(is) {
      offline.set(is)
      showStatus()
      if (!is) void tracker.flush()
    },
    signIn: identityId => tracker.signIn(identityId),
    signOut: () => tracker.signOut(),
    consent(state) {
      tracker.consent(state)
      showStatus()
    },
    forget: () => tracker.forget(),
    move() {
      place(Number(host.getAttribute('corner')) + 1)
    },
    minimise,
    close: () => host.remove(),
  })
  root.append(...view.nodes)
  view.showKey(key)
  // Panels of other trackers of the page have their corners.
  const taken = Array.from(document.querySelectorAll(elementName), one => one.getAttribute('corner'))
  if (!host.hasAttribute('corner')) place([0, 1, 2, 3].find(one => !taken.includes(`${one}`)) || 0)
  lift(host)
  let undoPages = (): void => {}
  const undos = [
    tracker.observe('status', showStatus),
    tracker.observe('records', view.records.show),
    tracker.observe('session', session => {
      view.showSession(session)
      undoPages()
      undoPages = tracker.observe({ pages: session ? session.sessionID : '' }, view.pages.show)
    }),
    tracker.onError(({ code, cause }) => view.showProblem(code, cause)),
  ]
  showStatus()
  const past = Object.keys(tracker.status().errors).pop()
  if (past) view.showProblem(past, undefined)
  // The countdown to the next attempt, which no change tells.
  const timer = setInterval(showStatus, 1000)
  window.addEventListener('keydown', onKey)
  return function () {
    clearInterval(timer)
    window.removeEventListener('keydown', onKey)
    offline.set(false)
    undoPages()
    for (const undo of undos) undo()
    for (const node of view.nodes) node.parentNode?.removeChild(node)
  }
}

/**
 * Defines `<sojourn-inspector>`: a panel that shows the visit, the session, and every record of all tabs with its fate. It
 * stands in a shadow root, and works under a policy without inline styles. Without a tracker it is not seen, and waits for
 * one. Defining it twice does nothing.
 *
 * @example
 * defineInspector()
 * document.body.append(document.createElement('sojourn-inspector'))
 */
export function defineInspector(): void {
  if (customElements.get(elementName)) return
  customElements.define(
    elementName,
    class extends HTMLElement implements InspectorElement {
      declare tracker?: Tracker | undefined
      declare undo?: (() => void) | undefined

      connectedCallback(): void {
        const key = this.getAttribute('key')
        const found = this.tracker ? { key: key || keyOf(this.tracker), tracker: this.tracker } : findTracker(key)
        if (this.undo) return
        if (!found) {
          // The element may stand in the page before its tracker is made, or before the other of two is.
          const timer = setInterval(() => {
            clearInterval(timer)
            this.undo = undefined
            this.connectedCallback()
          }, lookMs)
          this.undo = () => clearInterval(timer)
          return
        }
        const root = this.shadowRoot || this.attachShadow({ mode: 'open' })
        addStyle(root)
        this.undo = connect(this, root, found.key, found.tracker)
      }

      disconnectedCallback(): void {
        if (this.undo) this.undo()
        this.undo = undefined
      }
    },
  )
}

function keyOf(wanted: Tracker): string {
  for (const [key, { tracker }] of pageRegistry<Held>()) if (tracker === wanted) return key
  return ''
}

/**
 * Opens the inspector on this page. Where there is no tracker, it is seen as soon as there is one.
 *
 * @param tracker whose records are shown. Without it: the first one of the page.
 * @returns the undo, which closes it.
 * @example const close = openInspector(tracker)
 */
export function openInspector(tracker?: Tracker): () => void {
  defineInspector()
  const element = document.createElement(elementName) as InspectorElement
  element.tracker = tracker
  document.documentElement.append(element)
  return () => element.remove()
}
