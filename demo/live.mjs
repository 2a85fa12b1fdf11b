// Forwards the queries of the live view to the collector's read API, so that the page asks only its own origin.
import { request } from 'node:http'

const json = 'application/json; charset=utf-8'

/** Answers a GET below `/v1` or `/backend/data` with the collector's answer, unchanged. */
export async function forward(ask, path) {
  if (!/^\/(v1|backend\/data)\//.test(path)) return { status: 404, body: 'There is no such page.' }
  try {
    const { status, type, text } = await ask(path)
    return { status, type, body: text }
  } catch {
    return { status: 502, body: 'The collector does not answer.' }
  }
}

/**
 * Answers with all that the collector has of one session. The status is always 200, because the browser would log any other
 * status in the console, and a session that has not arrived yet is no error.
 */
export async function lookAt(ask, sessionID) {
  const seen = { answers: true, session: null, events: [], pages: [], hasMore: false }
  try {
    const { status, text } = await ask(sessionID ? `/v1/sessions/${encodeURIComponent(sessionID)}` : '/healthz')
    if (status === 200 && sessionID) {
      seen.session = JSON.parse(text)
      const [events, pages] = await Promise.all(['events', 'pages'].map(name => list(ask, sessionID, name)))
      Object.assign(seen, { events: events.items, pages: pages.items, hasMore: Boolean(events.next) })
    }
  } catch {
    seen.answers = false
  }
  return { status: 200, type: json, body: JSON.stringify(seen) }
}

/**
 * Asks the collector in the name of a visitor: with the host that the visitor has asked for, and with the headers of every
 * proxy between. So the collector decides itself whether this visitor may read, as if it was asked directly.
 */
export function askFor(visitor, url) {
  const passed = Object.entries(visitor.headers).filter(([name]) =>
    /^(host|authorization|forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name),
  )
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers: Object.fromEntries(passed), timeout: 3000 }, async answer => {
      try {
        const text = (await answer.setEncoding('utf8').toArray()).join('')
        resolve({ status: answer.statusCode, type: answer.headers['content-type'], text })
      } catch (error) {
        reject(error)
      }
    })
    asking.on('timeout', () => asking.destroy(new Error('The collector does not answer.')))
    asking.on('error', reject).end()
  })
}

async function list(ask, sessionID, name) {
  const { status, text } = await ask(`/v1/sessions/${encodeURIComponent(sessionID)}/${name}`)
  return status === 200 ? JSON.parse(text) : { items: [], next: null }
}
