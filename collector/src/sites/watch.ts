import { adminLookMs, earlyLookMs } from '../limits.js'
import type { AdminStore } from './admin.js'
import { createRegistry, type RegistryParts, type SiteRegistry } from './registry.js'

/** A registry that follows the database. */
export interface WatchedSites {
  readonly registry: SiteRegistry
  /** Looks no more. Resolves when a look under way is over. */
  readonly stop: () => Promise<void>
}

/** What follows the database. */
export interface WatchParts extends RegistryParts {
  readonly admin: AdminStore
  /** Called with the cause if the database cannot be read. The registry then stays as it is. */
  readonly onError: (cause: unknown) => void
}

/**
 * Makes a registry that notices within a second what was decided, here or by another process. An early look waits until
 * 250 ms have passed since the last one, so that strangers with wrong keys cause no more than that.
 *
 * @throws (rejects) if the database cannot be read at first.
 */
export async function watchSites({ admin, onError, ...parts }: WatchParts): Promise<WatchedSites> {
  const registry = createRegistry(parts, look)
  let version = -1
  let isStopped = false
  let isFailing = false
  let next: Promise<void> | null = null
  let last: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  let restUntil = 0

  async function readNow(): Promise<void> {
    if ((await admin.version()) === version) return
    const { version: read, ...state } = await admin.read()
    registry.use(state)
    version = read
  }

  async function lookNow(): Promise<void> {
    next = null
    restUntil = performance.now() + earlyLookMs
    try {
      await readNow()
      isFailing = false
    } catch (cause) {
      // It is reported once, because the next looks fail too while the database is down.
      if (!isFailing) onError(cause)
      isFailing = true
    }
  }

  function look(): Promise<void> {
    if (isStopped) return Promise.resolve()
    // A look that has not begun yet serves all who wait.
    next ??= last.then(rest).then(() => {
      last = lookNow()
      return last
    })
    return next
  }

  function rest(): Promise<void> {
    const ms = restUntil - performance.now()
    return ms > 0 ? new Promise(resolve => setTimeout(resolve, ms).unref()) : Promise.resolve()
  }

  function lookLater(): void {
    if (isStopped) return
    timer = setTimeout(() => void look().then(lookLater), adminLookMs).unref()
  }

  await readNow()
  lookLater()
  return {
    registry,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await last
    },
  }
}
