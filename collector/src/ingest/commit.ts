import { eagerBatches, maxGroupRows, maxWaitingBatches } from '../limits.js'
import { type Measure, noMeasure, type StoredRecords } from '../ops/measure.js'
import { toAutomated } from '../store/rows.js'
import { type Added, type Arrival, type CollectorStore, DataError } from '../store/store.js'

/**
 * The result for an arrival: on disk, with the ids of its events that are gone; or not taken because too many wait; or not
 * stored because the store failed. `isNew`: no event of its group had been stored before.
 */
export type CommitResult = { readonly gone: readonly string[]; readonly isNew: boolean } | 'busy' | 'failed'

interface Waiting {
  readonly arrival: Arrival
  readonly settle: (result: CommitResult) => void
}

/**
 * Makes the group commit. Arrivals that wait while the lanes of the store are busy share the next transaction. Each
 * resolves only after it is on disk. If the data of one arrival cannot be stored, the group is halved until that
 * arrival is alone, so that the others are stored. If the store itself fails, the whole group fails.
 *
 * @param now Unix epoch, ms. Measures how long commits take.
 * @returns a function that takes one arrival and never rejects.
 */
export function createGroupCommit(
  store: Pick<CollectorStore, 'merge' | 'lanes'>,
  onError: (cause: unknown) => void,
  measure: Measure = noMeasure,
  now: () => number = () => 0,
): (arrival: Arrival) => Promise<CommitResult> {
  const waiting: Waiting[] = []
  let running = 0
  let isSoon = false

  async function merge(group: readonly Waiting[]): Promise<void> {
    const begun = now()
    const tell = (isStored: boolean): void =>
      measure.group({ batches: group.length, durationMs: Math.max(0, now() - begun), isStored })
    try {
      const told: { added: ReadonlyMap<string, Added> | null } = { added: null }
      const gone = await store.merge(
        group.map(({ arrival }) => arrival),
        added => void (told.added = added),
      )
      tell(true)
      const records = toRecords(group, gone, told.added)
      for (const one of records) measure.records(one)
      const isNew = records.every(({ repeated }) => !repeated)
      for (const [n, { settle }] of group.entries()) settle({ gone: gone[n] ?? [], isNew })
    } catch (cause) {
      // A RangeError means that the group makes a text that is too long for the store. Its data is the cause then too.
      if ((cause instanceof DataError || cause instanceof RangeError) && group.length > 1) {
        const half = Math.ceil(group.length / 2)
        await merge(group.slice(0, half))
        await merge(group.slice(half))
        return
      }
      // Data that cannot be stored says nothing of the store.
      if (!(cause instanceof DataError || cause instanceof RangeError)) tell(false)
      for (const { settle } of group) settle('failed')
      onError(cause)
    }
  }

  function begin(): void {
    while (running < store.lanes && waiting.length) {
      running++
      const group = takeGroup(waiting)
      measure.waiting(waiting.length)
      void merge(group).finally(() => {
        running--
        beginSoon()
      })
    }
  }

  // Requests that are read in this turn of the event loop join the group. If many wait already, the commit starts at
  // once.
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
      measure.waiting(waiting.length)
      beginSoon()
    })
  }
}

/** What became of the events of each site. If the store does not tell what was new, all that stand in the batches were. */
function toRecords(
  group: readonly Waiting[],
  gone: readonly (readonly string[])[],
  added: ReadonlyMap<string, Added> | null,
): StoredRecords[] {
  const totals = new Map<string, { records: number; events: number }>()
  for (const [n, { arrival }] of group.entries()) {
    const { site, batch } = arrival
    const total = totals.get(site) ?? { records: 0, events: 0 }
    total.records += batch.facts.length - (gone[n]?.length ?? 0)
    if (!added) total.events += countEvents(batch)
    totals.set(site, total)
  }
  return [...totals].flatMap(([site, total]) => {
    if (!total.records) return []
    const { records: stored, events } = added ? (added.get(site) ?? { records: 0, events: 0 }) : total
    return { site, stored, events, repeated: Math.max(0, total.records - stored) }
  })
}

function countEvents({ visits, facts }: Arrival['batch']): number {
  const robots = new Set(visits.filter(one => toAutomated(one.automated, one.userAgent)).map(one => one.visitID))
  return facts.filter(({ event, visit }) => event.eventType === 'BUSINESS' && !robots.has(visit.visitID)).length
}

function takeGroup(waiting: Waiting[]): Waiting[] {
  let weight = 0
  const size = waiting.findIndex(({ arrival }) => (weight += weigh(arrival)) > maxGroupRows)
  return waiting.splice(0, size < 0 ? waiting.length : Math.max(size, 1))
}

// Counts what becomes rows. A session makes one of its identity too. Long URLs count as well, because parsed records can
// be longer than the batch: an event without a `url` gets that of its page.
function weigh({ batch }: Arrival): number {
  const { visits, sessions, pages, counts, facts, refused } = batch
  const urls = facts.reduce((sum, { event }) => sum + event.url.length / 1000, 0)
  return visits.length + 2 * sessions.length + pages.length + counts.length + facts.length + refused.length + urls
}
