import type { ComponentChildren, JSX } from 'preact'
import { navigate, usePathname, useSearch } from 'wouter-preact/use-browser-location'
import { type Parameters, toQuery } from './api.js'
import { base } from './base.js'

/** The pages of the explorer, as the step after the site says. */
export type PageName = 'now' | 'sessions' | 'visits' | 'identities' | 'numbers' | 'setup'

/** Where the explorer is. `site` is empty if the address names none, and `id` if it names no resource. */
export interface Place {
  readonly site: string
  readonly page: string
  readonly id: string
}

/**
 * An address of the explorer. The state of a page is in its query, so that an address can be shared and Back works.
 *
 * @param id of a session, visit or identity; any text.
 */
export function toAddress(site: string, page: PageName | '' = '', id = '', query: Parameters = {}): string {
  const steps = [site, page, id].filter(step => step !== '').map(encodeURIComponent)
  return `${base}explore/${steps.join('/')}${toQuery(query)}`
}

/** Reads the place of a path. A step that is no text in UTF-8 is taken as it is. */
export function parsePlace(path: string): Place {
  const start = `${base}explore/`
  const steps = path.startsWith(start) ? path.slice(start.length).split('/') : []
  const [site = '', page = '', id = ''] = steps.map(step => {
    try {
      return decodeURIComponent(step)
    } catch {
      return step
    }
  })
  return { site, page, id }
}

/** The place of the address, kept up to date. */
export function usePlace(): Place {
  return parsePlace(usePathname())
}

/** The query of the address, kept up to date. */
export function useQuery(): URLSearchParams {
  return new URLSearchParams(useSearch())
}

/**
 * Changes some parameters of the present address.
 *
 * @param isReplaced the address before is not kept in the history: for what a person changes many times, as a zoom.
 */
export function changeQuery(changes: Parameters, isReplaced = false): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name)
    for (const [, one] of new URLSearchParams(toQuery({ [name]: value }))) query.append(name, one)
  }
  const text = query.toString()
  goTo(`${location.pathname}${text && `?${text}`}`, isReplaced)
}

/** Goes to an address of the explorer. An address that is there already makes no entry in the history. */
export function goTo(address: string, isReplaced = false): void {
  navigate(address, { replace: isReplaced || address === location.pathname + location.search })
}

interface LinkProps extends Omit<JSX.HTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly to: string
  readonly children: ComponentChildren
  readonly class?: string | undefined
  readonly current?: boolean
}

/** A link within the explorer. With a modifier key or another button, the browser follows it as any other. */
export function Link({ to, children, current = false, ...rest }: LinkProps): JSX.Element {
  function follow(event: MouseEvent): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    goTo(to)
    // As after a load. Back keeps its place, because the browser restores that itself.
    window.scrollTo(0, 0)
  }
  return (
    <a {...rest} href={to} onClick={follow} {...(current && { 'aria-current': 'page' as const })}>
      {children}
    </a>
  )
}
