import type { RunningStore } from '../store/running.js'
import { presenceKeepMs, presenceLeaseMs, presenceRenewMs } from './limits.js'

/** A collector that says that it runs. */
export interface Presence {
  /** Says that it has ended. Never rejects: if it cannot be said, the lease ends by itself. */
  stop(): Promise<void>
}

/** What presence is made of. */
export interface PresenceParts {
  readonly store: RunningStore
  /** Where the collector listens. One that is started again on this machine has the same. */
  readonly place: string
  /** An id of this start, which no other has. */
  readonly start: string
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Calls a task again and again. @returns the undo. */
  readonly every: (task: () => void, ms: number) => () => void
  /** Called with the cause if the database does not take it; once, until it does. */
  readonly onError: (cause: unknown) => void
}

/**
 * Says that a collector runs, now and every 15 seconds, so that each collector of the database knows how many there are. One that
 * is killed counts for 45 seconds more, unless it is started again at its place.
 */
export function startPresence({ store, place, start, now, every, onError }: PresenceParts): Presence {
  let isFailing = false
  let saying = Promise.resolve()

  async function say(): Promise<void> {
    try {
      await store.stay({ place, start, until: now() + presenceLeaseMs })
      await store.removeBefore(now() - presenceKeepMs)
      isFailing = false
    } catch (cause) {
      if (!isFailing) onError(cause)
      isFailing = true
    }
  }

  function renew(): void {
    saying = saying.then(say)
  }

  renew()
  const undo = every(renew, presenceRenewMs)
  return {
    async stop() {
      undo()
      await saying
      await store.leave({ place, start }).catch(onError)
    },
  }
}
