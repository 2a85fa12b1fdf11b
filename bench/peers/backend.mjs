// A back end that speaks enough of each tracker's protocol: it answers as the real one does, and knows which events have
// arrived. It can refuse connections, answer with an error, lose answers after it has stored, and never answer.

import { createServer } from 'node:http'
import { gunzipSync, inflateSync } from 'node:zlib'

/** The label of a numbered event, by which it is found in any protocol. */
export const label = 'Add to cart'

/** The names under which protocols keep the id that an event has from the start. */
const idNames = ['messageId', 'eid', 'insert_id', '$insert_id', 'uuid', 'eventID']

/** Starts the back end on a free port. */
export async function startBackend() {
  /** For each number, the ids under which it arrived. An event without an id counts as another one each time. */
  const events = new Map()
  let copies = 0
  let bytes = 0
  let requests = 0
  let lastArrival = 0
  const sockets = new Set()
  const held = new Set()
  const rule = { now: () => 'take' }

  function keep({ n, id }) {
    const ids = events.get(n) ?? new Set()
    if (ids.size) copies++
    ids.add(id ?? Symbol('no id'))
    events.set(n, ids)
    lastArrival = Date.now()
  }

  async function answer(request, response) {
    const origin = request.headers.origin ?? '*'
    response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
    if (request.method === 'OPTIONS') {
      const asked = request.headers['access-control-request-headers']
      if (asked) response.setHeader('Access-Control-Allow-Headers', asked)
      response.setHeader('Access-Control-Allow-Methods', 'GET, POST')
      response.setHeader('Access-Control-Max-Age', '600')
      return response.writeHead(204).end()
    }
    const parts = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts)
    const verdict = rule.now()
    requests++
    bytes += body.length + Buffer.byteLength(request.url)
    if (typeof verdict === 'object') return response.writeHead(verdict.status, verdict.headers).end('{}')
    if (verdict === 'hang') return held.add(response)
    const text = toText(body)
    const found = findEvents(text)
    for (const one of found) keep(one)
    if (verdict === 'lose') return request.socket.destroy()
    const [status, type, reply] = toReply(request.url, text)
    response.setHeader('Content-Type', type)
    response.writeHead(status).end(reply)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      // A page that went away has cut its own request.
      if (error.code !== 'ECONNRESET') console.error(`the back end failed: ${error.stack}`)
      response.destroy()
    })
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
  })
  const listen = port => new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address()

  return {
    url: `http://127.0.0.1:${port}`,
    rule,
    /** Which of the first `n` numbers have not arrived, which are kept under several ids, and what came again. */
    count(n) {
      const lost = Array.from({ length: n }, (_, number) => number).filter(number => !events.has(number)).length
      return { lost, doubled: [...events.values()].filter(ids => ids.size > 1).length, copies }
    },
    read: () => ({ bytes, requests, lastArrival }),
    /** Refuses connections, and cuts those that are open. */
    async down() {
      if (!server.listening) return
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async up() {
      for (const response of held) response.destroy()
      held.clear()
      if (!server.listening) await listen(port)
    },
    async stop() {
      await this.down()
    },
  }
}

function toText(body) {
  if (body[0] === 0x1f && body[1] === 0x8b) return gunzipSync(body).toString()
  if (body[0] === 0x78 && body[1] < 0xe0 && body[1] !== 0x22) return inflateSync(body).toString()
  const text = body.toString()
  const form = /^data=([^&]+)/.exec(text)
  if (!form) return text
  const data = decodeURIComponent(form[1].replaceAll('+', ' '))
  return /^[[{]/.test(data) ? data : Buffer.from(data, 'base64').toString()
}

/** Finds the numbered events in a body, with the ids that the protocol gives them. */
export function findEvents(text) {
  const found = []
  function walk(value, known) {
    if (typeof value === 'string' && /^\s*[[{]/.test(value)) {
      try {
        walk(JSON.parse(value), known)
      } catch {
        // A text that begins like JSON and is none holds no event.
      }
      return
    }
    if (value === null || typeof value !== 'object') return
    if (Array.isArray(value)) return value.forEach(one => walk(one, known))
    const id = idNames.map(name => value[name]).find(one => typeof one === 'string') ?? known
    if (value.label === label && /^\d+$/.test(value.n)) found.push({ n: Number(value.n), id })
    for (const one of Object.values(value)) walk(one, id)
  }
  walk(text, undefined)
  return found
}

/** What the real back end would answer: status, type and body. */
function toReply(url, text) {
  const { pathname, searchParams } = new URL(url, 'http://backend')
  const json = 'application/json'
  if (pathname === '/v1/sessions') {
    const stored = [...text.matchAll(/"eventID":"([^"]+)"/g)].map(([, id]) => id)
    return [
      200,
      json,
      JSON.stringify({ v: 1, versions: [1], now: Date.now(), stored, refused: [], gone: [], limits: {} }),
    ]
  }
  if (pathname === '/2/httpapi') {
    const events_ingested = JSON.parse(text).events.length
    return [
      200,
      json,
      JSON.stringify({ code: 200, events_ingested, payload_size_bytes: text.length, server_upload_time: Date.now() }),
    ]
  }
  if (/^\/(track|engage)\/$/.test(pathname)) {
    const isVerbose = searchParams.get('verbose') === '1' || text.includes('verbose=1')
    return [200, json, isVerbose ? '{"status":1,"error":null}' : '1']
  }
  if (pathname === '/api/event') return [202, 'text/plain', 'ok']
  if (pathname.endsWith('/tp2')) return [200, 'text/plain', 'ok']
  if (/^\/(e|i\/v0\/e)\/$/.test(pathname)) return [200, json, '{"status":"Ok"}']
  if (pathname === '/track') return [200, json, '{"deviceId":"d","sessionId":"s"}']
  return [200, json, '{"success":true}']
}
