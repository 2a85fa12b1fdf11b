// Limits of what is told of a site while it happens.

/** The unit of what is counted of the work of a collector. */
export const minuteMs = 60_000
/** How long after something was counted the counts are written. */
export const healthFlushMs = 5000
/** How long the counts are kept. */
export const healthKeepMs = 48 * 3_600_000
/** How often older counts are removed. */
export const healthTidyMs = 3_600_000
/** Counts of one site and minute that wait in memory while the database does not take them. */
export const maxHealthRows = 10_000
/** Different origins and codes that are counted of a site in a minute. */
export const maxHealthRefusals = 50
/** Characters of an origin that is kept with what was refused. A host name has at most 253. */
export const maxOriginLength = 300
/** A record is late if it was stored so long after it happened. */
export const lateAfterMs = 60_000
/** Latest events that a reader is told of. */
export const latestEvents = 20
/** How often it is looked whether something has changed on a site, while somebody listens. */
export const watchMs = 1000
/** How often a stream that has nothing to say says so, so that a proxy keeps it open. */
export const quietMs = 15_000
/** Readers that may listen at the same time. The collector answers 503 `busy` to one more. */
export const maxListeners = 200
/** The part of the time that may be spent with counting who is active. What takes longer is counted more rarely. */
export const activeShare = 1 / 20
