// Forwards the queries of the live view to the collector's read API, so that the page asks only its own origin.

const json = 'application/json; charset=utf-8'

/** Answers a GET below `/v1` or `/backend/data` with the collector's answer, unchanged. */
export async function forward(collector, path) {
  if (!/^\/(v1|backend\/data)\//.test(path)) return { status: 404, body: 'There is no such page.' }
  try {
    const answer = await ask(collector, path)
    const type = answer.headers.get('Content-Type') || undefined
    return { status: answer.status, type, body: Buffer.from(await answer.arrayBuffer()) }
  } catch {
    return { status: 502, body: 'The collector does not answer.' }
  }
}

/**
 * Answers with all that the collector has of one session. The status is always 200, because the browser would log any other
 * status in the console, and a session that has not arrived yet is no error.
 */
export async function lookAt(collector, sessionID) {
  const seen = { answers: true, session: null, events: [], pages: [], hasMore: false }
  try {
    const session = await ask(collector, sessionID ? `/v1/sessions/${encodeURIComponent(sessionID)}` : '/healthz')
    if (session.ok && sessionID) {
      seen.session = await session.json()
      const [events, pages] = await Promise.all(['events', 'pages'].map(name => list(collector, sessionID, name)))
      Object.assign(seen, { events: events.items, pages: pages.items, hasMore: Boolean(events.next) })
    }
  } catch {
    seen.answers = false
  }
  return { status: 200, type: json, body: JSON.stringify(seen) }
}

async function list(collector, sessionID, name) {
  const answer = await ask(collector, `/v1/sessions/${encodeURIComponent(sessionID)}/${name}`)
  return answer.status === 200 ? answer.json() : { items: [], next: null }
}

function ask(collector, path) {
  return fetch(collector + path, { signal: AbortSignal.timeout(3000) })
}
