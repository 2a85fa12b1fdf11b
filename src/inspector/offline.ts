/**
 * Keeps every tab of this site from sending: it holds the lock that a tab needs to send. What is in flight ends first.
 *
 * @param key the write key.
 */
export function createOffline(key: string): { isOffline(): boolean; set(isOffline: boolean): void } {
  let release: (() => void) | undefined
  return {
    isOffline: () => !!release,
    set(isOffline) {
      if (isOffline === !!release) return
      if (release) release()
      release = undefined
      if (!isOffline) return
      const held = new Promise<void>(resolve => (release = resolve))
      // Where locks are denied, as in a sandboxed frame, there is nothing to hold.
      navigator.locks.request(`sojourn-${key}`, () => held).catch(() => (release = undefined))
    },
  }
}
