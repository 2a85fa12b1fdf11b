import type { PageBirth, VisitBirth } from './birth.js'
import type { PageView } from './call.js'

/** The page that is open as a tracker is stopped, and its visit. */
export interface LeftPage {
  readonly page: PageBirth
  readonly visitID: string
}

export function toLeft(page: PageBirth | null, visit: VisitBirth | null): LeftPage | null {
  return page && visit && { page, visitID: visit.visitID }
}

/** The page that is open in one tab. */
export interface OpenPage {
  /** `null`: no page is open. */
  birth(): PageBirth | null
  /**
   * The page that an event belongs to: the open one, or the one that is just being left.
   *
   * @param isOver whether the visit is over and no other has begun. What happens then is of the page that its end has closed.
   */
  place(isOver: boolean): PageBirth | null
  /** Opens a page. @param sessionID the session that is open. */
  enter(view: PageView, at: number, sessionID: string | null, data?: string, id?: string): void
  /** Corrects url and title. It makes no record, because later records of the page tell it. */
  correct(view: PageView, at: number): void
  /** Goes on with the page that was open when the tracker was stopped. @returns false if it was of another visit. */
  goOn(visitID: string): boolean
  /** Closes the page. @param goesOn whether the document goes on without one. */
  exit(at: number, id?: string, goesOn?: boolean): void
  /** Closes the page because its visit is over, although the tab still shows it. */
  interrupt(at: number): void
  /** Closes the page without a record, because its session was erased. The tab still shows it. */
  drop(): void
  /** Opens the page anew that the end of its visit has closed. Without one nothing happens. */
  resume(at: number, sessionID: string | null): void
}

/**
 * Makes the open page of a tab.
 *
 * @param record makes the record of an event on the page that is open.
 * @param inherited gives the page that was open when the tracker was stopped before, in the same document.
 */
export function createOpenPage(
  makeId: () => string,
  record: (eventName: string, at: number, data?: string, id?: string) => void,
  inherited?: () => LeftPage | null | undefined,
): OpenPage {
  let page: PageBirth | null = null
  let interrupted: PageBirth | null = null
  // What listeners of the page record after the exit, as it goes away, is of the page that they are in.
  let gone: PageBirth | null = null

  function enter(view: PageView, at: number, sessionID: string | null, data?: string, id?: string): void {
    const { url, title, referrer, category } = view
    page = { pageID: makeId(), sessionID, url, title, referrer, category, startDate: at }
    interrupted = null
    record('PageEntered', at, data, id)
  }

  function exit(at: number, id?: string, goesOn?: boolean): void {
    // A view that no person has made may be later than the last activity, at which it ends.
    if (page) record('PageExited', Math.max(at, page.startDate), '', id)
    gone = goesOn ? null : page || gone
    page = interrupted = null
  }

  return {
    birth: () => page,
    place: isOver => page || (interrupted && !isOver ? null : gone),
    enter,
    goOn(visitID) {
      const before = inherited && inherited()
      if (!before || before.visitID !== visitID) return false
      page = before.page
      return true
    },
    correct({ url, title }, at) {
      if (interrupted) interrupted = { ...interrupted, url, title }
      if (page && (page.url !== url || page.title !== title))
        page = { ...page, url, title, viewedAt: Math.max(at, (page.viewedAt || 0) + 1) }
    },
    exit,
    interrupt(at) {
      const before = page || interrupted
      gone = null
      exit(at)
      interrupted = before
    },
    drop() {
      interrupted = page || interrupted
      page = gone = null
    },
    resume(at, sessionID) {
      if (!page && interrupted) enter(interrupted, at, sessionID)
    },
  }
}
