// Limits of the collector alone. Limits that it shares with the browser are in `sojourn/record`.

/** Batches that may wait for a commit. The collector answers 503 `busy` to one more. */
export const maxWaitingBatches = 500
/**
 * Bytes of all bodies that are read, checked or waiting, counted unzipped. The collector answers 503 `busy` to more.
 */
export const maxAdmittedBytes = 32 * 1024 * 1024
/** A commit starts at once when this many batches wait, although more requests are being read. */
export const eagerBatches = 16
/** A transaction takes waiting batches until they hold this many rows. */
export const maxGroupRows = 20_000
/** `Retry-After` of a 503 `store-failed`. */
export const failedRetryAfterSeconds = 10
/** `Retry-After` of a 503 `busy`. */
export const busyRetryAfterSeconds = 2

/**
 * How far a time of a browser may be ahead of its receipt, after the `skew` of the visit was added. The skew contains the
 * latency of the first batch, and a clock may be set during the visit.
 */
export const clockToleranceMs = 5 * 60_000

/**
 * Starts of one session that differ by less were made at the same moment, by several tabs. The earliest holds. Of others,
 * the one holds that was received first.
 */
export const sameMomentMs = 2000
/** A body of at most so many bytes is small: it finds room when large ones have used up theirs. */
export const maxSmallBodyBytes = 16 * 1024
/** The part of `maxAdmittedBytes` that large bodies cannot use. */
export const keptForSmallShare = 1 / 4
/** The part of `maxAdmittedBytes` that the bodies of one client address can use. */
export const maxClientShare = 1 / 8
/** Bodies of one client address under way. An office of a thousand people has a few dozen. */
export const maxClientBodies = 256
/** Bodies above this size are unzipped and parsed one after the other. One takes up to 40 ms. */
export const largeBodyBytes = 64 * 1024
/** Turns of the event loop between two large bodies. */
export const restTurns = 16

/** A body of which nothing arrives for so long is too slow. */
export const bodyProgressMs = 3000
/** A body of which less than `minBodyBytesPerSecond` arrives over so long is too slow. */
export const bodyRateMs = 10_000
/** A phone with the worst connection that still works sends some hundred bytes in a second. */
export const minBodyBytesPerSecond = 256
/** A body in more pieces than this is too slow if they have less than `minBodyPieceBytes` on average. Packets have 500 and more. */
export const freeBodyPieces = 256
export const minBodyPieceBytes = 64
/** How long a connection stays open after the reply to a request whose chunked body is not complete, so that the client reads it. */
export const restOfBodyMs = 500

/**
 * What one client address may send in a minute. A visitor sends a few requests a minute, with a few records each. An
 * office of a thousand people behind one address sends some thousand. A browser that was offline for weeks sends up to
 * 20 MB at once. More is not lost: it waits on the devices until the next minute.
 */
export const clientQuota = {
  requestsPerMinute: 6000,
  bytesPerMinute: 64 * 1024 * 1024,
  recordsPerMinute: 120_000,
}
/** Client addresses whose quotas are remembered, about 300 bytes each. The one that was silent longest is forgotten. */
export const maxRememberedClients = 20_000
/** The longest `Retry-After` of a 429 `over-quota`. */
export const maxQuotaWaitSeconds = 3600

/**
 * What rows and indexes may have more than the body, for each of its bytes. The pages of a database
 * are about three quarters full, so this and the body itself are at most four times its bytes on disk.
 */
export const maxCopiedShare = 1.9
/** What counts as received for the request itself, in bytes: its headers, and the names in its body. */
export const requestBytes = 512

/** How often the size of the database is asked for, at most. */
export const diskPollMs = 10_000
/** What must be free on the disk of the database, unless an option says otherwise: some time at the highest speed. */
export const minFreeBytes = 256 * 1024 * 1024
/** From this part of the allowed size of the database on, there is a warning. */
export const diskWarningShare = 0.8
/** `Retry-After` of a 503 `disk-full`. */
export const diskRetryAfterSeconds = 60

/** Items on one page of a list, unless `page_size` asks for fewer. */
export const maxPageSize = 1000

/** Items of one list that are completed (`include_…`) at the same time. */
export const findsAtOnce = 4
/** Items of one list that a resource includes (`include_…`). */
export const maxIncluded = 1000
/** A reply to a read ends with the item that reaches this size, in bytes of its JSON. The rest has a cursor. */
export const maxReplyBytes = 8 * 1024 * 1024
/** What a resource that stands in a list may include, in bytes: so that several fit into the memory of one reply. */
export const maxIncludedBytes = maxReplyBytes / findsAtOnce
/** Items that are read from the store at first, because most lists are short. One has at most `maxRecordBytes`. */
export const firstChunk = 32
/** What is read from the store at a time after that, in bytes. */
export const chunkBytes = 1024 * 1024
/** After so many bytes of JSON, other requests get a turn. */
export const restBytes = 64 * 1024
/** Events that an export reads at a time. */
export const exportChunk = 100
/** Rows of one group of a Parquet file, and the characters of their texts. */
export const rowGroupRows = 20_000
export const rowGroupBytes = 16 * 1024 * 1024
/**
 * Events that were received so recently are left to the next export. A commit takes up to `statementTimeoutMs`, and the
 * clocks of several collectors differ.
 */
export const exportMarginMs = 120_000

/**
 * After this time, a list whose items need further reads ends with the item at hand and a cursor, and so does what they
 * include. Reads of an SQLite file wait for each other.
 */
export const maxListMs = 5000
/** Items that a read looks at. A page with fewer items than it was asked for ends there, with a cursor. */
export const maxLooked = 5000
/**
 * Events in the visits of an identity that a read of its part of a list sorts. If there are more, it looks for them in the list of
 * the site, which is in order.
 */
export const maxSorted = 20_000
/** Sessions of an identity that are looked at to find an open one, the newest first. */
export const maxSessionsLooked = 20_000

/** Days that numbers are counted of, if a request does not say since when. */
export const periodDays = 30
/** The most days that numbers are counted of: ten years. */
export const maxPeriodDays = 3660
/** Rows of a ranking, if a request does not say how many. */
export const rankedRows = 20
/** Steps of a funnel. */
export const minSteps = 2
export const maxSteps = 5

/** How long a browser may remember a preflight. Chromium accepts no more than this. */
export const preflightMaxAgeSeconds = 7200
/** Headers that a preflight may ask for. */
export const maxPreflightHeaders = 50
/** How long a browser may use `sojourn.js` without asking again, because its address has no version. */
export const scriptMaxAgeSeconds = 3600

/** How long a browser may keep a script whose address has the release: its bytes never change. */
export const pinnedMaxAgeSeconds = 31_536_000
/** Composed scripts that are kept in memory, about 75 KB each. The one that was asked for longest ago is composed anew. */
export const maxComposed = 64
/** How long after a look for kept releases the next one may begin. */
export const releaseLookMs = 1000

/** How long a commit waits for another process that writes to the same SQLite file. */
export const busyTimeoutMs = 5000
/** How long a request may take to arrive. */
export const requestTimeoutMs = 30_000
/** How long the headers of a request may take to arrive. */
export const headersTimeoutMs = 10_000
/**
 * How long a connection without a request stays open. Longer than a proxy keeps it (60 s in nginx), because a request on a
 * connection that closes at that moment fails. Longer than the time between two flushes of a page.
 */
export const keepAliveTimeoutMs = 65_000
/** How often the server looks for requests that take too long to arrive. */
export const timeoutCheckMs = 1000
/** How many proxies a request may have come through. The address before them does not count. */
export const maxProxies = 10
/** How long `stop` waits for requests in flight. */
export const stopTimeoutMs = 10_000
/** How long it then waits for the store. A hanging one would take a minute, and whoever stops a collector kills it before. */
export const closeTimeoutMs = 5000

/** Connections to PostgreSQL that write at the same time. Two groups at once keep one server busy. */
export const postgresLanes = 2
/** Connections to PostgreSQL that read at the same time. */
export const postgresReaders = 4
/** How long it may take to connect to PostgreSQL. */
export const connectTimeoutMs = 5000
/** How long a statement may take. Shorter than `requestTimeoutMs`, because a browser waits no longer. */
export const statementTimeoutMs = 15_000
/** How long one step of a migration may take. */
export const migrationTimeoutMs = 3_600_000

/** Groups that may be on their way to the SQLite thread. More than one, so that the thread is never idle. */
export const sqliteLanes = 4

/** How long after a look for changed sites, keys and tokens the next one begins. With the read, it is under a second. */
export const adminLookMs = 800
/** How long after a look an early one may begin, because a key or token was not known. */
export const earlyLookMs = 250

/** Wrong tokens of a client that cost it no time. */
export const freeTries = 3
/** How long the reply to the next wrong token waits. Each further one waits twice as long. */
export const minBrakeMs = 100
/** The longest of these waits. */
export const maxBrakeMs = 8000
/** After this time without a wrong token, those of a client are forgotten. */
export const brakeForgetMs = 600_000
/** Wrong tokens of one client that may wait at the same time. */
export const maxWaitingTriesOfClient = 4
/** Wrong tokens of all clients that may wait at the same time. */
export const maxWaitingTries = 64
/** Clients whose wrong tokens are counted. Those that failed longest ago are forgotten first. */
export const brakeClients = 10_000
/** `Retry-After` of a 429 `too-many-tries`. */
export const triesRetryAfterSeconds = 8

/** Rows that one transaction of an erasure or of retention deletes, about. It takes a few milliseconds. */
export const eraseBiteRows = 500
/** Sessions of a person that an erasure works on at a time. */
export const eraseBiteSessions = 200
/** Visits that one bite of retention looks at. */
export const oldBiteVisits = 200
/** Identities that each round looks at whether they have a session, beside those of the visits that it removes. */
export const oldBiteIdentities = 2000
/** The pause after a bite of retention. */
export const oldPauseMs = 50
/** How often visits are looked for that are older than their site keeps them. */
export const oldLookMs = 600_000
/** If a site keeps them for less than so many times as long, more often: so many times while they are kept, but not more often than each `oldTickMs`. */
export const oldLookShare = 10
/** How often retention asks for which sites it is time. */
export const oldTickMs = 60_000
/** Rows that an export reads at a time. A row may have 128 KB. */
export const exportPageSize = 100
/** How long an erasure waits for transactions that began before it. It is more than `statementTimeoutMs`. */
export const settleTimeoutMs = 20_000
/** How often it looks whether they are over. */
export const settleLookMs = 20

/** Visits and sessions count as active only if something of them was received in this time. */
export const activeWindowMs = 30 * 60_000
/** Events that are looked at to find who is active, the newest first. */
export const maxActiveLooked = 50_000
/** Events that are looked at to find the latest ones that are not of automated browsers. */
export const maxLatestLooked = 1000

/** How long a browser may keep a file of the explorer whose name has the hash of its content. */
export const explorerMaxAgeSeconds = 31_536_000
