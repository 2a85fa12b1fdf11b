import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createQuotas } from '../../src/ingest/quotas.js'
import { clientQuota, maxQuotaWaitSeconds, maxRememberedClients } from '../../src/limits.js'
import type { SiteQuota } from '../../src/sites/admin.js'
import { serve } from '../../src/web/server.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

const none: SiteQuota = { requestsPerMinute: null, bytesPerMinute: null, recordsPerMinute: null }
const shop = { name: 'shop', quota: null }

function quotasWith(client: Partial<SiteQuota>) {
  let at = noon
  const quotas = createQuotas({ ...none, ...client }, () => at)
  return { take: quotas.take, pass: (ms: number) => void (at += ms) }
}

describe('a quota', () => {
  it('holds what may arrive in a minute, and fills up in a minute', () => {
    const { take, pass } = quotasWith({ requestsPerMinute: 3 })
    const takeOne = () => take('requests', 1, shop, 'a')
    expect([takeOne(), takeOne(), takeOne()]).toEqual([0, 0, 0])
    expect(takeOne()).toBe(1)
    pass(20_000)
    expect([takeOne(), takeOne()]).toEqual([0, 1])
    pass(3_600_000)
    expect([takeOne(), takeOne(), takeOne(), takeOne()]).toEqual([0, 0, 0, 1])
  })

  it('takes a batch that is larger than the whole quota, and the next one waits for it', () => {
    const { take, pass } = quotasWith({ bytesPerMinute: 600 })
    expect(take('bytes', 1200, shop, 'a')).toBe(0)
    expect(take('bytes', 1, shop, 'a')).toBe(61)
    pass(59_999)
    expect(take('bytes', 1, shop, 'a')).toBe(1)
    pass(2)
    expect(take('bytes', 1, shop, 'a')).toBe(0)
  })

  it('takes nothing from the site if the client has used up its own, and the other way round', () => {
    const { take } = quotasWith({ recordsPerMinute: 10 })
    const site = { name: 'small', quota: { ...none, recordsPerMinute: 15 } }
    expect(take('records', 10, site, 'a')).toBe(0)
    for (let n = 0; n < 5; n++) expect(take('records', 10, site, 'a')).toBeGreaterThan(0)
    expect(take('records', 5, site, 'b')).toBe(0)
    expect(take('records', 1, site, 'b')).toBeGreaterThan(0)
    expect(take('records', 5, shop, 'b')).toBe(0)
  })

  it('of one client, one site and one unit is not that of another', () => {
    const { take } = quotasWith({ requestsPerMinute: 1, bytesPerMinute: 1 })
    const only = { name: 'only', quota: { ...none, requestsPerMinute: 1 } }
    expect([take('requests', 1, shop, 'a'), take('bytes', 1, shop, 'a'), take('records', 9, shop, 'a')]).toEqual([
      0, 0, 0,
    ])
    expect([take('requests', 1, shop, 'b'), take('requests', 1, only, null)]).toEqual([0, 0])
    expect([take('requests', 1, { ...only, name: 'other' }, null), take('requests', 1, only, 'c')]).toEqual([0, 1])
  })

  it('of 0 takes nothing, and asks to come back in an hour', () => {
    const { take } = quotasWith({ requestsPerMinute: 0 })
    expect(take('requests', 1, shop, 'a')).toBe(maxQuotaWaitSeconds)
  })

  it('does not run backwards with the clock', () => {
    const { take, pass } = quotasWith({ requestsPerMinute: 2 })
    take('requests', 1, shop, 'a')
    pass(-3_600_000)
    expect([take('requests', 1, shop, 'a'), take('requests', 1, shop, 'a')]).toEqual([0, 1])
    pass(30_000)
    expect(take('requests', 1, shop, 'a')).toBe(0)
  })

  it('is remembered for the clients that were heard of last', () => {
    const { take } = quotasWith({ requestsPerMinute: 1 })
    take('requests', 1, shop, 'first')
    take('requests', 1, shop, 'second')
    for (let n = 0; n < maxRememberedClients - 2; n++) take('requests', 1, shop, `${n}`)
    expect(take('requests', 1, shop, 'first')).toBeGreaterThan(0)
    take('requests', 1, shop, 'one more')
    expect(take('requests', 1, shop, 'first')).toBeGreaterThan(0)
    expect(take('requests', 1, shop, 'second')).toBe(0)
  })
})

describe('a client over its quota', () => {
  const from = (client: string) => ({ 'X-Forwarded-For': client, Origin: 'https://shop.example' })

  async function listeningWith(quota: Partial<SiteQuota>) {
    const origins = ['https://shop.example']
    const { app, store } = collectorWith({ origins, clientQuota: { ...none, ...quota } })
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0, trustProxy: () => true })
    onTestFinished(stop)
    const post = (body: NonNullable<RequestInit['body']>, client = '203.0.113.9') =>
      fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body, headers: from(client) })
    return { app, store, post }
  }

  it('gets 429 with Retry-After and CORS headers, and nothing of the batch is stored', async () => {
    const { store, post } = await listeningWith({ recordsPerMinute: 1 })
    const batch = (id: string) => JSON.stringify(wireBatch([wireEvent(id)]))
    expect((await post(batch('a'))).status).toBe(200)
    const response = await post(batch('b'))
    expect(response.status).toBe(429)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'retry-after': '1',
      'access-control-allow-origin': 'https://shop.example',
      'access-control-expose-headers': 'Retry-After',
    })
    expect(await bodyOf(response)).toEqual({
      v: 1,
      versions: [1],
      error: 'over-quota',
      message: expect.stringContaining('records'),
      retryAfter: 1,
    })
    expect((await post(batch('c'), '203.0.113.10')).status).toBe(200)
    const events = await store.of('default').events({ visitID: 'visit-1' })
    expect(events.map(({ eventID }) => eventID)).toEqual(['a', 'c'])
  })

  it('is counted by requests, and by unzipped bytes, also of bodies that are no batches', async () => {
    const empty = JSON.stringify({ v: 1 })
    const byRequests = await listeningWith({ requestsPerMinute: 2 })
    for (const status of [200, 200, 429]) expect((await byRequests.post(empty)).status).toBe(status)
    const byBytes = await listeningWith({ bytesPerMinute: 1000 })
    const zipped = gzipSync(empty.padEnd(900))
    for (const [body, status] of [
      [zipped, 200],
      ['x'.repeat(200), 400],
      [empty, 429],
    ] as const)
      expect((await byBytes.post(body)).status).toBe(status)
    expect((await byBytes.post(empty, '203.0.113.10')).status).toBe(200)
  })

  it('is a network where the address is IPv6, and nobody where the address is not public', async () => {
    const { post } = await listeningWith({ requestsPerMinute: 1 })
    const empty = JSON.stringify({ v: 1 })
    expect((await post(empty, '2001:db8:1:2::1')).status).toBe(200)
    expect((await post(empty, '2001:db8:1:2::2')).status).toBe(429)
    expect((await post(empty, '2001:db8:1:3::1')).status).toBe(200)
    for (let n = 0; n < 3; n++) expect((await post(empty, '10.0.0.9')).status).toBe(200)
  })

  it('is counted without a socket too, if the server names the client', async () => {
    const { app } = collectorWith({ clientQuota: { ...none, requestsPerMinute: 1 } })
    const post = () => new Request('http://localhost/v1/sessions?key=demo', { method: 'POST', body: '{"v":1}' })
    const statusOf = async (client?: string) =>
      (await app.fetch(post(), client === undefined ? undefined : { client })).status
    expect([await statusOf('203.0.113.9'), await statusOf('203.0.113.9')]).toEqual([200, 429])
    expect([await statusOf(), await statusOf()]).toEqual([200, 200])
  })

  it('may still be an office of a thousand people, of whom each sends every ten seconds', () => {
    const { take, pass } = quotasWith(clientQuota)
    for (let n = 0; n < 30_000; n++) {
      expect([take('requests', 1, shop, 'a'), take('bytes', 5000, shop, 'a'), take('records', 6, shop, 'a')]).toEqual([
        0, 0, 0,
      ])
      pass(10)
    }
  })
})
