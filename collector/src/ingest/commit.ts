import { eagerBatches, maxGroupRecords, maxWaitingBatches } from '../limits.js'
import { type Arrival, type CollectorStore, DataError } from '../store/store.js'

/** What became of an arrival: on disk, or not taken because too many wait, or not kept because the store failed. */
export type Commit = 'stored' | 'busy' | 'failed'

interface Waiting {
  readonly arrival: Arrival
  readonly settle: (commit: Commit) => void
}

/**
 * Makes the group commit: what waits while the lanes of the store are busy shares the next transaction, and each is told only
 * after it is on disk. If a group holds something that cannot be kept, it is halved until that stands alone, so that it does
 * not harm the others; if the store itself failed, all of the group failed.
 *
 * @returns takes one arrival; never rejects.
 */
export function createGroupCommit(
  store: Pick<CollectorStore, 'merge' | 'lanes'>,
  onError: (cause: unknown) => void,
): (arrival: Arrival) => Promise<Commit> {
  const waiting: Waiting[] = []
  let running = 0
  let isSoon = false

  async function merge(group: readonly Waiting[]): Promise<void> {
    try {
      await store.merge(group.map(({ arrival }) => arrival))
      for (const { settle } of group) settle('stored')
    } catch (cause) {
      // What is too long to be said at all (RangeError) is due to what it holds as well.
      if ((cause instanceof DataError || cause instanceof RangeError) && group.length > 1) {
        const half = Math.ceil(group.length / 2)
        await merge(group.slice(0, half))
        await merge(group.slice(half))
        return
      }
      for (const { settle } of group) settle('failed')
      onError(cause)
    }
  }

  function begin(): void {
    while (running < store.lanes && waiting.length) {
      running++
      void merge(takeGroup(waiting)).finally(() => {
        running--
        beginSoon()
      })
    }
  }

  // Requests that are read in this turn of the loop join the group; but where many are, the store need not wait for the last.
  function beginSoon(): void {
    if (waiting.length >= eagerBatches) begin()
    else if (waiting.length && !isSoon) {
      isSoon = true
      setImmediate(() => {
        isSoon = false
        begin()
      })
    }
  }

  return arrival => {
    if (waiting.length >= maxWaitingBatches) return Promise.resolve('busy')
    return new Promise(settle => {
      waiting.push({ arrival, settle })
      beginSoon()
    })
  }
}

function takeGroup(waiting: Waiting[]): Waiting[] {
  let weight = 0
  const size = waiting.findIndex(({ arrival }) => (weight += weigh(arrival)) > maxGroupRecords)
  return waiting.splice(0, size < 0 ? waiting.length : Math.max(size, 1))
}

// A short batch may hold long records: an event without a url has that of its page.
function weigh({ batch }: Arrival): number {
  return batch.facts.reduce((sum, { event }) => sum + 1 + event.url.length / 1000, 0)
}
