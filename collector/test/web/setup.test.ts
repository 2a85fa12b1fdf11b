import { describe, expect, it } from 'vitest'
import { type AdminState, nothingDecided, type Right } from '../../src/sites/admin.js'
import { findBlocked, parsePolicies } from '../../src/sites/csp.js'
import { createRegistry } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

const site = (name: string, endsAt: number | null = null) => ({ name, createdAt: 0, endsAt, keepMs: null, quota: null })
const key = (name: string, of: string, createdAt = 0, endsAt: number | null = null) => ({
  key: name,
  site: of,
  createdAt,
  endsAt,
})
const token = (
  name: string,
  sites: readonly string[] | null,
  rights: readonly Right[],
  endsAt: number | null = null,
) => ({ name, digest: toDigest(name), sites, rights, createdAt: 0, endsAt })

const shop = 'https://shop.example'
const both: AdminState = {
  ...nothingDecided,
  sites: [site('shop'), site('blog')],
  keys: [key('of-shop', 'shop'), key('of-blog', 'blog')],
  origins: [
    { site: 'shop', origin: shop },
    { site: 'blog', origin: 'https://blog.example' },
  ],
  tokens: [
    token('one', ['shop'], ['read']),
    token('all', null, ['read', 'erase'], noon + 1000),
    token('counter', ['shop', 'gone'], ['metrics']),
  ],
}

function setupWith(state: AdminState = both, flags: { keys?: string[]; origins?: string[] } = {}) {
  const { keys = [], origins = [] } = flags
  const registry = createRegistry({ keys, origins, readToken: null, isLoopback: true, now: () => noon })
  registry.use(state)
  const clock = { now: noon }
  const collector = collectorWith({ sites: registry, now: () => clock.now })
  const as = async (bearer: string, path: string) =>
    bodyOf(await collector.get(path, bearer ? { Authorization: `Bearer ${bearer}` } : {}))
  const sendAs = (origin: string | null, named: string, batch: object | string = wireBatch([wireEvent('e')])) =>
    collector.send(batch, { key: named, ...(origin && { headers: { Origin: origin } }) })
  return { ...collector, registry, clock, as, sendAs }
}

describe('GET /v1/token', () => {
  it('tells the name, the sites with their origins, the rights and the end of a token', async () => {
    const { as } = setupWith()
    expect(await as('one', '/v1/token')).toEqual({
      name: 'one',
      sites: [{ site: 'shop', origins: [shop] }],
      rights: ['read'],
      expires: null,
    })
    const all = await as('all', '/v1/token')
    expect([all.sites.map((one: { site: string }) => one.site), all.rights, all.expires]).toEqual([
      ['shop', 'blog'],
      ['read', 'erase'],
      noon + 1000,
    ])
  })

  it('needs no right, and leaves out a site that there is not', async () => {
    const { as } = setupWith()
    const { sites, rights } = await as('counter', '/v1/token')
    expect([sites.map((one: { site: string }) => one.site), rights]).toEqual([['shop'], ['metrics']])
  })

  it('is 401 without a token where one is needed', async () => {
    const { as } = setupWith()
    expect(await as('', '/v1/token')).toMatchObject({ error: 'wrong-read-token' })
  })

  it('tells everything of a collector on loopback that needs none', async () => {
    const { as } = setupWith(nothingDecided)
    expect(await as('', '/v1/token')).toEqual({
      name: null,
      sites: [{ site: 'default', origins: [] }],
      rights: ['read', 'export', 'erase', 'metrics'],
      expires: null,
    })
  })
})

describe('GET /v1/setup', () => {
  it('gives the tag with the key for new pages: the one that works longest, and the newest of those', async () => {
    const keys = [
      key('old', 'shop', 1, noon + 1000),
      key('first', 'shop', 2),
      key('newest', 'shop', 3),
      key('over', 'shop', 4, noon),
      key('of-blog', 'blog', 5),
    ]
    const { as } = setupWith({ ...both, keys })
    const setup = await as('one', '/v1/setup')
    expect(setup.keys).toEqual(['newest', 'first', 'old'])
    expect(setup.tag).toBe('<script async src="http://localhost:4318/sojourn.js" data-key="newest"></script>')
    expect([setup.site, setup.origins]).toEqual(['shop', [shop]])
  })

  it('gives a tag that works if any key does, and none if no key does', async () => {
    const open = setupWith(nothingDecided)
    const { keys, tag } = await open.as('', '/v1/setup')
    expect(keys).toEqual([])
    const [, named = ''] = /data-key="([^"]+)"/.exec(tag) ?? []
    expect((await open.sendAs('http://localhost:3000', named)).status).toBe(200)

    const ended = setupWith({ ...both, sites: [site('shop', noon), site('blog')] })
    expect(await ended.as('one', '/v1/sites/shop/setup')).toMatchObject({ keys: [], tag: null })
  })

  it('gives the address of the collector that the reader names, so that a proxy may have a path or TLS', async () => {
    const { as } = setupWith()
    const { tag, csp } = await as('one', '/v1/setup?collector=https://shop.example/stats/')
    expect(tag).toContain('src="https://shop.example/stats/sojourn.js"')
    expect(csp).toEqual([`script-src ${shop}`, `connect-src ${shop}`])
    for (const bad of ['ftp://a.example', 'nothing', 'https://u:p@a.example', 'https://a.example/?x', ''])
      expect(await as('one', `/v1/setup?collector=${encodeURIComponent(bad)}`)).toMatchObject({
        error: 'collector-invalid',
      })
    const hostile = await as('one', `/v1/setup?collector=${encodeURIComponent('https://a.example/"><b>&')}`)
    expect(hostile.tag).not.toMatch(/<b>|"">/)
  })

  it('takes the scheme from a proxy that has forwarded the request', async () => {
    const { get } = setupWith()
    const { tag } = await bodyOf(await get('/v1/setup', { Authorization: 'Bearer one', 'X-Forwarded-Proto': 'https' }))
    expect(tag).toContain('src="https://localhost:4318/sojourn.js"')
  })

  it('gives the lines of a policy with which the doctor finds nothing blocked', async () => {
    const { as } = setupWith()
    const { csp } = await as('one', '/v1/setup')
    const [policy] = parsePolicies(`default-src 'none'; ${csp.join('; ')}`)
    const page = new URL('https://shop.example/')
    const of = (path: string, kind: 'script' | 'connect') =>
      findBlocked(policy as never, { kind, url: new URL(path, 'http://localhost:4318'), page, nonce: null })
    expect([of('/sojourn.js', 'script'), of('/v1/sessions', 'connect')]).toEqual([null, null])
  })

  it('tells when the first and the latest record of the site came', async () => {
    let at = noon
    const registry = createRegistry({ keys: ['demo'], origins: [], readToken: null, isLoopback: true, now: () => at })
    const { json, send } = collectorWith({ sites: registry, now: () => at })
    expect(await json('/v1/setup')).toMatchObject({ first: null, latest: null, refused: null })
    await send(wireBatch([wireEvent('a')]))
    expect(await json('/v1/setup')).toMatchObject({ first: { receivedAt: noon }, latest: { receivedAt: noon } })
    at += 5000
    await send(wireBatch([wireEvent('b', { seq: 2 })]))
    expect(await json('/v1/setup')).toMatchObject({ first: { receivedAt: noon }, latest: { receivedAt: at } })
  })

  it('says of a page with a foreign origin what was refused, and how to allow it', async () => {
    const { as, sendAs } = setupWith()
    await sendAs('https://www.shop.example', 'of-shop')
    const { refused } = await as('one', '/v1/setup')
    expect(refused).toMatchObject({ code: 'unknown-origin', at: noon, origin: 'https://www.shop.example' })
    expect(refused.message).toContain('sojourn-collector site origin add shop https://www.shop.example')
    expect((await as('all', '/v1/sites/blog/setup')).refused).toBeNull()
  })

  it('offers no command with an origin that a shell could misread', async () => {
    const { as, sendAs } = setupWith()
    await sendAs('https://a.example;reboot', 'of-shop')
    const { refused } = await as('one', '/v1/setup')
    expect([refused.origin, refused.message]).toEqual([
      'https://a.example;reboot',
      expect.not.stringContaining('sojourn-collector'),
    ])
  })

  it('says of a wrong key that it is wrong to the site of the page, and to who may read all sites', async () => {
    const { as, sendAs, clock } = setupWith()
    await sendAs(shop, 'of-nobody')
    expect((await as('one', '/v1/setup')).refused).toMatchObject({ code: 'wrong-key', origin: shop })
    clock.now++
    await sendAs('https://else.example', 'of-nobody')
    expect((await as('one', '/v1/setup')).refused).toMatchObject({ code: 'wrong-key', origin: shop })
    expect((await as('all', '/v1/sites/blog/setup')).refused).toMatchObject({
      origin: 'https://else.example',
    })
  })

  it('says what was refused by a preflight, after which a page never sends', async () => {
    const { app, as } = setupWith()
    const headers = { Origin: 'https://app.example' }
    await app.fetch(new Request('http://localhost/v1/sessions?key=of-shop', { method: 'OPTIONS', headers }))
    expect((await as('one', '/v1/setup')).refused).toMatchObject({ code: 'unknown-origin', origin: headers.Origin })
  })

  it('says of a refused record and of a body that is no batch what was wrong', async () => {
    const { as, sendAs } = setupWith()
    const bad = wireBatch([wireEvent('good'), { eventID: 'bad', timestamp: noon, writer: 'w', seq: 1 }])
    await sendAs(shop, 'of-shop', bad)
    expect((await as('one', '/v1/setup')).refused).toMatchObject({ code: 'name-invalid', origin: null })
    const other = setupWith()
    await other.sendAs(shop, 'of-shop', '{')
    expect((await other.as('one', '/v1/setup')).refused).toMatchObject({ code: 'malformed', origin: shop })
  })
})
