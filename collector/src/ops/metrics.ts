import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Measure, toDelaySeconds } from './measure.js'
import { createQuestion, type Rest, rest as restForReal } from './question.js'

/** The figures of a collector since its start, in the text format of Prometheus. */
export interface Metrics extends Measure {
  /** The media type of `text`. */
  readonly type: string
  text(): Promise<string>
}

/** What metrics ask when they are read. */
export interface MetricsParts {
  readonly version: string
  /** Bytes of the database on disk; `null` if they are not known. If left out, the figure is missing. */
  readonly diskBytes?: () => Promise<number | null>
  /** Visits that have changed and are not counted anew yet. If left out, the figure is missing. */
  readonly changedVisits?: () => Promise<number>
  /** Waits. @default with a timer */
  readonly rest?: Rest
}

/** How many codes have a figure of their own. A code is a word of the protocol, so there are few. */
const maxCodes = 100

/**
 * Makes the metrics. Labels are codes only, never a key, an origin or an id. The figures of the process are included.
 */
export function createMetrics({ version, diskBytes, changedVisits, rest = restForReal }: MetricsParts): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  // Sums are kept as plain numbers, because nearly all requests add to them and few read them.
  const sums = { batches: 0, bytes: 0, rows: 0, replays: 0, failed: 0 }
  const sum = (name: string, help: string, key: keyof typeof sums): void => {
    const counter = new Counter({
      name,
      help,
      registers: [],
      collect() {
        this.reset()
        this.inc(sums[key])
      },
    })
    registry.registerMetric(counter)
  }
  const codes = (name: string, help: string): ((code: string) => void) => {
    const found = new Counter({ name, help, labelNames: ['code'], registers })
    const known = new Set<string>()
    return code => {
      if (known.size < maxCodes) known.add(code)
      found.inc({ code: known.has(code) ? code : 'other' })
    }
  }
  const gauge = (name: string, help: string, read: () => Promise<number | null>): void => {
    const ask = createQuestion(read, rest)
    const found = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        // What cannot be read now has no value. The other figures are given all the same.
        const value = await ask()
        if (value === null) this.remove()
        else this.set(value)
      },
    })
    registry.registerMetric(found)
  }
  const histogram = (name: string, help: string, buckets: number[]): Histogram =>
    new Histogram({ name, help, buckets, registers })

  new Gauge({ name: 'sojourn_build_info', help: 'Always 1.', labelNames: ['version'], registers }).set({ version }, 1)
  sum('sojourn_stored_batches_total', 'Batches that were stored.', 'batches')
  sum('sojourn_stored_body_bytes_total', 'Bytes of the bodies of stored batches, unzipped.', 'bytes')
  sum('sojourn_stored_rows_total', 'Rows of stored batches, with those that were stored before.', 'rows')
  sum('sojourn_replayed_records_total', 'Records that had been stored before.', 'replays')
  sum('sojourn_failed_commits_total', 'Groups that could not be stored.', 'failed')
  let waiting = 0
  gauge('sojourn_waiting_batches', 'Batches that wait for a commit.', async () => waiting)
  const errors = codes('sojourn_error_replies_total', 'Requests that were not taken, by code of the error reply.')
  const refusals = codes('sojourn_refused_records_total', 'Records that were refused, by code.')
  const groups = histogram('sojourn_group_batches', 'Batches that share a commit.', [1, 2, 4, 8, 16, 32, 64, 128, 256])
  const commits = histogram(
    'sojourn_commit_seconds',
    'From the begin of a commit until it is on disk.',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  )
  const delays = histogram(
    'sojourn_event_to_stored_seconds',
    'From the earliest event of a batch until it was stored, without the clock error of the browser.',
    [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400, 604_800],
  )
  if (changedVisits)
    gauge('sojourn_numbers_behind_visits', 'Visits that have changed and are not counted anew yet.', changedVisits)
  if (diskBytes) gauge('sojourn_disk_bytes', 'Bytes of the database on disk.', diskBytes)

  return {
    type: registry.contentType,
    text: () => registry.metrics(),
    batch(batch) {
      sums.batches++
      sums.bytes += batch.bytes
      sums.rows += batch.rows
      const delay = toDelaySeconds(batch)
      if (delay !== null) delays.observe(delay)
    },
    group(group) {
      groups.observe(group.batches)
      commits.observe(group.durationMs / 1000)
      if (!group.isStored) sums.failed++
    },
    waiting: count => void (waiting = count),
    errorReply: errors,
    refused: refusals,
    records: ({ repeated }) => void (sums.replays += repeated),
  }
}
