// The numbers of the collector alone; those that it shares with the browser stand in `sojourn/record`.

/** Batches that wait for their commit; one more is answered 503 at once. */
export const maxWaitingBatches = 500
/** Bodies that are read, checked or wait, all together and unzipped; one more is answered 503 before it is read. */
export const maxIntakeBytes = 32 * 1024 * 1024
/** So many waiting batches are worth a transaction at once, while others are still being read. */
export const eagerBatches = 16
/** One transaction takes waiting batches until it has this many records. */
export const maxGroupRecords = 20_000
/** What a 503 tells the browser to wait: nothing could be written, or too many are waiting. */
export const failedRetryAfterSeconds = 10
export const busyRetryAfterSeconds = 2

/** Items of one page of a list, unless `page_size` asks for fewer. */
export const maxPageSize = 1000

/** Items of a list for which what belongs to them is looked up at the same time. */
export const findsAtOnce = 4

/** How long a browser may remember a preflight: the most that Chromium believes. */
export const preflightMaxAgeSeconds = 7200
/** How long a browser may use `sojourn.js` without asking again: its address bears no version. */
export const scriptMaxAgeSeconds = 3600

/** How long a commit waits for another process that writes to the same database. */
export const busyTimeoutMs = 5000
/** How long a request may take to arrive. */
export const requestTimeoutMs = 30_000
/** How long a stopping collector waits for requests in flight. */
export const stopTimeoutMs = 10_000

/** Connections to PostgreSQL that write at a time, and that read: two groups at once keep one server busy. */
export const postgresLanes = 2
export const postgresReaders = 4
/** How long a connection may take, and a statement; a browser waits no longer than `requestTimeoutMs`. */
export const connectTimeoutMs = 5000
export const statementTimeoutMs = 15_000
/** How long a step of a migration may take. */
export const migrationTimeoutMs = 3_600_000

/** Groups on their way to the thread of SQLite, which writes together what has come: it is never without work, then. */
export const sqliteLanes = 4
