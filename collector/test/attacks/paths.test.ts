import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AdminState, nothingDecided } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import { serve } from '../../src/web/server.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

// A reader of the site `shop` spells the paths of another site in every way that a server may take for one.

function decide(names: readonly string[]): AdminState {
  return {
    ...nothingDecided,
    sites: names.map(name => ({ name, createdAt: 0, endsAt: null, keepMs: null, quota: null })),
    keys: names.map(name => ({ key: `of-${name}`, site: name, createdAt: 0, endsAt: null })),
    tokens: [
      {
        name: 'reader',
        digest: toDigest('reader'),
        sites: ['shop'],
        rights: ['read', 'export', 'erase'],
        createdAt: 0,
        endsAt: null,
      },
    ],
  }
}

/** A collector that listens, with the site `shop` and these, and the same person in each. */
async function listenWith(...more: string[]) {
  const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon })
  const names = ['shop', ...more]
  registry.use(decide(names))
  const { app, send, store } = collectorWith({ sites: registry })
  for (const name of names)
    await send(wireBatch([wireEvent(`in-${name}`, { data: { of: name } })], { identityId: 'ada' }), {
      key: `of-${name}`,
    })
  const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(stop)
  const { port } = new URL(url)
  /** The reply as it was sent, without its time. */
  async function ask(method: string, target: string): Promise<string> {
    const socket = connect(Number(port), '127.0.0.1')
    const headers = ['Host: localhost', 'Authorization: Bearer reader', 'Connection: close', 'Accept: application/json']
    socket.write(`${method} ${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    return (await text(socket)).replace(/^Date: .*$/m, '')
  }
  return { ask, store }
}

const site = 'blog'
const sites = [
  site,
  '%62log',
  '%62%6c%6f%67',
  'BLOG',
  'Blog',
  'blog%20',
  'blog%00',
  '%2562log',
  'blog;a=1',
  'blog%2f',
  'shop%2f..%2fblog',
]
const places = ['', '/backend/data']
const ends = ['identities', 'identities/ada', 'identities/ada/export', 'sessions/session-1', 'visits/visit-1/events']

/** Each reaches for `end` of the other site, or might. */
const spell = (name: string, place: string, end: string): string[] => [
  `/v1/sites/${name}${place}/${end}`,
  `/v1/sites/${name}${place}/${end}/`,
  `//v1/sites/${name}${place}/${end}`,
  `/v1//sites/${name}${place}/${end}`,
  `/v1/sites//${name}${place}/${end}`,
  `/v1/sites/${name}//${place}/${end}`,
  `/v1/sites/shop/../${name}${place}/${end}`,
  `/v1/sites/shop/%2e%2e/${name}${place}/${end}`,
  `/v1/sites/shop/.%2E/${name}${place}/${end}`,
  `/v1/sites/shop/..;/${name}${place}/${end}`,
  `/v1/sites/shop/..%2f${name}${place}/${end}`,
  `/v1/sites/shop%2f..%2f${name}${place}/${end}`,
  `/v1/sites/./${name}${place}/./${end}`,
  `/v1/./sites/${name}${place}/${end}`,
  `/V1/Sites/${name}${place}/${end}`,
  `/v1/%73ites/${name}${place}/${end}`,
  `/v1%2fsites%2f${name}${place}/${end}`,
  `/v1/sites\\${name}${place}/${end}`,
  `http://localhost/v1/sites/${name}${place}/${end}`,
  `http://localhost//v1/sites/${name}${place}/${end}`,
  `/v1/${end}?site=${name}`,
  `/backend/data/${end}?site=${name}`,
  `/backend/data/../../v1/sites/${name}${place}/${end}`,
  `/backend/data/sites/${name}/${end}`,
  `/backend/data/v1/sites/${name}/${end}`,
  `/v1/sites/shop${place}/../../${name}${place}/${end}`,
  `/v1/sites/shop/sites/${name}${place}/${end}`,
  `/v1/sites/shop?/../${name}${place}/${end}`,
  `/v1/sites/shop#/../${name}${place}/${end}`,
  `/v1/sites/,${name}${place}/${end}`,
  `/v1/sites/shop,${name}${place}/${end}`,
]

describe('a token of one site, with the path of another in any spelling,', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH', 'get', 'QUERY'])(
    'reads nothing of it, and is told the same whether it exists or not: %s',
    async method => {
      const [alone, beside] = [await listenWith(), await listenWith(site)]
      const targets = sites.flatMap(name => places.flatMap(place => ends.flatMap(end => spell(name, place, end))))
      // All ways to write the plainest name, and a sample of the rest and of the other methods.
      const isAsked = (target: string, n: number): boolean =>
        n % 37 === 0 || (method === 'GET' && target.endsWith('/identities') && target.includes(site))
      const asked = [...new Set(targets)].filter(isAsked)
      for (const target of asked) {
        const reply = await beside.ask(method, target)
        expect([target, reply]).not.toEqual([target, expect.stringContaining(`in-${site}`)])
        expect([target, reply]).toEqual([target, await alone.ask(method, target)])
      }
      expect(await beside.store.of(site).identities({})).toHaveLength(1)
    },
  )

  it('reads its own site by the short paths and by its name', async () => {
    const { ask } = await listenWith(site)
    for (const path of ['/v1', '/backend/data', '/v1/sites/shop', '/v1/sites/shop/backend/data', '/v1/sites/%73hop'])
      expect(await ask('GET', `${path}/visits/visit-1/events`)).toContain('in-shop')
  })
})
