/** A batch that is on disk. */
export interface StoredBatch {
  readonly site: string
  /** Of the body, unzipped. */
  readonly bytes: number
  /** Records, visits, sessions, pages and counts of the batch. */
  readonly rows: number
  /** Collector's clock, Unix epoch, ms. */
  readonly receivedAt: number
  readonly storedAt: number
  /** Browser's clock; `null` if the batch does not say. */
  readonly sentAt: number | null
  /** The time of the earliest event, browser's clock; `null` if the batch has no event. */
  readonly earliest: number | null
  /** The times of all its events, browser's clock. */
  readonly times: readonly number[]
  /** Whether no event of its group had been stored before. */
  readonly isNew: boolean
}

/** What became of the events of a site in a group that was committed. */
export interface StoredRecords {
  readonly site: string
  /** Events that are new. */
  readonly stored: number
  /** The business events among them, without those of automated browsers. */
  readonly events: number
  /** Events that had been stored before. */
  readonly repeated: number
}

/** Whose batch was not taken. */
export interface Sender {
  /** The site of the key. `null`: there is none. */
  readonly site: string | null
  /** The `Origin` of the request; `null` if it had none. */
  readonly origin: string | null
}

/** A group that was committed, or was not. */
export interface Group {
  /** How many batches share the transaction. */
  readonly batches: number
  readonly durationMs: number
  readonly isStored: boolean
}

/**
 * What is told of the work of a collector. Ingest calls it, and does not know what becomes of it. No method throws, and
 * none is given personal data.
 */
export interface Measure {
  /** A batch was stored. */
  batch(batch: StoredBatch): void
  /** A group was committed, or failed. */
  group(group: Group): void
  /** So many batches wait for a commit now. */
  waiting(batches: number): void
  /** A request was not taken. @param from is given if it was a batch, or the preflight of one. */
  errorReply(code: string, from?: Sender): void
  /** A record was refused. */
  refused(code: string, site: string): void
  /** The events of a site in a group were committed. */
  records(records: StoredRecords): void
}

/** Measures nothing. */
export const noMeasure: Measure = {
  batch: () => undefined,
  group: () => undefined,
  waiting: () => undefined,
  errorReply: () => undefined,
  refused: () => undefined,
  records: () => undefined,
}

/** Makes a measure that tells several others. */
export function joinMeasures(...all: readonly Measure[]): Measure {
  return {
    batch: batch => all.forEach(one => one.batch(batch)),
    group: group => all.forEach(one => one.group(group)),
    waiting: batches => all.forEach(one => one.waiting(batches)),
    errorReply: (code, from) => all.forEach(one => one.errorReply(code, from)),
    refused: (code, site) => all.forEach(one => one.refused(code, site)),
    records: records => all.forEach(one => one.records(records)),
  }
}

/**
 * How long the earliest event of a batch took until it was stored, seconds. If the batch says when it was sent, the
 * clock error of the browser is taken out. Never below 0, because clocks differ.
 *
 * @returns `null` if the batch has no event.
 */
export function toDelaySeconds({
  receivedAt,
  storedAt,
  sentAt,
  earliest,
}: Pick<StoredBatch, 'receivedAt' | 'storedAt' | 'sentAt' | 'earliest'>): number | null {
  if (earliest === null) return null
  const skew = sentAt === null ? 0 : receivedAt - sentAt
  return Math.max(0, storedAt - (earliest + skew)) / 1000
}
