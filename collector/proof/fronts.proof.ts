import { once } from 'node:events'
import { request as ask, createServer, type IncomingHttpHeaders } from 'node:http'
import { request as askTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { wireBatch, wireEvent } from '../test/helpers/batches.js'
import { type Front, hasProgram, startCaddy, startNginx } from './front.js'
import { makeFolder, startCollector } from './process.js'
import { needs } from './stores.js'

const fronts = { nginx: startNginx, Caddy: startCaddy }

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Sends a request. The certificate of the proxy is made for the test, so nobody has signed it. */
async function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const options = { method, headers, rejectUnauthorized: false, agent: false as const }
  const request = url.startsWith('https:') ? askTls(url, options) : ask(url, options)
  request.end(body)
  const [response] = (await once(request, 'response')) as [
    NodeJS.ReadableStream & { statusCode: number; headers: IncomingHttpHeaders },
  ]
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode, headers: response.headers, text }
}

/** A server that replies with the request that arrived. */
async function startEcho(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify({ url: request.url, headers: request.headers })))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe.each(Object.entries(fronts))('behind %s, as deploy/ configures it, a collector', (name, start) => {
  async function front(context: TestContext, upstream?: string) {
    needs(context, hasProgram(name.toLowerCase()), `${name} is not installed`)
    if (upstream) return start(upstream)
    const collector = await startCollector(join(makeFolder(), 'proof.db'))
    return start(new URL(collector.url).host)
  }

  const post = (base: string, sent: Omit<Sent, 'method'>) =>
    send(`${base}/v1/sessions?key=a-public-key`, { method: 'POST', ...sent })

  it('has a configuration that the program takes', async context => {
    const { checked } = await front(context, await startEcho())
    expect(checked.status).toBe(0)
    expect(checked.said).not.toMatch(/\[?(warn|emerg|error)/i)
  })

  it('takes batches, also gzipped, and answers reads, on its own host and below a path', async context => {
    const { url, belowPath } = await front(context)
    const body = (id: string) => JSON.stringify(wireBatch([wireEvent(id)]))
    const headers = { Origin: 'http://localhost:8080' }
    expect(await post(url, { body: body('a'), headers })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-origin': headers.Origin },
    })
    expect(JSON.parse((await post(url, { body: gzipSync(body('b')) })).text).stored).toEqual(['b'])
    expect(JSON.parse((await post(belowPath, { body: body('c') })).text).stored).toEqual(['c'])
    for (const base of [url, belowPath])
      for (const path of ['/healthz', '/readyz', '/openapi', '/openapi.json', '/sojourn.js', '/sojourn.js.map'])
        expect([base + path, (await send(base + path)).status]).toEqual([base + path, 200])
  })

  it('gets every body that it takes, and refuses a greater one by itself before the proxy does', async context => {
    const { url } = await front(context)
    const padded = (bytes: number) => ' '.repeat(bytes - 7) + '{"v":1}'
    expect((await post(url, { body: padded(524_288) })).status).toBe(200)
    const refused = await post(url, { body: padded(524_289) })
    expect([refused.status, JSON.parse(refused.text).error]).toEqual([413, 'too-large'])
  })

  it('never sees a body far beyond the limit', async context => {
    const { url } = await front(context, await startEcho())
    const { status } = await post(url, { body: ' '.repeat(700_000) })
    expect([413, 502]).toContain(status)
  })

  it('sees the address of the connection, not what a client claims, and no cookie of a site', async context => {
    const { url, belowPath } = await front(context, await startEcho())
    const headers = { 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.7', Cookie: 'login=secret' }
    for (const base of [url, belowPath]) {
      const seen = JSON.parse((await post(base, { headers, body: '{}' })).text)
      expect(seen.url).toBe('/v1/sessions?key=a-public-key')
      expect(seen.headers['x-forwarded-for']).toMatch(/^(127\.0\.0\.1|::1)$/)
      expect(seen.headers).not.toHaveProperty('forwarded')
      if (base === belowPath) expect(seen.headers).not.toHaveProperty('cookie')
    }
  })

  it('shows its explorer, on its own host and below a path', async context => {
    const { url, belowPath } = await front(context, await startEcho())
    for (const base of [url, belowPath])
      for (const path of [
        '/',
        '/explore/shop/now',
        '/explorer-0123456789.js',
        '/explorer-0123456789.css',
        '/inspector.js',
        '/sojourn.clicks.vitals.js',
        '/sojourn-0123456789ab.clicks.js',
        '/sojourn-plugins.clicks.js',
      ])
        expect([base + path, JSON.parse((await send(base + path)).text).url]).toEqual([base + path, path])
  })

  it('tells a reader at once what happens, event by event', async context => {
    needs(context, hasProgram(name.toLowerCase()), `${name} is not installed`)
    const collector = await startCollector(join(makeFolder(), 'proof.db'), ['--read-token', 'reader'])
    const { url, belowPath } = await start(new URL(collector.url).host)
    for (const base of [url, belowPath]) {
      const headers = { Authorization: 'Bearer reader', 'Accept-Encoding': 'gzip, br' }
      const request = (base.startsWith('https:') ? askTls : ask)(`${base}/v1/now/stream`, {
        headers,
        rejectUnauthorized: false,
        agent: false,
      })
      request.end()
      const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream]
      let text = ''
      response.on('data', part => (text += part))
      await expect.poll(() => text).toMatch(/^event: now\ndata: /)
      const id = base === url ? 'first' : 'second'
      await post(base, { body: JSON.stringify(wireBatch([wireEvent(id)])) })
      await expect.poll(() => text).toContain(`"eventID":"${id}"`)
      request.destroy()
    }
  })

  it('shows its metrics to nobody outside', async context => {
    const { url, belowPath } = await front(context, await startEcho())
    for (const base of [url, belowPath])
      for (const path of ['/metrics', '/metrics?x', '/%6detrics'])
        expect([base + path, (await send(base + path)).status]).toEqual([base + path, 404])
  })

  it('leaves neither the key nor an address in the access log, and no id of a person', async context => {
    const { url, readLog } = await front(context, await startEcho())
    const headers = { Authorization: 'Bearer a-secret-token', Referer: 'https://shop.example/private' }
    await post(url, { headers, body: '{}' })
    await send(`${url}/v1/sites/shop/identities/anna%40example.com/export?x=anna`, { headers })
    await send(`${url}/v1/identities/anna@example.com`, { method: 'DELETE', headers })
    await send(`${url}/backend/data/visits/visit-of-anna/events`, { headers })
    await send(`${url}/v1/identities?location=anna`, { headers })
    await send(`${url}/docs/guide/sessions-and-pages.html`)
    // The line is written after the response.
    while (!readLog().includes('/docs/')) await send(url)
    const log = readLog()
    expect(log).not.toMatch(/a-public-key|a-secret-token|127\.0\.0\.1|::1\b|private|anna/)
    for (const path of [
      '/v1/sessions',
      '/v1/sites/shop/identities/',
      '/v1/identities/',
      '/v1/identities',
      '/backend/data/visits/',
      '/docs/guide/sessions-and-pages.html',
    ])
      expect(log).toMatch(new RegExp(`[ "]${path}"`))
  })
})

describe('nginx, as deploy/ configures it', () => {
  it('refuses a client that sends far too fast with 429, and nobody else', async context => {
    needs(context, hasProgram('nginx'), 'nginx is not installed')
    const { url }: Front = await startNginx(await startEcho())
    const statuses = new Set<number>()
    // A busy machine may send the first hundreds no faster than nginx allows.
    for (let sent = 0; sent < 5000 && !statuses.has(429); sent += 200)
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          statuses.add((await send(`${url}/v1/sessions?key=k`, { method: 'POST', body: '{}' })).status)
        }),
      )
    expect(statuses).toEqual(new Set([200, 429]))
    expect((await send(`${url}/healthz`)).status).toBe(200)
  })
})
