import { unref } from './clock.js'
import { globals } from './globals.js'

/** What tabs of one origin tell each other. */
export interface Channel<T> {
  /** @returns whether anybody can hear it. */
  tell(message: T): boolean
  /** Hears nothing any more. A page in the back/forward cache must not hold on to a channel. */
  close(): void
  /** Hears from now on. @returns whether this page can hear. */
  open(): boolean
}

/**
 * Makes a channel between the tabs of an origin. It is silent where the browser has none or denies it (Firefox with cookies
 * blocked), because every tab also reads the store.
 *
 * @param name what the tabs share; empty: nothing, and then nobody is told or heard.
 * @param onMessage is given what any script of the origin may have sent.
 */
export function createChannel<T>(name: string, onMessage: (message: unknown) => void): Channel<T> {
  let channel: BroadcastChannel | null = null
  return {
    tell(message) {
      try {
        if (channel) channel.postMessage(message)
      } catch {
        // A page has put something else in its place.
        channel = null
      }
      return !!channel
    },
    close() {
      if (channel) channel.close()
      channel = null
    },
    open() {
      if (!name) return false
      try {
        channel = channel || unref(new globals.BroadcastChannel(name))
        channel.onmessage = ({ data }) => onMessage(data)
      } catch {
        channel = null
      }
      return !!channel
    },
  }
}
