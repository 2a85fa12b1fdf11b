// The way from the shop's pages to the collector. It passes everything on unchanged, until a switch says otherwise.
import { request as ask } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** Headers of one connection, which are not passed on. */
const hops = /^(connection|keep-alive|transfer-encoding|upgrade|te|trailer|proxy-.*|accept-encoding)$/
const maxBytes = 2 * 1024 * 1024

/**
 * Makes the way. Pages send to `/collector/…` of the shop, so the demo can cut the connection of one browser, as a bad
 * network would.
 *
 * @param collector see `startCollector`.
 */
export function createWay(collector, ledger) {
  const scripts = new Map()

  async function take(request, response, path) {
    if (request.method === 'GET') return sendScript(request, response, path)
    const body = await readAll(request)
    if (!/^\/v1\/sessions(\?|$)/.test(path)) return response.writeHead(404).end('There is no such page.')
    const batch = request.method === 'POST' ? readBatch(body) : null
    const visits = batch ? [...batch.visitRecords.keys()].map(ledger.visitOf) : []
    if (batch) ledger.hearBatch(batch)
    if (visits.some(({ isOffline }) => isOffline)) return request.socket.destroy()
    let answer
    try {
      answer = await passOn(request, collector.address + path, body)
    } catch {
      // The collector does not listen, or was killed meanwhile. Then the browser loses its connection too.
      return request.socket.destroy()
    }
    const said = batch && answer.status === 200 ? readAnswer(answer.body) : null
    const loser = said && visits.find(({ answersToLose }) => answersToLose > 0)
    if (said) ledger.hearAnswer(batch, said, !loser)
    if (!loser) return send(response, answer)
    loser.answersToLose--
    request.socket.destroy()
  }

  /** Sends a script of the collector. While the collector is down it sends the copy that it has, as a CDN would. */
  async function sendScript(request, response, path) {
    if (!/^\/(sojourn|inspector)\.js(\.map)?$/.test(path)) return response.writeHead(404).end('There is no such page.')
    try {
      const answer = await passOn(request, collector.address + path)
      if (answer.status === 200) scripts.set(path, answer)
      return send(response, answer)
    } catch {
      const copy = scripts.get(path)
      return copy ? send(response, copy) : response.writeHead(502).end('The collector does not answer.')
    }
  }

  return {
    take,
    /** Fetches the tracker's script once, so that there is a copy if the collector goes down at once. */
    async warm() {
      scripts.set('/sojourn.js', await passOn({ method: 'GET', headers: {} }, `${collector.address}/sojourn.js`))
    },
  }
}

/** Passes a request on with its headers, so that the collector decides about it as if it was asked directly. */
function passOn({ method, headers }, url, body) {
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.test(name)))
  return new Promise((resolve, reject) => {
    const asking = ask(url, { method, headers: passed, timeout: 30_000 }, async answer => {
      try {
        const kept = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !hops.test(name)))
        resolve({ status: answer.statusCode, headers: kept, body: await readAll(answer) })
      } catch (error) {
        reject(error)
      }
    })
    asking.on('timeout', () => asking.destroy(new Error('The collector does not answer.')))
    asking.on('error', reject).end(body)
  })
}

function send(response, { status, headers, body }) {
  response.writeHead(status, headers).end(body)
}

async function readAll(stream) {
  const chunks = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('This is more than a page sends.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Reads a batch. @returns its visits, and the records of each; `null` if it is none. */
function readBatch(body) {
  try {
    const isZipped = body[0] === 0x1f && body[1] === 0x8b
    const { visits = [], sessions = [] } = JSON.parse(isZipped ? gunzipSync(body, { maxOutputLength: maxBytes }) : body)
    const visitRecords = new Map()
    for (const { visitID, events = [] } of [...visits, ...sessions])
      visitRecords.set(visitID, [...(visitRecords.get(visitID) ?? []), ...events])
    return { visits, visitRecords }
  } catch {
    return null
  }
}

function readAnswer(body) {
  try {
    const { stored, refused = [], gone = [] } = JSON.parse(body)
    return Array.isArray(stored) ? { stored, refused, gone } : null
  } catch {
    return null
  }
}
