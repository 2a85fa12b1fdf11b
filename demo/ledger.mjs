// What the demo knows of each visit: what its pages say that they have made, and what passes on the way to the collector.

const maxVisits = 500

/**
 * Makes the ledger. It is the demo's own, and knows nothing of how the tracker counts: so a record that the tracker lost
 * would stay owed here for ever.
 */
export function createLedger() {
  const visits = new Map()

  /** The entry of a visit. The one that was not asked for longest is forgotten. */
  function visitOf(visitID) {
    const visit = visits.get(visitID) ?? makeVisit()
    visits.delete(visitID)
    visits.set(visitID, visit)
    if (visits.size > maxVisits) visits.delete(visits.keys().next().value)
    return visit
  }

  return {
    visitOf,
    has: visitID => visits.has(visitID),
    all: () => [...visits.values()],
    /** Notes what a batch says of its visits, before anybody has answered. */
    hearBatch(batch) {
      for (const { visitID, written = {}, dropped = {} } of batch.visits) {
        const visit = visitOf(visitID)
        for (const [writer, count] of Object.entries(written)) raise(visit.made, writer, count)
        for (const [writer, count] of Object.entries(dropped)) raise(visit.dropped, writer, count)
      }
    },
    /**
     * Notes what the collector has answered to a batch.
     *
     * @param isHeard whether the browser gets the answer. If not, it still owes what the collector has.
     */
    hearAnswer(batch, { stored, refused, gone }, isHeard) {
      const isStored = new Set(stored)
      const isRefused = new Set([...refused.map(([id]) => id), ...gone])
      for (const [visitID, records] of batch.visitRecords) {
        const visit = visitOf(visitID)
        if (!isHeard) visit.lostAnswers++
        for (const { eventID, writer } of records) {
          // Two tabs may sign in at the same moment. Each then has a record of its own, but both have the same id.
          const record = `${writer} ${eventID}`
          if (isStored.has(eventID)) {
            if (visit.arrived.has(record)) visit.again++
            visit.arrived.add(record)
            if (isHeard) visit.named.add(record)
            else visit.unheard.add(record)
          } else if (isRefused.has(eventID) && isHeard) visit.refused.add(record)
        }
      }
    },
  }
}

function makeVisit() {
  return {
    /** By writer (a page load): how many records it has made. */
    made: new Map(),
    /** By writer: how many its browser has dropped. */
    dropped: new Map(),
    /** Records (writer and id) that an answer has named as stored, and those that one has named as refused. */
    named: new Set(),
    refused: new Set(),
    /** Records that the collector has taken, whether or not the browser has heard of it. */
    arrived: new Set(),
    /** Records whose answer was lost at least once. */
    unheard: new Set(),
    lostAnswers: 0,
    /** How often a record arrived that the collector had already. */
    again: 0,
    /** What was tried in this visit, by the name of the switch. */
    tried: new Map(),
    /** Page loads: which writer, when last heard of, and whether it has said goodbye. */
    tabs: new Map(),
    isOffline: false,
    answersToLose: 0,
    /** Whether the collector was asked what it had of the visit before this demo was started. */
    isKnown: false,
  }
}

/** made = stored + owed + dropped, of all pages and tabs of a visit. */
export function countVisit(visit) {
  const made = sum(visit.made.values())
  const stored = visit.named.size
  const dropped = Math.min(made - Math.min(made, stored), visit.refused.size + sum(visit.dropped.values()))
  return { made, stored, owed: Math.max(0, made - stored - dropped), dropped }
}

/** What the tabs that went without a goodbye have made, and how much of it is stored. `null` if there is none. */
export function countGone(visit, alive, at) {
  const gone = [...visit.tabs].filter(([load, tab]) => !tab.hasLeft && !alive.includes(load) && at - tab.seenAt > 2500)
  if (!gone.length) return null
  const writers = new Set(gone.map(([, tab]) => tab.writer).filter(Boolean))
  return {
    tabs: gone.length,
    seenAt: Math.max(...gone.map(([, tab]) => tab.seenAt)),
    made: sum([...writers].map(writer => visit.made.get(writer) ?? 0)),
    stored: [...visit.named].filter(record => writers.has(record.split(' ')[0])).length,
  }
}

/** Notes that something is tried, with the counts of that moment. */
export function beginTry(visit, name, at, more = {}) {
  visit.tried.set(name, { at, until: 0, caughtUpAt: 0, lost: 0, ...countVisit(visit), ...more })
}

/** Notes that it is over. What was made until now is to arrive: `due` records. */
export function endTry(visit, name, at) {
  const tried = visit.tried.get(name)
  if (tried && !tried.until) Object.assign(tried, { until: at, due: countVisit(visit).made })
}

/**
 * Notes when the records of an earlier try have all arrived, and what the counts were then.
 *
 * @param has how many records of the visit the collector has.
 */
export function noteArrivals(visit, has, at) {
  const { owed, made, stored } = countVisit(visit)
  // More may have arrived since the collector was asked. Then the next look tells.
  if (owed || has < stored) return
  const { again, lostAnswers, answersToLose } = visit
  for (const [name, tried] of visit.tried) {
    if (name === 'answers' && !tried.until && !answersToLose && lostAnswers > tried.lostAnswers) endTry(visit, name, at)
    if (tried.until && !tried.caughtUpAt)
      Object.assign(tried, { caughtUpAt: at, final: { has, made, again, lostAnswers, unheard: visit.unheard.size } })
  }
}

/** Raises a count. The greatest that anybody has named holds. */
export function raise(counts, name, count) {
  if (Number.isSafeInteger(count) && count > (counts.get(name) ?? 0)) counts.set(name, count)
}

function sum(counts) {
  let all = 0
  for (const count of counts) all += count
  return all
}
