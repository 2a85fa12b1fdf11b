import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/store/memory.js'
import { openScript } from '../src/web/script.js'
import { golden, wireBatch } from './helpers/batches.js'
import { bodyOf, collectorWith } from './helpers/collector.js'

const seedPath = '/backend/data/sessions/461d54d0-3fa4-11e2-aee5-00505625a04f'

describe('reads', () => {
  it('need the token once there is one, as a bearer or as a password', async () => {
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

  it('are for no other page, and for no cache', async () => {
    const { send, get } = collectorWith()
    await send(golden('seed-example').batch)
    for (const path of [seedPath, `${seedPath}/pages`, '/v1/sessions/nobody']) {
      const response = await get(path, { Origin: 'http://localhost:3000' })
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(null)
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    }
  })

  it('without a token are answered under a name of this machine only', async () => {
    const { app, send } = collectorWith()
    await send(golden('seed-example').batch)
    expect((await app.fetch(new Request(`http://127.0.0.1:4318${seedPath}`))).status).toBe(200)
    const rebound = await app.fetch(new Request(`http://evil.example:4318${seedPath}`))
    expect([rebound.status, (await bodyOf(rebound)).error]).toEqual([403, 'unknown-host'])
  })
})

describe('a collector', () => {
  it('is not made open to the world', () => {
    const store = createMemoryStore()
    expect(() => collectorWith({ store, isLoopback: false, keys: [], readToken: 'secret' })).toThrow(/^keys:/)
    expect(() => collectorWith({ store, isLoopback: false, keys: ['a'], readToken: null })).toThrow(/^readToken:/)
  })

  it('lets no page in without an origin once it is not on loopback', async () => {
    const { send } = collectorWith({ isLoopback: false, readToken: 'secret' })
    expect((await send(wireBatch([]), { headers: { Origin: 'http://localhost' } })).status).toBe(403)
  })

  it('is healthy while its store answers', async () => {
    const store = createMemoryStore()
    const { get } = collectorWith({ store })
    expect((await get('/healthz')).status).toBe(200)
    await store.close()
    const response = await get('/healthz')
    expect([response.status, (await bodyOf(response)).error]).toEqual([503, 'store-failed'])
  })

  it('are 503, with when to come again, while the store does not answer, and the log says why', async () => {
    const store = { ...createMemoryStore(), session: async () => Promise.reject(new Error('disk gone')) }
    const { get, errors } = collectorWith({ store })
    const response = await get('/v1/sessions/any')
    expect([response.status, (await bodyOf(response)).error]).toEqual([503, 'store-failed'])
    expect(response.headers.get('Retry-After')).toBe('10')
    expect(errors).toEqual([new Error('disk gone')])
  })
})

describe('the script', () => {
  it('is served to every page, with its map, and not again while it is the same', async () => {
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

  it('is 404 where it was not built', async () => {
    const { get } = collectorWith({ script: openScript() })
    expect((await get('/sojourn.js')).status).toBe(404)
  })
})
