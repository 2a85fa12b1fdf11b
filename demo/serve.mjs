// `npm run demo`: the server of a small shop. It starts the collector as a child process.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { startCollector } from './collector.mjs'
import { showElsewhere } from './elsewhere.mjs'
import { readFlags } from './flags.mjs'
import { createLedger } from './ledger.mjs'
import { askFor, forward } from './live.mjs'
import { hearGoodbye, look } from './look.mjs'
import { readSite } from './pages.mjs'
import { turn, whyNotTurn } from './switches.mjs'
import { createWay } from './way.mjs'

/** The policy allows only what the shop's server itself sends. */
const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
}
const json = 'application/json; charset=utf-8'
const maxToldBytes = 64 * 1024

let collector
let server
let traffic
let isStopping = false

const ledger = createLedger()

async function answer(request) {
  const url = new URL(request.url, 'http://demo')
  const { pathname, search } = url
  const ask = path => askFor(request, collector.address + path)
  if (request.method === 'POST') return answerPost(request, pathname, ask)
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'GET and POST only.' }
  if (pathname.startsWith('/live/')) return forward(ask, pathname.slice('/live'.length) + search)
  return readSite(url, await showElsewhere(collector))
}

async function answerPost(request, pathname, ask) {
  const told = JSON.parse(await readText(request))
  if (pathname === '/live/look') return say(await look(ask, told, ledger, collector))
  if (pathname === '/live/goodbye') return say(hearGoodbye(told, ledger) ?? {})
  const name = /^\/switch\/(\w+)$/.exec(pathname)?.[1]
  if (!name) return { status: 404, body: 'There is no such page.' }
  const why = whyNotTurn(request)
  if (why) return { status: 403, body: why }
  return (await turn(name, told, ledger, collector)) ? say({}) : { status: 404, body: 'There is no such switch.' }
}

function say(value) {
  return { status: 200, type: json, body: JSON.stringify(value) }
}

async function readText(request) {
  let text = ''
  for await (const part of request.setEncoding('utf8')) {
    text += part
    if (text.length > maxToldBytes) throw new SyntaxError('This is more than a page of the demo tells.')
  }
  return text
}

function toFailure(error) {
  return { status: error instanceof URIError || error instanceof SyntaxError ? 400 : 500, body: String(error) }
}

async function serveSite({ port }) {
  const way = createWay(collector, ledger)
  await way.warm()
  server = createServer(async (request, response) => {
    try {
      // Below this path is the collector, as a page of the shop sees it.
      if (request.url.startsWith('/collector/')) return await way.take(request, response, request.url.slice(10))
    } catch {
      return request.socket.destroy()
    }
    const { status, type = 'text/plain; charset=utf-8', body } = await answer(request).catch(toFailure)
    response.writeHead(status, { ...headers, 'Content-Type': type })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  // Longer than any client keeps a connection, because a request on one that closes at that moment fails.
  server.keepAliveTimeout = 65_000
  server.listen(Number(port), '127.0.0.1')
  await once(server, 'listening').catch(error => {
    throw error.code === 'EADDRINUSE' ? new Error(`Port ${port} is in use. Choose another with --port.`) : error
  })
}

async function stop() {
  isStopping = true
  server?.close()
  server?.closeAllConnections()
  await traffic?.stop()
  await collector?.close()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop())
process.on('exit', () => collector?.abandon())
try {
  const flags = readFlags()
  collector = await startCollector(flags)
  await serveSite(flags)
  const shop = `http://127.0.0.1:${server.address().port}`
  console.log(`Sojourn demo: ${shop}/`)
  if (flags.seedDays) {
    const { sendSeed } = await import('./seed/send.mjs')
    console.log(await sendSeed({ days: flags.seedDays, seed: flags.seed, collector: collector.address, shop }))
  }
  if (flags.traffic) {
    const { startTraffic } = await import('./traffic/run.mjs')
    traffic = startTraffic({ visitors: flags.traffic, seed: flags.seed, shop, say: console.log })
  }
  console.log('Stop it with Ctrl+C.')
} catch (error) {
  if (!isStopping) {
    console.error(error.message)
    process.exitCode = 1
  }
  await stop()
}
