import { describe, expect, it } from 'vitest'
import { toIntegrity } from '../../src/scripts/pieces.js'
import { bodyOf, collectorWith } from '../helpers/collector.js'

const pieces = { core: 'start(sojournPlugins)', plugins: { clicks: '(1)', vitals: '(2)' } }
const shop = 'https://shop.example'

function scriptsWith(parts: Parameters<typeof collectorWith>[0] = {}) {
  const collector = collectorWith({ pieces, ...parts })
  const tag = async (query: string): Promise<string> => (await collector.json(`/v1/setup?${query}`)).tag
  return { ...collector, tag }
}

describe('a script with plugins', () => {
  it('is one file, the same in any order, that pages of every origin may load and caches may keep for an hour', async () => {
    const { get } = scriptsWith()
    const response = await get('/sojourn.vitals.clicks.js')
    expect(await response.text()).toBe('start({__proto__:null,clicks:(1),vitals:(2)})')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=UTF-8',
      'cache-control': 'public, max-age=3600',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    })
    const etag = response.headers.get('ETag') as string
    expect((await get('/sojourn.clicks.vitals.js', { 'If-None-Match': etag })).status).toBe(304)
    expect((await get('/sojourn.clicks.js', { 'If-None-Match': etag })).status).toBe(200)
  })

  it('never changes at the address of a pinned tag, whose hash is that of its bytes', async () => {
    const { get, tag } = scriptsWith()
    const text = await tag('plugins=vitals,clicks&pinned=true')
    const found = /src="http:\/\/localhost:4318(\/sojourn-[0-9a-f]{12}\.clicks\.vitals\.js)" integrity="([^"]+)"/.exec(
      text,
    )
    expect(text).toContain(' crossorigin="anonymous" data-key="demo" data-plugins="clicks,vitals"></script>')
    const response = await get(found?.[1] as string)
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
    expect(toIntegrity(await response.text())).toBe(found?.[2])
  })

  it('answers HEAD as GET, without a body', async () => {
    const { app } = scriptsWith()
    const response = await app.fetch(new Request('http://localhost/sojourn.clicks.js', { method: 'HEAD' }))
    expect([response.status, response.headers.has('ETag'), await response.text()]).toEqual([200, true, ''])
  })

  it.each([
    ['/sojourn.clickz.js', 'unknown-plugin'],
    ['/sojourn.constructor.js', 'unknown-plugin'],
    ['/sojourn-plugins.clicks.x.js', 'unknown-plugin'],
    ['/sojourn-0123456789ab.js', 'unknown-release'],
    ['/sojourn-plugins.js', 'not-found'],
    ['/sojourn...js', 'not-found'],
    ['/sojourn.%2e%2e%2fetc.js', 'not-found'],
    [`/sojourn${'.clicks'.repeat(1000)}.js`, 'not-found'],
  ])('is refused by name, and no cache keeps that: %.60s', async (path, error) => {
    const response = await scriptsWith().get(path)
    expect([response.status, await response.json()]).toMatchObject([404, { error }])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })

  it.each([
    ['/sojourn.clickz.js', 'unknown-plugin', { Referer: `${shop}/lamps?secret=1` }],
    ['/sojourn-0123456789ab.js', 'unknown-release', { Origin: shop }],
  ])(
    'is told of on the Set-up page when it is refused, because its page records nothing: %s',
    async (path, code, headers) => {
      const { get, json, app } = scriptsWith()
      await get(path, headers)
      const { refused } = await json('/v1/setup')
      expect(refused).toMatchObject({ code, origin: shop })
      expect(refused.message).toContain('it has recorded nothing')
      await app.stop()
    },
  )

  it('is 404 where there are no pieces, and the tag is the plain one', async () => {
    const { get, tag } = scriptsWith({ pieces: null })
    expect((await get('/sojourn.clicks.js')).status).toBe(404)
    expect(await tag('')).toContain('/sojourn.js" data-key="demo"></script>')
  })

  it.each(['plugins=clickz', 'plugins=constructor', 'pinned=yes'])('is no tag for %s', async query => {
    const response = await scriptsWith().get(`/v1/setup?${query}`)
    expect([response.status, (await bodyOf(response)).error]).toEqual([400, `${query.split('=')[0]}-invalid`])
  })

  it('is not needed: a tag without plugins is as short as ever', async () => {
    const { tag, json } = scriptsWith()
    expect(await tag('plugins=')).toBe('<script async src="http://localhost:4318/sojourn.js" data-key="demo"></script>')
    expect((await json('/v1/setup')).plugins).toEqual(['clicks', 'vitals'])
  })
})
