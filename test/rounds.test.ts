import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { lookBackMs } from '../src/record/limits.js'
import { createRounds, type RoundParts } from '../src/rounds.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Rounds whose reads of the database fail. @param isOpen whether the database is still open then. */
function roundsWith(isOpen: boolean) {
  const troubles: unknown[] = []
  const refuse = async (): Promise<never> => {
    throw new Error('away')
  }
  const parts = {
    database: { isOpen: () => isOpen },
    store: { sweepSettled: refuse },
    writer: { openState: () => ({ session: null }) },
    keeper: { fail: (cause: unknown) => void troubles.push(cause) },
    origin: { isKnown: () => true, note: () => undefined },
    flusher: { flush: async () => undefined },
    lookBack: { run: refuse, takeStale: refuse },
    noteMs: 1,
  }
  return { rounds: createRounds(parts as unknown as RoundParts), troubles }
}

it.for([true, false])('report a read that fails only while the database is open: %s', async isOpen => {
  const { rounds, troubles } = roundsWith(isOpen)
  rounds.start()
  await vi.advanceTimersByTimeAsync(lookBackMs)
  await rounds.endSession()
  rounds.stop()
  expect(troubles).toHaveLength(isOpen ? 2 : 0)
})
