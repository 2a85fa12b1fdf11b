/** The wire's version: `v` of a batch and of an answer. */
export const protocolVersion = 1

/** The greatest record, in bytes of its JSON; a larger one is refused at the call with `record-too-large`. */
export const maxRecordBytes = 128 * 1024
/** The greatest request body that our collector takes, in bytes after gunzip. */
export const maxBodyBytes = 512 * 1024
/** The most records that our collector takes in one request. */
export const maxBodyRecords = 1000
/** The greatest data of one call, in bytes of its JSON: what the rest of a record may need is left free. */
export const maxDataBytes = 120 * 1024
/** The greatest name of an event, in characters. */
export const maxNameLength = 1024
/** The greatest id, and the greatest identity, in characters: two ids must fit into one key of every database. */
export const maxIdLength = 256
export const maxIdentityLength = 512

/** Longer texts (url, title, user agent and the like) are cut there by the collector, in characters. */
export const maxTextLength = 8192
/** What a list of identities can be asked for (name, location, user agent) is cut there, in characters. */
export const maxTraitLength = 256
/** Data nested deeper than so many levels is refused by the collector. */
export const maxDataDepth = 200

/** One parcel, unless a single record is larger. */
export const maxParcelChars = 60_000
export const maxParcelRecords = 200
/** One batch of a living page: this many characters or records, whichever comes first; at least one parcel. */
export const maxBatchChars = 192 * 1024
export const maxBatchRecords = 200
/** The copy that a closing page sends; browsers share 65,536 bytes of keepalive among all requests of a document. */
export const maxExitBytes = 60_000
/** A shorter body is not worth a gzip. */
export const minGzipBytes = 1024
/** So many characters of its own unsettled parcels a page holds in memory. Beyond, those that are on disk leave memory. */
export const maxHeldChars = 1_500_000
/** So many new characters make a page flush at once. */
export const flushAtChars = 60_000

/** Between two batches the storage process has this long for what tabs append: what it has not begun dies with its tab. */
export const batchPauseMs = 40
/** With so many of its own transactions under way a page writes what it appends to localStorage too, until they are done. */
export const maxDepth = 2

/** Before the database is open, calls go to localStorage: this many characters at the most. */
export const maxEarlyChars = 30_000
/** Calls held in memory while consent is pending or the database is not open. */
export const maxPendingCalls = 10_000
export const maxPendingChars = 8 * 1024 * 1024

/** A visit and its session end at their last activity once this long has passed without any. */
export const idleLimitMs = 30 * 60_000
/** Activity is written down at most this often. */
export const activityMs = 15_000
/** Owed records are sent this long after the first of them. */
export const flushEveryMs = 5000
/** The most that a device owes, in characters of the records, and for how long. */
export const owedMaxChars = 20 * 1024 * 1024
export const owedMaxAgeMs = 60 * 24 * 3_600_000

/** A device that finds too old what it owes finds it so for this long before it drops it: the clock may be set wrong for a while. */
export const agedMs = 24 * 3_600_000
/** 2026-01-01: no page load of this library is older, whatever its clock says. Unix epoch, ms. */
export const bornAt = 1_767_225_600_000

/** A request without an answer counts as unknown after this. */
export const requestTimeoutMs = 30_000
/** First and greatest wait after a failure; the wait is drawn from 0 to it ("full jitter"). */
export const backoffBaseMs = 1000
export const backoffMaxMs = 5 * 60_000
/** A collector's Retry-After is believed up to this. */
export const retryAfterMaxMs = 24 * 3_600_000
/** `open()` of the database may never settle (WebKit 226547): after this, memory keeps the records. */
export const openTimeoutMs = 3000
/** Once the database has failed, memory and tail take what is recorded: for so long, then twice as long, up to `backoffMaxMs`. */
export const storeRetryMs = 1000
/** Without Web Locks: how long a tab's right to send lasts. */
export const leaseMs = requestTimeoutMs + 5000
/** What stands in localStorage for longer than this was left by a page that is gone. */
export const lateMs = 15_000
/** A page that lives answers within this. */
export const answerMs = 300
/** A page that is hidden goes away within this, or goes on. */
export const hiddenMs = 100
/** After a page load, what earlier pages left is looked for this much later: the page itself comes first. */
export const lookBackMs = 100
/** A clock that is further than this behind the last activity is believed again: then the activity was wrong. */
export const clockTrustMs = 24 * 3_600_000
