import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { type Measure, toDelaySeconds } from './measure.js'

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
}

/** How many codes have a figure of their own. A code is a word of the protocol, so there are few. */
const maxCodes = 100

/**
 * Makes the metrics. Labels are codes only, never a key, an origin or an id. The figures of the process are included.
 */
export function createMetrics({ version, diskBytes }: MetricsParts): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers })
  const codes = (name: string, help: string): ((code: string) => void) => {
    const found = new Counter({ name, help, labelNames: ['code'], registers })
    const known = new Set<string>()
    return code => {
      if (known.size < maxCodes) known.add(code)
      found.inc({ code: known.has(code) ? code : 'other' })
    }
  }
  const histogram = (name: string, help: string, buckets: number[]): Histogram =>
    new Histogram({ name, help, buckets, registers })

  new Gauge({ name: 'sojourn_build_info', help: 'Always 1.', labelNames: ['version'], registers }).set({ version }, 1)
  const batches = counter('sojourn_stored_batches_total', 'Batches that were stored.')
  const bytes = counter('sojourn_stored_body_bytes_total', 'Bytes of the bodies of stored batches, unzipped.')
  const rows = counter('sojourn_stored_rows_total', 'Rows of stored batches, with those that were stored before.')
  const replays = counter('sojourn_replayed_records_total', 'Records that had been stored before.')
  const failed = counter('sojourn_failed_commits_total', 'Groups that could not be stored.')
  const waiting = new Gauge({ name: 'sojourn_waiting_batches', help: 'Batches that wait for a commit.', registers })
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
  if (diskBytes) {
    const disk = new Gauge({
      name: 'sojourn_disk_bytes',
      help: 'Bytes of the database on disk.',
      registers: [],
      async collect() {
        // A database that does not answer has no size. The other figures are given all the same.
        const found = await diskBytes().catch(() => null)
        if (found === null) this.reset()
        else this.set(found)
      },
    })
    registry.registerMetric(disk)
  }

  return {
    type: registry.contentType,
    text: () => registry.metrics(),
    batch(batch) {
      batches.inc()
      bytes.inc(batch.bytes)
      rows.inc(batch.rows)
      const delay = toDelaySeconds(batch)
      if (delay !== null) delays.observe(delay)
    },
    group(group) {
      groups.observe(group.batches)
      commits.observe(group.durationMs / 1000)
      if (!group.isStored) failed.inc()
    },
    waiting: count => waiting.set(count),
    errorReply: errors,
    refused: refusals,
    onReplay: records => replays.inc(records),
  }
}
