// The load runs in a process of its own, so that it takes no time from the event loop of a server. Each message
// describes a task; the reply contains the measurements. Requests are prebuilt bytes in which ids and times are
// replaced.

import { connect } from 'node:net'
import { createFresh, createIds, cutAtMarks, makeTemplate, templateCount } from './batches.mjs'
import { recordsPerBatch } from './settings.mjs'

const checkEvery = 100
const timeDigits = 13
const sizes = new Map()

/** Makes the templates with so many records in a body. */
function templatesOf(size) {
  const known = sizes.get(size)
  if (known) return known
  const templates = Array.from({ length: templateCount }, (_, n) => makeTemplate(n, size))
  sizes.set(size, templates)
  return templates
}

function toIDNumber({ kind, number }) {
  return kind === 'id' ? number : 0
}

// For so few bytes, a loop takes a fifth of the time of the methods of Buffer.
function writeBytes(into, index, bytes) {
  for (let n = 0; n < bytes.length; n++) into[index + n] = bytes[n]
}

function writeDigits(into, end, number) {
  let rest = number
  for (let n = 1; n <= timeDigits; n++) {
    const less = Math.floor(rest / 10)
    into[end - n] = 48 + rest - less * 10
    rest = less
  }
}

/**
 * Makes the requests of all templates to a server. Marks are in typed arrays, because each request reads all of them.
 */
function makeKinds(url, size) {
  const { host, hostname } = new URL(url)
  return templatesOf(size).map(bodies =>
    bodies.map(body => {
      const head = `POST /v1/sessions?key=bench HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain;charset=UTF-8\r\nOrigin: http://${hostname}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
      const { marks } = cutAtMarks(head + body)
      const times = marks.filter(({ kind }) => kind === 'time')
      const texts = marks.filter(({ kind }) => kind !== 'time')
      return {
        bytes: Buffer.from(head + body, 'latin1'),
        timeEnds: Int32Array.from(times, ({ index }) => index + timeDigits),
        timeNumbers: Int32Array.from(times, ({ number }) => number),
        textIndexes: Int32Array.from(texts, ({ index }) => index),
        // The index in the result of `makeTexts`: 0 is the identity, ids begin at 1.
        textNumbers: Int32Array.from(texts, ({ kind, number }) => (kind === 'identity' ? 0 : number)),
      }
    }),
  )
}

/**
 * Makes requests one after another. Three of four begin a visit, the fourth continues the visit before it.
 *
 * @param kinds from `makeKinds`. Their bytes are copied.
 */
function createRequests(kinds, ids, size) {
  const idCount = Math.max(
    ...templatesOf(size)
      .flat()
      .flatMap(body => cutAtMarks(body).marks.map(toIDNumber)),
  )
  const buffers = kinds.map(bodies => bodies.map(({ bytes }) => Buffer.from(bytes)))
  let turn = ids.random() % kinds.length
  let place = 0
  let at = 0
  let texts = []

  return {
    next() {
      const goesOn = place === 3
      place = (place + 1) % 4
      if (!goesOn) {
        turn = (turn + 1) % kinds.length
        at = Date.now() - 200_000
        texts = makeTexts(ids, at, idCount)
      }
      const which = goesOn ? 1 : 0
      const { timeEnds, timeNumbers, textIndexes, textNumbers } = kinds[turn][which]
      const bytes = buffers[turn][which]
      for (let n = 0; n < timeEnds.length; n++) writeDigits(bytes, timeEnds[n], at + timeNumbers[n])
      for (let n = 0; n < textIndexes.length; n++) writeBytes(bytes, textIndexes[n], texts[textNumbers[n]])
      return bytes
    },
  }
}

/** Makes the identity of a visit, followed by its ids, as bytes. */
function makeTexts(ids, at, idCount) {
  const fresh = createFresh(ids, at)
  const texts = Array.from({ length: idCount }, (_, n) => fresh({ kind: 'id', number: n + 1 }))
  return [fresh({ kind: 'identity' }), ...texts].map(text => Buffer.from(text, 'latin1'))
}

/** Makes the check of answers. Most are checked by length. Every hundredth is parsed and must name all sent records. */
function createCheck(size) {
  let checkedLength = -1
  let answers = 0
  return (head, body, sent) => {
    if (!/^http\/1\.1 200/i.test(head)) throw new Error(`the batch was not taken: ${head}\n${body}`)
    if (body.length === checkedLength && ++answers % checkEvery) return
    const { stored, refused, gone } = JSON.parse(body.toString())
    const wanted = [...sent.toString('latin1').matchAll(/"eventID":"([^"]+)"/g)].map(([, id]) => id)
    if (stored.length !== size || refused.length || gone.length || wanted.some(id => !stored.includes(id)))
      throw new Error(`an answer does not name all sent records: ${body}`)
    checkedLength = body.length
  }
}

/**
 * Opens the connections and keeps one request in flight on each, until `next` returns null.
 *
 * @param next returns the bytes for connection n, or null. They must not change before the answer has arrived.
 * @param check throws for a wrong answer.
 */
function run(url, connections, next, onAnswer, check) {
  const { port, hostname } = new URL(url)
  const one = n =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: Number(port), host: hostname, noDelay: true })
      let got = null
      let sent = null
      let at = 0
      const send = () => {
        sent = next(n)
        if (!sent) return socket.end(resolve)
        at = performance.now()
        socket.write(sent)
      }
      socket.on('connect', send).on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a connection')))
      socket.on('data', chunk => {
        got = got ? Buffer.concat([got, chunk]) : chunk
        const end = got.indexOf('\r\n\r\n')
        if (end < 0) return
        const head = got.latin1Slice(0, end)
        const length = toLength(head)
        if (Number.isNaN(length)) return reject(new Error(`an answer has no Content-Length: ${head}`))
        if (got.length < end + 4 + length) return
        try {
          check(head, got.subarray(end + 4), sent)
        } catch (error) {
          return reject(error)
        }
        got = null
        onAnswer(at, performance.now())
        send()
      })
    })
  return Promise.all(Array.from({ length: connections }, (_, n) => one(n)))
}

function toLength(head) {
  const declared = /\r\ncontent-length: (\d+)/i.exec(head)
  return declared ? Number(declared[1]) : head.startsWith('HTTP/1.1 204') ? 0 : Number.NaN
}

function toResult(latencies, ms, cpu, cpuMs = ms) {
  const sorted = latencies.sort((a, b) => a - b)
  const at = part => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  const { user, system } = process.cpuUsage(cpu)
  return {
    requests: sorted.length,
    ms,
    perSecond: (sorted.length * 1000) / ms,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    loadCpu: (user + system) / 1000 / cpuMs,
  }
}

const work = {
  /** Sends fresh batches for `ms`. Answers during the warm-up count only in `all`. */
  async fresh({ url, connections, warmMs, ms, seed, size = recordsPerBatch }) {
    const kinds = makeKinds(url, size)
    const requests = Array.from({ length: connections }, (_, n) =>
      createRequests(kinds, createIds(seed * 1000 + n), size),
    )
    const start = performance.now() + warmMs
    const end = start + ms
    const latencies = []
    let all = 0
    const cpu = process.cpuUsage()
    await run(
      url,
      connections,
      n => (performance.now() < end ? requests[n].next() : null),
      (at, now) => {
        all++
        if (now >= start && now < end) latencies.push(now - at)
      },
      createCheck(size),
    )
    return { ...toResult(latencies, ms, cpu, warmMs + ms), all }
  },
  /** Sends `count` batches once each. The same seed twice in a row sends the same bytes. */
  async pass({ url, connections, count, seed }) {
    const requests = createRequests(makeKinds(url, recordsPerBatch), createIds(seed), recordsPerBatch)
    const bodies = passes.get(seed) ?? Array.from({ length: count }, () => Buffer.from(requests.next()))
    passes.clear()
    passes.set(seed, bodies)
    let place = 0
    const latencies = []
    const cpu = process.cpuUsage()
    const started = performance.now()
    await run(
      url,
      connections,
      () => bodies[place++] ?? null,
      (at, now) => latencies.push(now - at),
      createCheck(recordsPerBatch),
    )
    return toResult(latencies, performance.now() - started, cpu)
  },
  reads: ({ url, paths }) => read(url, paths),
}
/** Reads paths one after another on one connection. Returns the time of each, in ms, and the set of statuses. */
async function read(url, paths) {
  const { host } = new URL(url)
  const latencies = []
  const codes = new Set()
  let place = 0
  const next = () => {
    const path = paths[place++]
    return path === undefined ? null : Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 'latin1')
  }
  const onAnswer = (at, now) => latencies.push(now - at)
  await run(url, 1, next, onAnswer, head => codes.add(Number(head.slice(9, 12))))
  return { latencies, codes: [...codes] }
}

/** The batches of the last pass, by seed, so that the next pass can replay them. */
const passes = new Map()

process.on('message', ({ id, kind, ...rest }) => {
  work[kind](rest).then(
    result => process.send({ id, result }),
    error => process.send({ id, error: error.stack }),
  )
})
process.send({ ready: true })
