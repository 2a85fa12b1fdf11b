import type { JSX } from 'preact'
import type { Parameters } from '../api.js'
import { changeQuery } from '../route.js'

interface PagerProps {
  readonly page: number
  /** The changes of the address for each page; `null` where there is none. */
  readonly first: Parameters | null
  readonly previous: Parameters | null
  readonly next: Parameters | null
}

/** The way through a list that has no page numbers. Each page has an address. */
export function Pager({ page, first, previous, next }: PagerProps): JSX.Element | null {
  if (!first && !previous && !next) return null
  return (
    <nav class="pager" aria-label="Pages of the list">
      <Step to={first} title="First" />
      <Step to={previous} title="Previous" />
      <span class="soft number">Page {page}</span>
      <Step to={next} title="Next" />
    </nav>
  )
}

function Step({ to, title }: { readonly to: Parameters | null; readonly title: string }): JSX.Element {
  function go(): void {
    if (!to) return
    changeQuery(to)
    window.scrollTo(0, 0)
  }
  return (
    <button type="button" class="quiet" disabled={!to} onClick={go}>
      {title}
    </button>
  )
}
