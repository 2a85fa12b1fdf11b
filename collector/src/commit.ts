import { maxGroupRecords, maxWaitingBatches } from './limits.js'
import type { Arrival, CollectorStore } from './store/store.js'

/** What became of an arrival: on disk, or not taken because too many wait, or not kept because the store failed. */
export type Commit = 'stored' | 'busy' | 'failed'

interface Waiting {
  readonly arrival: Arrival
  readonly settle: (commit: Commit) => void
}

/**
 * Makes the group commit: what waits while one transaction runs shares the next one, and each is told only after it is
 * on disk. If a group fails, its arrivals are tried one by one, so that one that cannot be kept does not harm the others.
 *
 * @returns takes one arrival; never rejects.
 */
export function createGroupCommit(
  store: Pick<CollectorStore, 'merge'>,
  onError: (cause: unknown) => void,
): (arrival: Arrival) => Promise<Commit> {
  const waiting: Waiting[] = []
  let isRunning = false

  async function merge(group: readonly Waiting[]): Promise<void> {
    try {
      await store.merge(group.map(({ arrival }) => arrival))
      for (const { settle } of group) settle('stored')
    } catch (cause) {
      onError(cause)
      if (group.length > 1) for (const one of group) await merge([one])
      else group[0]?.settle('failed')
    }
  }

  async function run(): Promise<void> {
    isRunning = true
    while (waiting.length) {
      // Requests that have been read in this turn of the loop join the group.
      await new Promise(resolve => setImmediate(resolve))
      await merge(takeGroup(waiting))
    }
    isRunning = false
  }

  return arrival => {
    if (waiting.length >= maxWaitingBatches) return Promise.resolve('busy')
    return new Promise(settle => {
      waiting.push({ arrival, settle })
      if (!isRunning) void run()
    })
  }
}

function takeGroup(waiting: Waiting[]): Waiting[] {
  let records = 0
  const size = waiting.findIndex(({ arrival }) => (records += arrival.batch.facts.length) > maxGroupRecords)
  return waiting.splice(0, size < 0 ? waiting.length : Math.max(size, 1))
}
