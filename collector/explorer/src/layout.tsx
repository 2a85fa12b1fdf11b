import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { DocLink } from './parts/doc-link.js'
import { ChoiceField } from './parts/field.js'
import type { TokenReply } from './replies.js'
import { goTo, Link, type PageName, toAddress, usePlace } from './route.js'
import { keepToken, readToken } from './token.js'

/** The pages of the navigation, and the pages that are below each. */
const pages: readonly (readonly [page: PageName, title: string, below: readonly string[]])[] = [
  ['now', 'Now', []],
  ['sessions', 'Sessions', ['visits', 'identities']],
  ['numbers', 'Numbers', []],
  ['setup', 'Set-up', []],
]

/** The sign of Sojourn: a way in steps, from one place to another. */
function Sign(): JSX.Element {
  return (
    <svg class="sign" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="3" />
      <path d="M6 22h7v-6h6v-6h7" />
      <circle cx="6" cy="22" r="2.6" />
      <circle cx="26" cy="10" r="2.6" />
    </svg>
  )
}

interface LayoutProps {
  readonly token: TokenReply
  /** Whether the content takes the focus at once: the field of the token had it, and is gone. */
  readonly hasFocus: boolean
  readonly children: ComponentChildren
}

/** The frame of every page: the sign, the choice of a site, and the navigation. On a phone that is below. */
export function Layout({ token, hasFocus, children }: LayoutProps): JSX.Element {
  const { site, page } = usePlace()
  const main = useRef<HTMLElement>(null)
  const known = token.sites.map(({ site }) => site)
  // A screen reader is told of a new page, and the next Tab starts there.
  const shown = useRef('')
  const place = `${site}/${page}`
  useEffect(() => {
    if (shown.current ? shown.current !== place : hasFocus) main.current?.focus({ preventScroll: true })
    shown.current = place
  }, [place])
  return (
    <>
      <a class="skip" href="#main" onClick={event => skip(event, main.current)}>
        Skip to the content
      </a>
      <header class="masthead">
        <Link class="wordmark" to={toAddress(site, site ? 'now' : '')}>
          <Sign />
          Sojourn
        </Link>
        {site !== '' && (
          <nav class="pages" aria-label="Pages">
            {pages.map(([name, title, below]) => (
              <Link key={name} to={toAddress(site, name)} current={page === name || below.includes(page)}>
                <Icon page={name} />
                {title}
              </Link>
            ))}
          </nav>
        )}
        <div class="masthead-end">
          {known.length > 1 && known.includes(site) && (
            <ChoiceField
              label="Site"
              name="site"
              value={site}
              choices={known.map(name => [name, name])}
              onChoose={name => goTo(toAddress(name, pages.some(([one]) => one === page) ? (page as PageName) : 'now'))}
            />
          )}
          <DocLink page="start">Docs</DocLink>
          {readToken() && (
            <button type="button" class="quiet" title="Forgets the token of this tab" onClick={() => keepToken('')}>
              Lock
            </button>
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  )
}

function skip(event: Event, main: HTMLElement | null): void {
  event.preventDefault()
  main?.focus()
}

const drawings: Readonly<Record<string, string>> = {
  now: 'M2 11h4l2-6 4 11 2-5h4',
  sessions: 'M3 5h14M3 10h14M3 15h9',
  numbers: 'M4 16V9M10 16V4M16 16v-5',
  setup: 'M7 5l-4 5 4 5M13 5l4 5-4 5',
}

function Icon({ page }: { readonly page: PageName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d={drawings[page] ?? ''} />
    </svg>
  )
}

/** Sets the title of the tab while the page is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Sojourn` : 'Sojourn'
  }, [title])
}
