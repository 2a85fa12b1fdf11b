import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/store/memory.js'
import { openScript } from '../src/web/script.js'
import { golden, wireBatch } from './helpers/batches.js'
import { bodyOf, collectorWith } from './helpers/collector.js'

const seedPath = '/backend/data/sessions/461d54d0-3fa4-11e2-aee5-00505625a04f'

describe('reads', () => {
  it('need the read token if one is set, as bearer token or as password', async () => {
    const { send, get } = collectorWith({ readToken: 's3cret:token' })
    await send(golden('seed-example').batch)
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`
    for (const path of [seedPath, '/v1/sessions/461d54d0-3fa4-11e2-aee5-00505625a04f'])
      for (const [authorization, status] of [
        ['', 401],
        ['Bearer', 401],
        ['Bearer wrong', 401],
        ['Bearer s3cret:token ', 200],
        ['bearer s3cret:token', 200],
        ['s3cret:token', 401],
        [basic('anybody:s3cret:token'), 200],
        [basic(':s3cret:token'), 200],
        [basic('s3cret:token'), 401],
        ['Basic ###', 401],
      ] as const) {
        const response = await get(path, authorization ? { Authorization: authorization } : {})
        expect([authorization, response.status]).toEqual([authorization, status])
        if (status === 401) {
          expect(await response.json()).toMatchObject({ v: 1, error: 'wrong-read-token' })
          expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer .*Basic /)
        }
      }
  })

  it('have no CORS headers, and are not cached', async () => {
    const { send, get } = collectorWith()
    await send(golden('seed-example').batch)
    for (const path of [seedPath, `${seedPath}/pages`, '/v1/sessions/nobody']) {
      const response = await get(path, { Origin: 'http://localhost:3000' })
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(null)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    }
  })

  it('need a URL that names this machine if no read token is set', async () => {
    const { app, send } = collectorWith()
    await send(golden('seed-example').batch)
    expect((await app.fetch(new Request(`http://127.0.0.1:4318${seedPath}`))).status).toBe(200)
    const rebound = await app.fetch(new Request(`http://evil.example:4318${seedPath}`))
    expect([rebound.status, (await bodyOf(rebound)).error]).toEqual([403, 'unknown-host'])
  })
})

describe('a collector', () => {
  it('is not created without keys or read token, unless it is on loopback', () => {
    const store = createMemoryStore()
    expect(() => collectorWith({ store, isLoopback: false, keys: [], readToken: 'secret' })).toThrow(/^keys:/)
    expect(() => collectorWith({ store, isLoopback: false, keys: ['a'], readToken: null })).toThrow(/^readToken:/)
  })

  it('accepts no page if it is not on loopback and no origin is set', async () => {
    const { send } = collectorWith({ isLoopback: false, readToken: 'secret' })
    expect((await send(wireBatch([]), { headers: { Origin: 'http://localhost' } })).status).toBe(403)
  })

  it('lives while its store is gone, and is not ready then', async () => {
    const store = createMemoryStore()
    await store.close()
    const { get } = collectorWith({ store })
    expect((await get('/healthz')).status).toBe(200)
    const response = await get('/readyz')
    expect([response.status, (await bodyOf(response)).error]).toEqual([503, 'store-failed'])
  })

  it('answers reads with 503 and Retry-After while the store fails, and reports the cause', async () => {
    const memory = createMemoryStore()
    const store = {
      ...memory,
      of: (site: string) => ({ ...memory.of(site), session: async () => Promise.reject(new Error('disk gone')) }),
    }
    const { get, errors } = collectorWith({ store })
    const response = await get('/v1/sessions/any')
    expect([response.status, (await bodyOf(response)).error]).toEqual([503, 'store-failed'])
    expect(response.headers.get('Retry-After')).toBe('10')
    expect(errors).toEqual([new Error('disk gone')])
  })
})

describe('the script', () => {
  it('is served to pages of every origin with its map, and is 304 while it is unchanged', async () => {
    const { get } = collectorWith({ script: { code: 'sojourn=1', map: '{}' } })
    const response = await get('/sojourn.js')
    expect(await response.text()).toBe('sojourn=1')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=UTF-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=3600',
    })
    const etag = response.headers.get('ETag') as string
    const again = await get('/sojourn.js', { 'If-None-Match': `W/${etag}` })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(await (await get('/sojourn.js.map')).text()).toBe('{}')
  })

  it('is 404 if it was not built', async () => {
    const { get } = collectorWith({ script: openScript() })
    expect((await get('/sojourn.js')).status).toBe(404)
  })
})
