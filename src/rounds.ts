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
  // The session that was open when the device was last swept of what names a person: empty if none was.
  let swept: string | undefined

  function openID(): string {
    const { session } = writer.openState()
    return session ? session.sessionID : ''
  }

  /** A database that was closed meanwhile, as consent was denied or the page froze, has not failed. */
  function fail(cause: unknown): void {
    if (database.isOpen()) keeper.fail(cause)
  }

  async function look(): Promise<void> {
    if (isStopped) return
    timer = later(look, lateMs)
    if (!origin.isKnown()) return
    try {
      // A page that died as somebody signed out could not do it.
      if (swept === undefined && database.isOpen()) await store.sweepSettled((swept = openID()))
      const looked = lookBack.run()
      // What was taken over may have signed somebody in. The page may be gone before it has looked at the rest.
      origin.note(noteMs)
      if (await looked) await flusher.flush()
      // Another page has ended the session. Who signs out and leaves at once is signed out by who looks back.
      if (swept !== openID()) await endSession()
    } catch (cause) {
      fail(cause)
    }
  }

  async function endSession(): Promise<void> {
    try {
      const id = openID()
      void flusher.flush()
      await store.sweepSettled(id)
      // Living tabs rewrite their orphan exits when they hear of it. Those that are left belong to tabs that cannot.
      await wait(300)
      if (isStopped || !origin.isKnown()) return
      await lookBack.takeStale()
      swept = id
      await flusher.flush()
    } catch (cause) {
      fail(cause)
    }
  }

  return {
    start() {
      if (!timer) timer = later(look, lookBackMs)
    },
    endSession,
    stop() {
      isStopped = true
      cancel(timer)
    },
  }
}
