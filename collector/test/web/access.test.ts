import { describe, expect, it } from 'vitest'
import { type AdminState, nothingDecided, type Right } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import type { WrongToken } from '../../src/web/access.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

const site = (name: string) => ({ name, createdAt: 0, endsAt: null, keepMs: null, quota: null })
const token = (name: string, sites: readonly string[] | null, rights: readonly Right[] = ['read']) => ({
  name,
  digest: toDigest(name),
  sites,
  rights,
  createdAt: 0,
  endsAt: null,
})
const both: AdminState = {
  ...nothingDecided,
  sites: [site('shop'), site('blog')],
  keys: [
    { key: 'of-shop', site: 'shop', createdAt: 0, endsAt: null },
    { key: 'of-blog', site: 'blog', createdAt: 0, endsAt: null },
  ],
  tokens: [
    token('one', ['shop']),
    token('two', ['shop', 'blog']),
    token('all', null),
    token('eraser', null, ['erase']),
  ],
}

/** Makes a collector with what was decided, and short functions to read from it. */
function accessWith(state: AdminState = nothingDecided, isLoopback = true) {
  const registry = createRegistry({ keys: [], origins: [], readToken: null, isLoopback, now: () => noon })
  registry.use(state)
  const wrong: WrongToken[] = []
  const collector = collectorWith({ sites: registry, onWrongToken: one => wrong.push(one) })
  async function read(path: string, headers: Record<string, string> = {}, client = '192.0.2.7') {
    const response = await collector.app.fetch(new Request(`http://localhost${path}`, { headers }), { client })
    const body = response.status === 204 ? {} : await bodyOf(response)
    return { status: response.status, error: body.error, message: body.message, headers: response.headers }
  }
  const readAs = async (bearer: string, path: string) => {
    const { status, error } = await read(path, { Authorization: `Bearer ${bearer}` })
    return error === undefined ? status : [status, error]
  }
  async function json(path: string, headers: Record<string, string>) {
    return bodyOf(await collector.get(path, headers))
  }
  return { ...collector, registry, wrong, read, readAs, json }
}

const paths = ['/v1/identities', '/backend/data/identities']

describe('a token', () => {
  it('for one site reads it by its path and by the short paths, and no other site', async () => {
    const { readAs } = accessWith(both)
    expect(await readAs('one', '/v1/sites/shop/identities')).toBe(200)
    expect(await readAs('one', '/v1/identities')).toBe(200)
    expect(await readAs('one', '/backend/data/identities')).toBe(204)
    expect(await readAs('one', '/v1/sites/blog/identities')).toEqual([403, 'wrong-site'])
    expect(await readAs('one', '/v1/sites/nowhere/identities')).toEqual([403, 'wrong-site'])
  })

  it('for several sites needs the name of the site', async () => {
    const { read, readAs } = accessWith(both)
    for (const name of ['two', 'all']) {
      for (const one of ['shop', 'blog']) expect(await readAs(name, `/v1/sites/${one}/identities`)).toBe(200)
      for (const path of paths) expect(await readAs(name, path)).toEqual([400, 'site-needed'])
    }
    const { message } = await read('/v1/identities', { Authorization: 'Bearer two' })
    expect(message).toContain('/v1/sites/{site}/')
    expect(message).toContain('shop, blog')
    expect(await readAs('all', '/v1/sites/nowhere/identities')).toEqual([404, 'unknown-site'])
  })

  it('reads a site by its name in the format of GWE too', async () => {
    const { readAs } = accessWith(both)
    expect(await readAs('one', '/v1/sites/shop/backend/data/identities')).toBe(204)
    expect(await readAs('one', '/v1/sites/blog/backend/data/identities')).toEqual([403, 'wrong-site'])
    for (const one of ['shop', 'blog'])
      expect(await readAs('all', `/v1/sites/${one}/backend/data/identities`)).toBe(204)
    expect(await readAs('all', '/v1/sites/nowhere/backend/data/identities')).toEqual([404, 'unknown-site'])
  })

  it('for all sites reads the only one by the short paths', async () => {
    const { readAs } = accessWith({ ...both, sites: [site('shop')] })
    expect(await readAs('all', '/v1/identities')).toBe(200)
  })

  it('without the right to read does not read', async () => {
    const { readAs } = accessWith(both)
    expect(await readAs('eraser', '/v1/sites/shop/identities')).toEqual([403, 'wrong-right'])
  })

  it('that another process made a moment ago is found by an early look', async () => {
    const { registry, readAs } = accessWith(both)
    registry.look = async () => registry.use({ ...both, tokens: [token('new', ['blog'])] })
    expect(await readAs('new', '/v1/identities')).toBe(200)
  })
})

describe('reads without a token', () => {
  it('are refused once there is a token, or a page of another machine', async () => {
    const origins = [{ site: 'default', origin: 'https://shop.example' }]
    for (const state of [both, { ...nothingDecided, origins }, { ...nothingDecided, tokens: [token('one', ['shop'])] }])
      for (const path of [...paths, '/v1/sites/default/identities']) {
        const { status, error } = await accessWith(state).read(path)
        expect([status, error]).toEqual([401, 'wrong-read-token'])
      }
  })

  it('are refused if a proxy has forwarded them, on every path', async () => {
    const { read } = accessWith()
    for (const path of [...paths, '/v1/sites/default/identities', '/v1/sessions/a/events']) {
      expect((await read(path)).status).not.toBe(403)
      for (const name of [
        'Forwarded',
        'X-Forwarded-For',
        'X-FORWARDED-PROTO',
        'x-forwarded-anything',
        'X-Real-IP',
        'Via',
      ]) {
        const { status, error } = await read(path, { [name]: '' })
        expect([name, status, error]).toEqual([name, 403, 'forwarded'])
      }
    }
  })

  it('of a forwarded request are taken with a token', async () => {
    const { read } = accessWith(both)
    const { status } = await read('/v1/identities', { Authorization: 'Bearer one', 'X-Forwarded-For': '192.0.2.1' })
    expect(status).toBe(200)
  })

  it('mean the only site, and name it if there are several', async () => {
    const { read } = accessWith({ ...nothingDecided, sites: [site('shop')] })
    expect((await read('/v1/identities')).status).toBe(200)
    const several = accessWith({ ...nothingDecided, sites: [site('shop'), site('blog')] })
    expect((await several.read('/v1/identities')).error).toBe('site-needed')
    expect((await several.read('/v1/sites/blog/identities')).status).toBe(200)
    expect((await several.read('/v1/sites/nowhere/identities')).error).toBe('unknown-site')
  })
})

describe('a wrong token', () => {
  it('is reported with its client, and never itself', async () => {
    const { read, readAs, wrong } = accessWith(both)
    await readAs('wrong-1', '/v1/identities')
    await readAs('wrong-2', '/v1/identities')
    await read('/v1/identities', { Authorization: 'Bearer wrong-3' }, '192.0.2.8')
    expect(wrong).toEqual([
      { client: '192.0.2.7', failures: 1 },
      { client: '192.0.2.7', failures: 2 },
      { client: '192.0.2.8', failures: 1 },
    ])
  })

  it('slows the whole network of an IPv6 address, and all behind a proxy that is not named together', async () => {
    const { read, wrong } = accessWith(both)
    const addresses = ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', '127.0.0.1', '10.0.0.1', '']
    for (const one of addresses) await read('/v1/identities', { Authorization: 'Bearer wrong' }, one)
    expect(wrong.map(({ client, failures }) => [client, failures])).toEqual(
      addresses.map((one, n) => [one, [1, 2, 1, 1, 2, 3][n]]),
    )
  })

  it('is not a missing one, which is neither reported nor slowed', async () => {
    const { read, wrong } = accessWith(both)
    for (let n = 0; n < 20; n++) expect((await read('/v1/identities')).status).toBe(401)
    expect(wrong).toEqual([])
  })

  it('has its reply slowed, and then no token of that client is looked at, be it the right one', async () => {
    const { read } = accessWith(both)
    const ask = (bearer: string, client: string) =>
      read('/v1/identities', { Authorization: `Bearer ${bearer}` }, client)
    const tried = Array.from({ length: 7 }, () => ask('wrong', '192.0.2.7'))
    await Promise.all(tried.slice(0, 3))
    const { status, error, headers } = await ask('one', '192.0.2.7')
    expect([status, error, headers.get('Retry-After')]).toEqual([429, 'too-many-tries', '8'])
    expect((await ask('one', '192.0.2.8')).status).toBe(200)
    for (const one of await Promise.all(tried)) expect(one.status).toBe(401)
    expect((await ask('one', '192.0.2.7')).status).toBe(200)
  })
})

describe('a page', () => {
  const Origin = 'https://shop.example'
  const state = {
    ...both,
    origins: [
      { site: 'shop', origin: Origin },
      { site: 'blog', origin: 'https://blog.example' },
    ],
  }
  const batch = wireBatch([wireEvent('a')])

  it('of one site may not send with the key of another, and is told so by a preflight', async () => {
    const { app, send } = accessWith(state)
    const statusOf = async (key: string) => (await send(batch, { key, headers: { Origin } })).status
    expect([await statusOf('of-shop'), await statusOf('of-blog'), await statusOf('wrong')]).toEqual([200, 403, 401])
    const preflight = async (key: string) => {
      const headers = { Origin, 'Access-Control-Request-Method': 'POST' }
      return (await app.fetch(new Request(`http://localhost/v1/sessions?key=${key}`, { method: 'OPTIONS', headers })))
        .status
    }
    expect([await preflight('of-shop'), await preflight('of-blog'), await preflight('wrong')]).toEqual([204, 403, 204])
  })

  it('may send with a key that another process made a moment ago', async () => {
    const { registry, send } = accessWith()
    registry.use({ ...state, keys: [] })
    registry.look = async () => registry.use(state)
    expect((await send(batch, { key: 'of-shop', headers: { Origin } })).status).toBe(200)
  })
})

describe('a batch', () => {
  it('is stored for the site of its key, apart from the same ids of another site', async () => {
    const { send, json, readAs } = accessWith(both)
    const batchOf = (name: string) =>
      wireBatch([wireEvent('a', { eventName: 'UserInfo', data: { name } })], {
        pages: [{ pageID: 'page-1', url: `/${name}` }],
      })
    for (const name of ['shop', 'blog']) {
      const answer = await bodyOf(await send(batchOf(name), { key: `of-${name}` }))
      expect(answer).toMatchObject({ stored: ['a'] })
    }
    for (const name of ['shop', 'blog']) {
      const read = (path: string) => json(`/v1/sites/${name}${path}`, { Authorization: 'Bearer all' })
      expect(await read('/identities')).toMatchObject({ items: [{ identityId: 'user-42', name }] })
      expect(await read('/sessions/session-1/events')).toMatchObject({ items: [{ eventID: 'a', data: { name } }] })
      expect(await read('/visits/visit-1/pages')).toMatchObject({ items: [{ pageID: 'page-1', url: `/${name}` }] })
    }
    expect(await readAs('all', '/v1/sites/default/sessions/session-1')).toEqual([404, 'not-found'])
  })
})
