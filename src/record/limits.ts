/** The version of the protocol: `v` of a batch and of an answer. */
export const protocolVersion = 1

/** The largest record, in bytes of its JSON. The collector refuses a larger one with `too-large`. */
export const maxRecordBytes = 128 * 1024
/** The largest request body that our collector takes, in bytes after gunzip. */
export const maxBodyBytes = 512 * 1024
/** The most records that our collector takes in one request. */
export const maxBodyRecords = 1000
/**
 * The most rows that our collector makes of one request: visits, sessions, pages, events, and entries of `written` and
 * `dropped`. A batch of our tracker has at most 200 events. So it stays below, although each event may have a visit, a
 * session, two copies of a page and a writer of its own.
 */
export const maxBodyRows = 2500
/**
 * Above `freeBodyRows`, a body must have so many characters for each of its rows. Otherwise a short body could fill a
 * store with rows that are longer than itself. An entry of `written` of our tracker has 25.
 */
export const charsPerRow = 12
export const freeBodyRows = 50
/**
 * The largest data of one call, in bytes of its JSON. A call with more reports `record-too-large`. The rest of
 * `maxRecordBytes` is for the other fields of the record.
 */
export const maxDataBytes = 120 * 1024
/** The longest name of an event, in characters. */
export const maxNameLength = 1024
/** The longest id, in characters. Two ids must fit into one key of every database. */
export const maxIdLength = 256
/** The longest identity, in characters. */
export const maxIdentityLength = 512
/** The longest proof of an identity, in characters. */
export const maxProofLength = 2048

/** The collector cuts other texts (url, title, user agent) to this many characters. */
export const maxTextLength = 8192
/**
 * The traits of an identity (name, location, user agent) are cut to this many characters, because queries search them.
 */
export const maxTraitLength = 256
/** The most levels of data. The tracker reports `data-invalid` for more, and the collector refuses the record. */
export const maxDataDepth = 200

/** The largest parcel, unless a single record is larger. */
export const maxParcelChars = 60_000
export const maxParcelRecords = 200
/**
 * The largest batch while the page is open: it ends at the limit that is reached first. It holds at least one parcel.
 */
export const maxBatchChars = 192 * 1024
export const maxBatchRecords = 200
/** A batch tells of so many writers what was dropped. The next batch tells of others. */
export const maxBatchNotes = 100
/** The largest copy that a closing page sends. All keepalive requests of a document together may hold 65,536 bytes. */
export const maxExitBytes = 60_000
/** Shorter bodies are sent without gzip, because it would save too little. */
export const minGzipBytes = 1024
/**
 * A page holds this many characters of its owed parcels in memory. Above it, parcels that are also on disk leave
 * memory.
 */
export const maxHeldChars = 1_500_000
/** A page flushes at once when it has made this many new characters. */
export const flushAtChars = 60_000

/**
 * The pause between two batches, so that the browser's storage process can begin the transactions of other tabs. A
 * transaction that has not begun is lost if its tab is killed.
 */
export const batchPauseMs = 40
/**
 * If a page has more transactions than this in progress, it also writes its new records to localStorage. It clears them
 * there when a transaction is done.
 */
export const maxDepth = 2

/** The most characters that one page writes to localStorage while it is open. */
export const maxEarlyChars = 30_000
/**
 * The most characters that a page writes to localStorage as it goes away, because WebKit loses a transaction that has not
 * begun by then.
 */
export const maxLeftChars = 1_000_000
/** The most calls that wait in memory while consent is pending or the database is not open. */
export const maxPendingCalls = 10_000
/** The most characters of data in these calls. */
export const maxPendingChars = 8 * 1024 * 1024

/** A visit and its session end after this time without activity. Their end date is the last activity. */
export const idleLimitMs = 30 * 60_000
/** A session ends after this time, although there is activity. */
export const sessionLimitMs = 24 * 3_600_000
/** The least idle limit and the least session limit. */
export const minLimitMs = 5000
/** Activity is noted at most once in this time, and at least four times within the idle limit. */
export const activityMs = 15_000
/** Owed records are sent this long after the first of them was made. */
export const flushEveryMs = 5000
/** The limit on what a device owes, in characters of the records. */
export const owedMaxChars = 20 * 1024 * 1024
/** The age limit of owed records. */
export const owedMaxAgeMs = 60 * 24 * 3_600_000

/**
 * Records are dropped for their age only if the device has found them too old for this long, because its clock may be
 * wrong for a while.
 */
export const agedMs = 24 * 3_600_000
/** 2026-01-01, Unix epoch, ms. This library did not exist before, so an earlier time comes from a wrong clock. */
export const bornAt = 1_767_225_600_000

/** After this time without an answer, the outcome of a request is unknown. */
export const requestTimeoutMs = 30_000
/** The limit of the wait after the first failure. The wait is a random time from 0 to the limit ("full jitter"). */
export const backoffBaseMs = 1000
/** The limit doubles with each failure, up to this. */
export const backoffMaxMs = 5 * 60_000
/** A longer `Retry-After` of the collector counts as this. */
export const retryAfterMaxMs = 24 * 3_600_000
/** After this, memory keeps the records, because opening the database may never end (WebKit bug 226547). */
export const openTimeoutMs = 3000
/**
 * How long memory and localStorage alone keep the records after the database has failed. The time doubles with each
 * failure, up to `backoffMaxMs`.
 */
export const storeRetryMs = 1000
/** An own store that has not answered for so long has failed. */
export const storeTimeoutMs = 10_000
/** How long the lease of a tab lasts: its right to send, in a browser without Web Locks. */
export const leaseMs = requestTimeoutMs + 5000
/** Data that has been in localStorage for longer than this counts as left by a page that is gone. */
export const lateMs = 15_000
/** A page that does not answer another tab within this time counts as gone. */
export const answerMs = 300
/** A page that is still there this long after it was hidden counts as only hidden, and not as going away. */
export const hiddenMs = 100
/** The search for data of earlier pages starts this long after a page load, so that it does not delay the page. */
export const lookBackMs = 100
/**
 * If the clock is further than this behind the last activity, the time of that activity was wrong, and the clock is
 * right.
 */
export const clockTrustMs = 24 * 3_600_000
