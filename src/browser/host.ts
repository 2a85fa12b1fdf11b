import { globals } from './globals.js'

/** Whether this is a page. On a server, and in a worker, there is no document. */
export function isPage(): boolean {
  return typeof globals.document === 'object'
}

/** The address that relative addresses are relative to. Where there is no page it is one that cannot be reached. */
export function baseAddress(): string {
  return isPage() ? globals.document.baseURI : 'https://page.invalid'
}

/**
 * Whether this page comes from a developer's machine: `localhost`, a loopback address, or a name below `.localhost`,
 * `.test` or `.local`. Apps in Capacitor's shell are at `localhost` on every phone, so they do not count.
 */
export function isDeveloperMachine(): boolean {
  const { origin } = globals.location
  return (
    !('Capacitor' in globals.window) &&
    /^https?:\/\/(localhost|127(\.\d+){3}|\[::1]|.+\.(localhost|test|local))(:\d+)?$/.test(origin)
  )
}
