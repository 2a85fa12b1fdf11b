import { maxListeners, watchMs } from './limits.js'
import type { ReadNow, SiteNow } from './now.js'

/** Somebody who listens to a site. */
export interface Listener {
  /** Takes the present of the site as JSON. @returns `false` if it cannot take it now. Then it gets the next one. */
  readonly take: (text: string) => boolean
  /** Whether it may still listen. */
  readonly isAllowed: () => boolean
  /** Is called once if the watch ends it. */
  readonly end: () => void
}

/** Tells readers what is happening on sites. */
export interface Watch {
  /** Reads the present of a site as JSON. Readers who ask at the same moment share one read. */
  read(site: string): Promise<string>
  /**
   * Listens to a site: at once, and after each change, at most once in a second. If as many listen as may, one who listens to
   * the site with the most listeners is ended, unless the site has hardly fewer itself. So the readers of one site do not take the
   * place of all others.
   *
   * @returns the function that ends it; `null` if too many listen.
   */
  listen(site: string, listener: Listener): (() => void) | null
  /** Ends all listeners, and takes no more. */
  stop(): void
}

interface Channel {
  /** The listeners, and the state that each has got last. */
  readonly listeners: Map<Listener, string>
  timer: NodeJS.Timeout | null
  /** What the last look has found. `state` is without the time, which alone is no change. */
  last: { readonly state: string; readonly text: string } | null
}

/**
 * Makes the watch. A site is looked at once in a second for all who listen to it, and only while somebody does. So what
 * another collector of the database has stored is seen too.
 *
 * @param onError is called with the cause if a look fails; once, until one succeeds. The listeners then wait.
 */
export function createWatch(readNow: ReadNow, onError: (cause: unknown) => void): Watch {
  const channels = new Map<string, Channel>()
  const reading = createShared(site => readNow(site, false))
  const looking = createShared(site => readNow(site, true))
  let listening = 0
  let isStopped = false
  let isFailing = false

  function leave(site: string, listener: Listener): void {
    const channel = channels.get(site)
    if (!channel?.listeners.delete(listener)) return
    listening--
    if (channel.listeners.size) return
    channels.delete(site)
    if (channel.timer) clearTimeout(channel.timer)
  }

  function end(site: string, listener: Listener): void {
    leave(site, listener)
    listener.end()
  }

  /** Ends the newest listener of the site that has the most. @returns `false` if this site would then have as many. */
  function makeRoom(site: string): boolean {
    const own = channels.get(site)?.listeners.size ?? 0
    const sorted = [...channels].toSorted(([, a], [, b]) => b.listeners.size - a.listeners.size)
    const [name, channel] = sorted[0] ?? []
    const newest = [...(channel?.listeners.keys() ?? [])].at(-1)
    if (name === undefined || !channel || !newest || channel.listeners.size <= own + 1) return false
    end(name, newest)
    return true
  }

  function tell({ last, listeners }: Channel, listener: Listener): void {
    if (last && last.state !== listeners.get(listener) && listener.take(last.text)) listeners.set(listener, last.state)
  }

  async function look(site: string, channel: Channel): Promise<void> {
    channel.timer = null
    for (const one of channel.listeners.keys()) if (!one.isAllowed()) end(site, one)
    if (!channel.listeners.size) return
    const begun = performance.now()
    try {
      // A look for listeners that have left meanwhile may be under way. Who comes and leaves all the time begins no further one.
      const { now, ...present } = await looking(site)
      isFailing = false
      channel.last = { state: JSON.stringify(present), text: JSON.stringify({ now, ...present }) }
      for (const one of channel.listeners.keys()) tell(channel, one)
    } catch (cause) {
      if (!isFailing) onError(cause)
      isFailing = true
    }
    if (!channel.listeners.size || channel.timer) return
    channel.timer = setTimeout(
      () => void look(site, channel),
      Math.max(watchMs / 2, watchMs - (performance.now() - begun)),
    )
    channel.timer.unref()
  }

  return {
    read: async site => JSON.stringify(await reading(site)),
    listen(site, listener) {
      if (isStopped || (listening >= maxListeners && !makeRoom(site))) return null
      listening++
      const channel = channels.get(site) ?? { listeners: new Map(), timer: null, last: null }
      channels.set(site, channel)
      channel.listeners.set(listener, '')
      // The first one begins the looks. Another one gets what the last look has found, or that which is under way.
      if (channel.listeners.size === 1) void look(site, channel)
      else tell(channel, listener)
      return () => leave(site, listener)
    },
    stop() {
      isStopped = true
      for (const [site, { listeners }] of channels) for (const one of listeners.keys()) end(site, one)
    },
  }
}

/** Reads a site once for all who ask while it is read. */
function createShared(read: (site: string) => Promise<SiteNow>): (site: string) => Promise<SiteNow> {
  const underWay = new Map<string, Promise<SiteNow>>()
  return site => {
    const shared = underWay.get(site) ?? read(site).finally(() => underWay.delete(site))
    underWay.set(site, shared)
    return shared
  }
}
