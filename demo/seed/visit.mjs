// One invented visit, as the tracker would have recorded it.

const maxStayMs = 8 * 60_000

/**
 * Starts a visit.
 *
 * @param who `globalVisitID`, `userAgent`, `languageCode`, and `automated` if it is a program.
 * @param at Unix epoch, ms.
 */
export function startVisit(chance, who, shop, at, referrer) {
  const { globalVisitID, userAgent, languageCode, automated } = who
  const visit = { visitID: chance.id(at), globalVisitID, startDate: at, languageCode, userAgent, automated }
  const outside = { pages: [], events: [] }
  const written = {}
  const sessions = []
  let [now, writer, page, session, from] = [at, '', null, null, referrer]

  function record(eventName, data, time = now) {
    written[writer] = (written[writer] ?? 0) + 1
    const event = { eventID: chance.id(time), eventName, timestamp: time, writer, seq: written[writer] }
    const more = { ...(page && { pageID: page.pageID }), ...(data && { data }) }
    ;(session ?? outside).events.push({ ...event, ...more })
  }

  function leave() {
    if (!page) return
    record('PageExited')
    page = null
  }

  return {
    /** Opens a page: a page load of its own. */
    open(path, title) {
      leave()
      writer = chance.id(now)
      if (!Object.keys(written).length) record('VisitStarted')
      now += chance.between(60, 400)
      const url = shop + path
      page = {
        pageID: chance.id(now),
        sessionID: session?.sessionID ?? null,
        url,
        title,
        referrer: from,
        startDate: now,
      }
      ;(session ?? outside).pages.push(page)
      from = url
      record('PageEntered')
    },
    /** Stays for a while, about `meanMs`. */
    stay(meanMs) {
      now += Math.min(maxStayMs, 800 + chance.lasting(meanMs))
    },
    track: (eventName, data) => record(eventName, data),
    leave,
    signIn({ identityId, name, location }) {
      const sessionID = chance.id(now)
      session = { sessionID, identityId, visitID: visit.visitID, startDate: now, pages: [], events: [] }
      sessions.push(session)
      record('SignIn', { name, location })
    },
    end(reason) {
      if (reason === 'signed-out') record('SignOut')
      else record('SessionEnded', { reason })
      session = null
    },
    /** Gives the resources, the number of events, and the time of the last one. */
    finish() {
      // A few browsers still owe something: it was made, and has not arrived.
      if (writer && chance.is(0.03)) written[writer] += chance.between(1, 3)
      const events = outside.events.length + sessions.reduce((sum, one) => sum + one.events.length, 0)
      return { visit: { ...visit, ...outside, written }, sessions, events, until: now }
    },
  }
}
