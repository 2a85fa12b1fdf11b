// `npm run demo`: the server of a small shop. It starts the collector as a child process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { askFor, forward, lookAt } from './live.mjs'
import { readSite } from './pages.mjs'

let flags
let child
let server
let isStopping = false

/** The headers of every answer. The policy allows only the site's own files and the collector's script. */
const headersWith = collector => ({
  'Content-Security-Policy': [
    "default-src 'none'",
    `script-src 'self' ${collector}`,
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${collector}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
})

function readFlags() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4317' },
      'collector-port': { type: 'string', default: '4318' },
      db: { type: 'string', default: join(tmpdir(), 'sojourn-demo.db') },
    },
  })
  for (const name of ['port', 'collector-port'])
    if (!/^\d+$/.test(values[name]) || values[name] > 65535)
      throw new Error(`--${name} must be a number from 0 to 65535.`)
  return values
}

/** Starts the collector. @returns the address that it prints, when it is healthy. */
async function startCollector() {
  const cli = fileURLToPath(new URL('../collector/dist/cli.js', import.meta.url))
  child = spawn(process.execPath, [cli, '--db', flags.db, '--port', flags['collector-port']], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = text => (said += text)
  child.stderr.on('data', hear)
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', text => {
      const found = /https?:\/\/[^\s/]+:\d+/.exec(hear(text))
      if (found) resolve(found[0])
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(whyNot(said))))
  })
  child.stderr.off('data', hear).pipe(process.stderr)
  for (let tries = 0; tries < 100; tries++) {
    const isHealthy = await fetch(`${address}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isHealthy) return address
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`The collector at ${address} has started but is not healthy.`)
}

function whyNot(said) {
  const port = flags['collector-port']
  if (/EADDRINUSE|in use|taken/i.test(said)) return `Port ${port} is in use. Choose another with --collector-port.`
  return `The collector did not start: ${said.trim().split('\n').pop() || 'it printed nothing.'}`
}

async function answer(request, collector) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'GET only.' }
  const url = new URL(request.url, 'http://demo')
  const { pathname, search, searchParams } = url
  const ask = path => askFor(request, collector + path)
  if (pathname === '/live/session') return lookAt(ask, searchParams.get('id'))
  if (pathname.startsWith('/live/')) return forward(ask, pathname.slice('/live'.length) + search)
  return readSite(url, collector)
}

function toFailure(error) {
  return { status: error instanceof URIError ? 400 : 500, body: String(error) }
}

async function serveSite(collector) {
  const headers = headersWith(collector)
  server = createServer(async (request, response) => {
    const { status, type = 'text/plain; charset=utf-8', body } = await answer(request, collector).catch(toFailure)
    response.writeHead(status, { ...headers, 'Content-Type': type })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  server.listen(Number(flags.port), '127.0.0.1')
  await once(server, 'listening').catch(error => {
    throw error.code === 'EADDRINUSE' ? new Error(`Port ${flags.port} is in use. Choose another with --port.`) : error
  })
}

function stop() {
  isStopping = true
  server?.close()
  server?.closeAllConnections()
  child?.kill()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
process.on('exit', () => child?.kill())
try {
  flags = readFlags()
  await serveSite(await startCollector())
  child.on('exit', () => {
    if (!isStopping)
      console.error('The collector has stopped. The shop still works: the browser keeps what it records.')
  })
  console.log(`Sojourn demo: http://127.0.0.1:${server.address().port}/`)
  console.log('Stop it with Ctrl+C.')
} catch (error) {
  if (!isStopping) {
    console.error(error.message)
    process.exitCode = 1
  }
  stop()
}
