import { spawn, spawnSync } from 'node:child_process'
import { connect, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nothingDecided } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import { isOfOtherUser, usersOf } from '../../src/web/peer.js'
import { serve } from '../../src/web/server.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

// A stranger who has no token, or a wrong one, reads nothing.

const paths = [
  '/v1/identities',
  '/v1/identities/user-42',
  '/v1/identities?include_events=true',
  '/v1/sessions/session-1',
  '/v1/visits/visit-1/events',
  '/v1/sites/default/identities',
  '/backend/data/identities/user-42',
]

describe('a stranger on the internet, where a proxy on the same machine forwards to a collector on loopback', () => {
  it.each([
    'Forwarded',
    'FORWARDED',
    'Via',
    'vIA',
    'X-Forwarded-For',
    'x-forwarded-for',
    'X-FORWARDED-HOST',
    'X-Forwarded-Proto',
    'X-Forwarded-Server',
    'X-Forwarded-Port',
    'X-Real-IP',
    'x-real-ip',
    'X-Forwarded',
    'X_Forwarded_For',
    'X-Original-Forwarded-For',
    'X-Original-Host',
    'X-Client-IP',
    'Client-IP',
    'True-Client-IP',
    'X-Cluster-Client-IP',
    'X-Remote-Addr',
    'X-ProxyUser-Ip',
    'Proxy-Connection',
    'CF-Connecting-IP',
    'CF-Ray',
    'CDN-Loop',
    'Fly-Client-IP',
    'Fastly-Client-IP',
    'X-Azure-ClientIP',
    'X-Envoy-External-Address',
    'X-Amzn-Trace-Id',
    'X-Cloud-Trace-Context',
    'Tailscale-User-Login',
    'X-NginX-Proxy',
  ])('reads nothing if the proxy adds %s, also over a socket', async name => {
    const { app, send } = collectorWith()
    await send(wireBatch([wireEvent('a')]))
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    for (const path of paths) {
      const response = await fetch(url + path, { headers: { [name]: '203.0.113.9' } })
      expect([path, response.status]).toEqual([path, 403])
      expect(await response.text()).toContain('"error":"forwarded"')
    }
  })

  it('reads nothing if the proxy adds no header and speaks HTTP/1.0, as nginx does if it is not told otherwise', async () => {
    const { app, send } = collectorWith()
    await send(wireBatch([wireEvent('a')]))
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const { port, host } = new URL(url)
    for (const path of paths) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.end(`GET ${path} HTTP/1.0\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      const reply = await text(socket)
      expect([path, reply.split('\r\n')[0]]).toEqual([path, 'HTTP/1.1 403 Forbidden'])
      expect(reply).toContain('"error":"forwarded"')
    }
  })
})

describe('a proxy that adds no header, as nginx since 1.29.7 if it is not told otherwise', () => {
  /** The reply to a program that runs as this user. */
  async function askAs(uid: number, url: string): Promise<string> {
    const child = spawn('curl', ['-s', '-i', url], { uid, gid: uid, cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
    return text(child.stdout)
  }

  const mayTry = process.platform === 'linux' && process.getuid?.() === 0 && !spawnSync('curl', ['--version']).error
  it.runIf(mayTry)(
    'reads nothing, because it runs as a user of its own, and programs of the own user and of root do',
    async () => {
      const { app, send } = collectorWith()
      await send(wireBatch([wireEvent('a')]))
      for (const host of ['127.0.0.1', '::1']) {
        const { url, stop } = await serve(app, { host, port: 0 })
        onTestFinished(stop)
        for (const path of paths) {
          const reply = await askAs(65_534, url + path)
          expect([path, reply.split('\r\n')[0]]).toEqual([path, 'HTTP/1.1 403 Forbidden'])
          expect(reply).toContain('"error":"forwarded"')
          expect((await askAs(0, url + path)).split('\r\n')[0]).toBe('HTTP/1.1 200 OK')
          expect((await fetch(url + path)).status).toBe(200)
        }
      }
    },
  )

  it('is looked up once for each connection', () => {
    const [one, other] = [new Socket(), new Socket()]
    expect(isOfOtherUser(one)).toBe(isOfOtherUser(one))
    expect(isOfOtherUser(one)).not.toBe(isOfOtherUser(other))
  })

  it('is found in what Linux tells of connections, whatever the address is', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:10DE 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 162362 1 0 100 0 0 10 0
   1: 0100007F:E51A 0100007F:10DE 01 00000000:00000000 00:00000000 00000000    33        0 204025 1 0 20 4 0 10 -1
   2: 0100007F:10DE 0100007F:E51A 01 00000000:00000000 00:00000000 00000000  1000        0 204026 1 0 20 4 0 10 -1
  12: 0000000000000000FFFF00000100007F:00FA 0000000000000000FFFF00000100007F:10DE 01 00000000:00000000 02:000006DB 00000000   101        0 21 2 0 20 4 30 10 -1
`
    expect(usersOf(table, { remote: 0xe51a, local: 4318 })).toEqual([33])
    expect(usersOf(table, { remote: 0xfa, local: 4318 })).toEqual([101])
    expect(usersOf(table, { remote: 0xe51b, local: 4318 })).toEqual([])
  })
})

describe('a page that a visitor of this machine opens', () => {
  it.each([
    'evil.example',
    'evil.example:4318',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'xn--localhost-9h0b',
    '192.168.0.7',
    '0.0.0.0',
    '[::ffff:192.168.0.7]',
  ])('reads nothing under its own name %s, although it resolves to this machine (DNS rebinding)', async host => {
    const { app, send } = collectorWith()
    await send(wireBatch([wireEvent('a')]))
    for (const path of paths) {
      const response = await app.fetch(new Request(`http://${host}${path}`))
      expect([host, path, response.status]).toEqual([host, path, 403])
      expect(await response.text()).toContain('"error":"unknown-host"')
    }
  })

  it('reads nothing if the request line names another host than the header, whichever of them is of this machine', async () => {
    const { app, send } = collectorWith()
    await send(wireBatch([wireEvent('a')]))
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const { port } = new URL(url)
    const ask = async (line: string, ...hosts: string[]): Promise<string> => {
      const socket = connect(Number(port), '127.0.0.1')
      const headers = hosts.map(host => `Host: ${host}\r\n`).join('')
      socket.write(`GET ${line} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`)
      return text(socket)
    }
    for (const path of paths)
      for (const [line, ...hosts] of [
        [`http://localhost${path}`, 'evil.example'],
        [`http://localhost:${port}${path}`, `evil.example:${port}`],
        [`https://127.0.0.1${path}`, 'evil.example'],
        [`http://evil.example${path}`, 'localhost'],
        [path, 'localhost', 'evil.example'],
        [path, 'evil.example', 'localhost'],
        [`http://localhost${path}`, 'localhost', 'evil.example'],
      ] as const)
        expect([line, hosts, await ask(line, ...hosts)]).toEqual([line, hosts, expect.not.stringContaining(' 200 OK')])
    for (const host of ['localhost', `127.0.0.1:${port}`, `[::1]:${port}`, 'shop.localhost'])
      expect(await ask(`http://localhost${paths[0]}`, host)).toContain(' 200 OK')
  })

  const foreign = { 'Sec-Fetch-Site': 'cross-site' }
  it.each([
    ['a picture', { ...foreign, 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    ['a stream', { ...foreign, 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty', Origin: 'https://evil.example' }],
    ['a frame', { ...foreign, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }],
    ['an old browser', { Origin: 'https://evil.example' }],
    ['a frame without an origin', { Origin: 'null' }],
  ] as [string, Record<string, string>][])(
    'has no read made, and sees nothing of how long one takes: %s',
    async (_, headers) => {
      const { get, send } = collectorWith()
      await send(wireBatch([wireEvent('a')]))
      for (const path of [...paths, '/v1/now', '/v1/now/stream', '/v1/numbers/days', '/v1/setup', '/v1/token']) {
        const response = await get(path, headers)
        expect([path, response.status]).toEqual([path, 403])
        expect(await response.text()).toContain('"error":"cross-site"')
      }
    },
  )

  it('has no read made with the password that the browser knows', async () => {
    const registry = createRegistry({ keys: [], origins: [], readToken: 'right', isLoopback: true, now: () => noon })
    const { get } = collectorWith({ sites: registry })
    const Authorization = `Basic ${Buffer.from('anna:right').toString('base64')}`
    expect((await get('/v1/identities', { Authorization })).status).toBe(200)
    expect((await get('/v1/identities', { Authorization, ...foreign })).status).toBe(403)
  })

  it('may have a link to one, which a person follows, and one of this machine may ask', async () => {
    const { get } = collectorWith()
    const link = { ...foreign, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    expect((await get('/v1/identities', link)).status).toBe(200)
    expect(
      (await get('/v1/identities', { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:3000' })).status,
    ).toBe(200)
  })

  it('gets no reply that it may read, with whatever origin', async () => {
    const { get, send } = collectorWith()
    await send(wireBatch([wireEvent('a')]))
    for (const path of paths) {
      const { headers } = await get(path, { Origin: 'http://localhost:3000' })
      expect(headers.get('Access-Control-Allow-Origin')).toBe(null)
    }
  })
})

describe('a stranger who tries tokens', () => {
  const token = { name: 'one', sites: null, rights: ['read'], createdAt: 0, endsAt: null } as const
  const state = { ...nothingDecided, tokens: [{ ...token, digest: toDigest('right') }] }

  it('is answered 401 in every spelling, and the tried tokens are told to nobody', async () => {
    const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon })
    registry.use(state)
    const told: unknown[] = []
    const { app, store, errors } = collectorWith({ sites: registry, onWrongToken: one => told.push(one) })
    const secret = 'a-secret-that-was-mistyped'
    const basic = Buffer.from(`anna:${secret}`).toString('base64')
    const spellings = [`Bearer ${secret}`, `bearer  ${secret}`, `Basic ${basic}`]
    for (const [n, Authorization] of spellings.entries()) {
      const request = new Request('http://localhost/v1/identities', { headers: { Authorization } })
      const response = await app.fetch(request, { client: '203.0.113.9' })
      expect([Authorization, response.status]).toEqual([Authorization, 401])
      expect(await response.text()).not.toContain(secret)
      expect(told).toHaveLength(n + 1)
    }
    expect(JSON.stringify([told, errors])).not.toContain(secret)
    expect(await store.of('default').identities({})).toEqual([])
  })

  it('has few of them looked at, also if all come at once, and learns nothing of the right one among them', async () => {
    const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon })
    registry.use(state)
    const told: unknown[] = []
    const { app } = collectorWith({ sites: registry, onWrongToken: one => told.push(one) })
    const tried = Array.from({ length: 50 }, (_, n) => (n === 30 ? 'right' : `wrong-${n}`))
    const replies = tried.map(async one => {
      const request = new Request('http://localhost/v1/identities', { headers: { Authorization: `Bearer ${one}` } })
      return app.fetch(request, { client: '203.0.113.9' })
    })
    const early = await Promise.all(replies.slice(7))
    expect(new Set(early.map(({ status }) => status))).toEqual(new Set([429]))
    expect(told).toHaveLength(7)
  })

  it.each([
    ['no header', {}],
    ['an empty one', { Authorization: '' }],
    ['a scheme alone', { Authorization: 'Bearer' }],
    ['another scheme', { Authorization: 'Token right' }],
    ['the token alone', { Authorization: 'right' }],
    ['the digest of a token', { Authorization: `Bearer ${toDigest('right')}` }],
    ['another header', { 'X-Token': 'right', Cookie: 'token=right' }],
  ] as [string, Record<string, string>][])('reads nothing with %s', async (_, headers) => {
    const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon })
    registry.use(state)
    const { get } = collectorWith({ sites: registry })
    // From the fourth wrong token on, replies wait.
    for (const path of [...paths.slice(0, 2), '/v1/identities?token=right&access_token=right'])
      expect([path, (await get(path, headers)).status]).toEqual([path, 401])
    expect((await get('/v1/identities', { Authorization: 'Bearer right' })).status).toBe(200)
  })
})
