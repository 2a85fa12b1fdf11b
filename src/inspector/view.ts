import type { Status } from '../api.js'
import type { Session } from '../record/session.js'
import { make, setText, toShown, toTime } from './dom.js'
import { createPageList, createRecordList } from './list.js'
import { describeAttempt, drainers, explain } from './words.js'

/** What the buttons of the panel do. */
export interface Acts {
  flush(): Promise<unknown>
  setOffline(isOffline: boolean): void
  isOffline(): boolean
  /** Whether the tracker is stopped. */
  isStopped(): boolean
  signIn(identityId: string): void
  signOut(): void
  consent(state: Status['consent']): void
  forget(): Promise<unknown>
  /** The panel goes to the next corner. */
  move(): void
  minimise(isMinimised: boolean): void
  close(): void
}

/** The panel. */
export interface View {
  readonly nodes: readonly Node[]
  readonly records: ReturnType<typeof createRecordList>
  readonly pages: ReturnType<typeof createPageList>
  showKey(key: string): void
  showStatus(status: Status, now: number): void
  showSession(session: Session | undefined): void
  showProblem(code: string, cause: unknown): void
  minimise(isMinimised: boolean): void
}

const decisions = ['granted', 'denied'] as const
const sums = ['made', 'waiting', 'owed', 'stored', 'dropped'] as const

export function createView(acts: Acts): View {
  const records = createRecordList()
  const pages = createPageList()
  const numbers = Object.fromEntries(sums.map(name => [name, make('b', { class: name }, '0')])) as Record<
    string,
    HTMLElement
  >
  const facts: Record<string, HTMLElement> = {}
  const problem = make('p', { class: 'problem', role: 'status', hidden: true })
  const reasons = make('p', { class: 'none', hidden: true })

  function fact(name: string): HTMLElement[] {
    const value = make('dd', {}, '–')
    facts[name] = value
    return [make('dt', {}, name), value]
  }

  const offline = make('button', { type: 'button', 'aria-pressed': 'false', onclick: toggleOffline }, 'Offline')
  const flush = make('button', { type: 'button', onclick: () => void acts.flush() }, 'Flush')
  const forget = make('button', { type: 'button', onclick: askForget, onblur: calm }, 'Forget')
  const who = make('input', {
    'aria-label': 'Identity',
    placeholder: 'identity',
    autocomplete: 'off',
    maxlength: '512',
  })
  const consents = decisions.map(state =>
    make('button', { type: 'button', class: state, onclick: () => acts.consent(state) }, state),
  )
  let isSure = false

  function toggleOffline(): void {
    acts.setOffline(!acts.isOffline())
    offline.setAttribute('aria-pressed', `${acts.isOffline()}`)
    flush.disabled = acts.isOffline()
  }

  function calm(): void {
    isSure = false
    forget.className = ''
    setText(forget, 'Forget')
  }

  /** Asks once more. It is asked anew when the focus has left the button. */
  function askForget(): void {
    if (isSure) {
      calm()
      void acts.forget()
      return
    }
    isSure = true
    forget.className = 'sure'
    setText(forget, 'Forget this visitor: sure?')
  }

  const body = make(
    'div',
    { class: 'body', tabindex: '0', role: 'group', 'aria-label': 'What the tracker does' },
    problem,
    make('ul', { class: 'sums', 'aria-label': 'Records of this page' }, ...sums.map(toSum)),
    reasons,
    make(
      'dl',
      {},
      ...['key', 'identity', 'session', 'visit', 'consent', 'kept in', 'outbox', 'next attempt'].flatMap(fact),
    ),
    make('div', { class: 'acts' }, flush, offline, forget),
    make('div', { class: 'acts', role: 'group', 'aria-label': 'Consent' }, 'Consent', ...consents),
    make(
      'form',
      { onsubmit: signIn },
      who,
      make('button', {}, 'Sign in'),
      make('button', { type: 'button', onclick: () => acts.signOut() }, 'Sign out'),
    ),
    make('h3', {}, 'Records of all tabs'),
    records.element,
    make('h3', {}, 'Pages of the session'),
    pages.element,
  )

  function toSum(name: (typeof sums)[number]): HTMLElement {
    return make('li', {}, numbers[name] as HTMLElement, name)
  }

  function signIn(event: Event): void {
    event.preventDefault()
    if (!who.value) return
    acts.signIn(who.value)
    who.value = ''
  }

  function icon(sign: string, label: string, run: () => void): HTMLElement {
    return make('button', { type: 'button', 'aria-label': label, title: label, onclick: run }, sign)
  }

  const panel = make(
    'section',
    { 'aria-label': 'Sojourn inspector' },
    make(
      'header',
      {},
      make('h2', {}, 'Sojourn'),
      icon('⤢', 'Move to the next corner', () => acts.move()),
      icon('–', 'Minimise (Alt+Shift+I)', () => acts.minimise(true)),
      icon('×', 'Close the inspector', () => acts.close()),
    ),
    body,
  )
  const pill = make('button', { class: 'pill', type: 'button', hidden: true, onclick: () => acts.minimise(false) })

  return {
    nodes: [panel, pill],
    records,
    pages,
    showKey(key) {
      set('key', toShown(key))
    },
    showStatus(status, now) {
      const dropped = Object.entries(status.dropped)
      const lost = dropped.reduce((sum, [, count]) => sum + count, 0)
      for (const name of sums) setText(numbers[name] as HTMLElement, `${name === 'dropped' ? lost : status[name]}`)
      reasons.hidden = !lost
      setText(reasons, `dropped: ${dropped.map(([reason, count]) => `${count} ${reason}`).join(', ')}`)
      set('identity', status.identityId === null ? 'nobody is signed in' : toShown(status.identityId))
      set('visit', status.visitID || 'none')
      set('consent', status.consent)
      for (const [n, one] of consents.entries()) one.setAttribute('aria-pressed', `${decisions[n] === status.consent}`)
      set('kept in', status.store)
      const failures = status.failures ? `, ${status.failures} failed in a row (${toShown(status.lastError)})` : ''
      if (acts.isStopped()) {
        set('outbox', 'stopped: this page records and sends nothing')
        set('next attempt', 'when the page calls createTracker again')
      } else if (acts.isOffline()) {
        set('outbox', 'offline, by this inspector')
        set('next attempt', 'when you switch offline off')
      } else {
        set('outbox', drainers[status.drainer] + failures)
        set('next attempt', describeAttempt(status.nextAttempt, now, status.owed))
      }
      setText(pill, `Sojourn · ${acts.isStopped() ? 'stopped' : `${status.owed} owed`}`)
    },
    showSession(session) {
      set('session', session ? `${session.sessionID}, since ${toTime(session.startDate)}` : 'none')
    },
    showProblem(code, cause) {
      const { sentence, link } = explain(code)
      const text = cause === undefined || typeof cause === 'symbol' ? '' : toShown(`${cause as string}`)
      const detail = text && ` (${text})`
      const more = make('a', { href: link, target: '_blank', rel: 'noopener' }, code)
      problem.replaceChildren(`${sentence}${detail} `, more)
      problem.hidden = false
    },
    minimise(isMinimised) {
      panel.hidden = isMinimised
      pill.hidden = !isMinimised
      // The focus goes with what takes the place of the other.
      ;(isMinimised ? pill : body).focus({ preventScroll: true })
    },
  }

  function set(name: string, text: string): void {
    setText(facts[name] as HTMLElement, text)
  }
}
