import { globals, scope } from './globals.js'

/** Whether this is a page. On a server, and in a worker, there is no document. */
export function isPage(): boolean {
  return typeof globals.document === 'object'
}

/**
 * The address that relative addresses are relative to: of the document, or of the script of a worker. On a server it is one
 * that cannot be reached.
 */
export function baseAddress(): string {
  return isPage() ? globals.document.baseURI : globals.location?.href || 'https://page.invalid'
}

/**
 * Whether this page comes from a developer's machine: `localhost`, a loopback address, or a name below `.localhost`,
 * `.test` or `.local`. Apps in Capacitor's shell are at `localhost` on every phone, so they do not count.
 */
export function isDeveloperMachine(): boolean {
  const { origin = '' } = (globals.location || {}) as Partial<Location>
  return (
    !('Capacitor' in scope()) &&
    /^https?:\/\/(localhost|127(\.\d+){3}|\[::1]|.+\.(localhost|test|local))(:\d+)?$/.test(origin)
  )
}
