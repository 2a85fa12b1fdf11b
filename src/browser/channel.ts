/** What tabs of one origin tell each other. */
export interface Channel<T> {
  tell(message: T): void
  /** Not heard any more; a page in the back/forward cache must not hold on to a channel. */
  close(): void
  open(): void
}

/** A channel between the tabs of an origin; silent where the browser has none, for every tab also looks for itself. */
export function createChannel<T>(name: string, onMessage: (message: T) => void): Channel<T> {
  let channel: BroadcastChannel | null = null
  const open = (): void => {
    if (channel || typeof BroadcastChannel === 'undefined') return
    channel = new BroadcastChannel(name)
    channel.onmessage = event => onMessage(event.data as T)
  }
  return {
    tell: message => channel?.postMessage(message),
    close() {
      channel?.close()
      channel = null
    },
    open,
  }
}
