// The bare endpoint that the collector is compared with. It parses and checks a body with the same parser, appends it
// to a log, and answers after an fdatasync. Bodies that arrive meanwhile share the next fdatasync.

import { openSync, fdatasync as syncOf, writev as writevInto } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { promisify } from 'node:util'
import { limits, parseBatch } from '../../dist/esm/record.js'

const [writev, fdatasync] = [promisify(writevInto), promisify(syncOf)]
const log = openSync(process.argv[2], 'a')
const published = { maxBytes: limits.maxBodyBytes, maxRecords: limits.maxBodyRecords }
let waiting = []
let isRunning = false

async function run() {
  isRunning = true
  while (waiting.length) {
    const group = waiting
    waiting = []
    await writev(
      log,
      group.map(({ bytes }) => bytes),
    )
    await fdatasync(log)
    for (const { answer } of group) answer()
  }
  isRunning = false
}

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const { facts, refused } = parseBatch(bytes.toString())
    const answer = () => {
      const body = JSON.stringify({
        v: limits.protocolVersion,
        versions: [limits.protocolVersion],
        now: Date.now(),
        stored: facts.map(({ event }) => event.eventID),
        refused: refused.map(({ eventID, code }) => [eventID, code]),
        gone: [],
        limits: published,
      })
      response.writeHead(200, {
        'Content-Type': 'application/json; charset=UTF-8',
        'Content-Length': Buffer.byteLength(body),
        'Access-Control-Allow-Origin': request.headers.origin ?? '*',
      })
      response.end(body)
    }
    waiting.push({ bytes, answer })
    if (!isRunning) void run()
  })
})
server.listen(0, '127.0.0.1', () => console.log(`baseline listens on http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
