import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { wireBatch, wireEvent } from '../test/helpers/batches.js'
import { hasProgram, startCaddyWith, startNginxWith } from './front.js'
import { makeFolder, startCollector } from './process.js'
import { needs } from './stores.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/guide/first-party.md', import.meta.url)), 'utf8')

/** A recipe of the guide, for a collector at `upstream`. */
function recipe(name: string, upstream: string): string {
  const [, text = ''] = new RegExp(`<!-- (?:recipe|sample): ${name} -->\n\`\`\`\\w*\n([^]*?)\n\`\`\``).exec(page) ?? []
  expect(text).toContain('https://collector.example')
  return text.replaceAll('https://collector.example', upstream)
}

/** Starts the Worker of the guide, as Cloudflare calls it. */
async function startWorker(text: string): Promise<string> {
  const file = join(makeFolder(), 'worker.mjs')
  writeFileSync(file, text)
  const { default: worker } = (await import(pathToFileURL(file).href)) as {
    default: { fetch: (request: Request) => Promise<Response> }
  }
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '' } = request
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    headers.set('CF-Connecting-IP', '127.0.0.1')
    // These are of the connection, and a Worker does not see them.
    for (const name of ['connection', 'host', 'content-length']) headers.delete(name)
    const body = method === 'POST' ? (Readable.toWeb(request) as ReadableStream) : null
    const said = await worker.fetch(
      new Request(`http://shop.example${url}`, { method, headers, body: body as never, duplex: 'half' }),
    )
    response.writeHead(said.status, Object.fromEntries(said.headers))
    response.end(Buffer.from(await said.arrayBuffer()))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that replies with the request that arrived. */
async function startEcho(): Promise<string> {
  const server = createServer((request, response) => {
    let bytes = 0
    request.on('data', (part: Buffer) => (bytes += part.length))
    request.on('end', () => response.end(JSON.stringify({ url: request.url, headers: request.headers, bytes })))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const starts = { nginx: startNginxWith, caddy: startCaddyWith, worker: startWorker }

describe.each(Object.entries(starts))('the first-party recipe for %s', (name, start) => {
  function startAt(context: TestContext, upstream: string): Promise<string> {
    needs(context, name === 'worker' || hasProgram(name), `${name} is not installed`)
    return start(recipe(name, upstream))
  }

  it('passes on what pages need, with the visitor’s address and without cookies, and nothing else', async context => {
    const url = await startAt(context, await startEcho())
    const headers = { Cookie: 'login=secret', 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.7' }
    for (const path of [
      '/v1/sessions?key=shop',
      '/sojourn.js',
      '/sojourn.js.map',
      '/sojourn.clicks.vitals.js',
      '/sojourn-0123456789ab.clicks.js',
      '/sojourn-plugins.clicks.js',
      '/inspector.js',
    ]) {
      const seen = (await (await fetch(`${url}/stats${path}`, { headers })).json()) as {
        url: string
        headers: Record<string, string>
      }
      expect(seen.url).toBe(path)
      expect(seen.headers['x-forwarded-for']).toMatch(/^(127\.0\.0\.1|::1)$/)
      expect(seen.headers).not.toHaveProperty('forwarded')
      expect(seen.headers).not.toHaveProperty('cookie')
    }
    for (const path of [
      '/v1/identities',
      '/v1/setup',
      '/metrics',
      '/',
      '/explore/',
      '/v1/sessions/x',
      '/v1/sessions/',
    ]) {
      const { status, redirected } = await fetch(`${url}/stats${path}`)
      expect([path, status, redirected]).toEqual([path, 404, false])
    }
  })

  it('passes on bodies as they are, up to the limit of the collector', async context => {
    const url = `${await startAt(context, await startEcho())}/stats/v1/sessions?key=shop`
    const body = gzipSync('x'.repeat(100_000))
    const seen = await fetch(url, { method: 'POST', body, headers: { 'Content-Encoding': 'gzip' } })
    expect(await seen.json()).toMatchObject({ bytes: body.length, headers: { 'content-encoding': 'gzip' } })
    const whole = await fetch(url, { method: 'POST', body: 'x'.repeat(524_288) })
    expect(await whole.json()).toMatchObject({ bytes: 524_288 })
  })

  it('is a whole way to a collector: batches are stored, and scripts keep their bytes and headers', async context => {
    const collector = await startCollector(join(makeFolder(), 'proof.db'))
    const url = `${await startAt(context, collector.url)}/stats`
    const sent = await fetch(`${url}/v1/sessions?key=a-public-key`, {
      method: 'POST',
      body: JSON.stringify(wireBatch([wireEvent('a')])),
    })
    expect(await sent.json()).toMatchObject({ stored: ['a'] })
    for (const path of ['/sojourn.js', '/sojourn.clicks.js']) {
      const [there, here] = [await fetch(collector.url + path), await fetch(url + path)]
      expect([here.status, await here.text()]).toEqual([200, await there.text()])
      for (const header of ['Cache-Control', 'ETag', 'Content-Type'])
        expect(here.headers.get(header)).toBe(there.headers.get(header))
    }
  })
})
