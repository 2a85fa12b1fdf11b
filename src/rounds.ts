import { cancel, later, type Timer, wait } from './browser/clock.js'
import type { Parts } from './parts.js'
import { lateMs, lookBackMs } from './record/limits.js'
import type { Connection } from './store/key-value-store.js'

/** What the rounds of a page need. */
export interface RoundParts extends Pick<Parts, 'store' | 'writer' | 'keeper' | 'origin' | 'flusher' | 'lookBack'> {
  readonly database: Connection
  /** Activity is told to the other tabs at most once in this time, ms. */
  readonly noteMs: number
}

/** What a page does for others: it sends what earlier pages left, and leaves nothing that names who has signed out. */
export interface Rounds {
  /** Looks for what earlier pages left, soon and then from time to time. */
  start(): void
  /** A session has ended. Nothing that names a person stays on the device longer than it is owed. */
  endSession(): Promise<void>
  stop(): void
}

export function createRounds(parts: RoundParts): Rounds {
  const { database, store, writer, keeper, origin, flusher, lookBack, noteMs } = parts
  let isStopped = false
  let timer: Timer | undefined

  async function look(): Promise<void> {
    if (isStopped) return
    timer = later(look, lateMs)
    if (!origin.isKnown()) return
    try {
      const isOwed = await lookBack.run()
      origin.note(noteMs)
      if (isOwed) await flusher.flush()
    } catch (cause) {
      keeper.fail(cause)
    }
  }

  return {
    start() {
      if (!timer) timer = later(look, lookBackMs)
    },
    async endSession() {
      try {
        const { session } = writer.openState()
        void flusher.flush()
        await store.sweepSettled(session ? session.sessionID : '')
        // Living tabs rewrite their orphan exits when they hear of it. Those that are left belong to tabs that cannot.
        await wait(300)
        await lookBack.takeStaleExits()
        if (!isStopped) await flusher.flush()
      } catch (cause) {
        if (database.isOpen()) keeper.fail(cause)
      }
    },
    stop() {
      isStopped = true
      cancel(timer)
    },
  }
}
