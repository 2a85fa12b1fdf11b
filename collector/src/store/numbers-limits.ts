// The limits of what is counted.

/** The numbers of a site count an address, a referrer and the name of an event by its first so many characters. */
export const maxKeyChars = 512
/** They count so many properties of the data of an event, the first that are texts, numbers or booleans. */
export const maxEventProperties = 6
/** They count the name and the value of a property by its first so many characters. */
export const maxValueChars = 64
/** No page was active for longer. A device that claims more has a clock that was set. */
export const maxActiveMs = 86_400_000
/** Data of an event that takes more bytes has no property that counts, because reading it for each count would take too long. */
export const maxCountedDataBytes = 8192

// What of a visit is counted at most. More has only a forger, and it would hold up the writer. What counts is what comes
// first in the order of the ids.

/** Events of a visit that are counted. */
export const maxVisitEvents = 20_000
/** Pages of a visit that are counted. */
export const maxVisitPages = 2000
/** Sessions of a visit that are counted and listed. */
export const maxVisitSessions = 500
/** Different days, addresses and names of a visit that are counted, and as many different properties and values. */
export const maxVisitKeys = 1000
/** Names of events and addresses of pages by which the sessions of a visit are found. */
export const maxVisitMarks = 1000
/**
 * Visits that are counted anew at a time. They share totals, of which each is written once. They take the writer of SQLite
 * about ten milliseconds.
 */
export const digestBiteVisits = 50
/** How often an erasure tries to count a visit anew while other collectors count too. */
export const maxFoldTries = 200
/** Sessions that a funnel looks at: the newest that did its first step. */
export const maxFunnelSessions = 20_000
/** Properties of an event that are listed. */
export const maxProperties = 1000
/** Sessions that a request for listed sessions looks at. If as many match, they are sorted; else the order has an index. */
export const maxListedLooked = 10_000
/** Sessions that it looks at first, because most requests find enough among them. */
export const fewListedLooked = 1000
/** How long a collector rests after it has counted all visits that had changed. */
export const countRestMs = 1000
/** How many times as long as a bite took it rests after it, while batches keep the store busy. So it has a quarter of the time. */
export const countRestTimes = 3
/** How long it rests if another collector of the database counts, or if the store failed. */
export const countBusyRestMs = 5000
/**
 * Different texts that the numbers of a site have, about 12 MB. When there are more, a property or a value that nobody has said
 * before does not count: a forger could otherwise make any number of them with a few characters each.
 */
export const maxSiteWords = 200_000
/** New texts after which they are counted again, because that takes some milliseconds. */
export const wordsLookEvery = 2000
