import { expect, type Page } from '@playwright/test'
import { expectAllStored, expectFate, group } from './fault.js'
import type { Passing, Said } from './proxy.js'
import { came, failed, make, sleep, urge } from './steps.js'

const fault = group('3 the answer lies')

const numberOf = ({ data }: Passing['events'][number]): number | undefined => (data as { n?: number } | undefined)?.n
const holds = ({ events }: Passing, n: number): boolean => events.some(event => numberOf(event) === n)

const malformed: Said = { status: 400, body: '{"v":1,"error":"malformed","message":"not JSON"}' }

fault(
  '400 for a batch with one bad record',
  { expect: { dropped: 1, reason: 'refused:malformed' }, isShort: true },
  async house => {
    house.proxy.rule = batch => (holds(batch, 42) ? malformed : 'pass')
    const page = await house.open()
    await make(page, 0, house.n)
    await expectFate(page, { owed: 0, stored: house.n + 1, dropped: { 'refused:malformed': 1 } }, 20_000)
    const { length } = house.proxy.log
    // The tracker halves the batch until one record is left, with one request for each other half. It never sends it
    // again.
    expect(length, 'requests').toBeLessThanOrEqual(2 * Math.ceil(Math.log2(house.n + 2)) + 2)
    await urge(page)
    await sleep(1500)
    expect(house.proxy.log).toHaveLength(length)
    expect(await page.evaluate(() => window.errors)).toEqual(['record-refused'])
    return `${length} requests`
  },
)

fault(
  '400 for a batch with three bad records',
  { expect: { dropped: 3, reason: 'refused:malformed' } },
  async house => {
    house.proxy.rule = batch => ([0, 42, house.n - 1].some(n => holds(batch, n)) ? malformed : 'pass')
    const page = await house.open()
    await make(page, 0, house.n)
    await expectFate(page, { owed: 0, dropped: { 'refused:malformed': 3 } }, 20_000)
    expect(house.proxy.log.length, 'requests').toBeLessThanOrEqual(6 * Math.ceil(Math.log2(house.n + 2)) + 2)
  },
)

/** After none of these answers may the tracker drop a record or split the batch. */
for (const [name, said] of [
  ['400 by a foreign proxy', { status: 400, body: '<h1>Bad Request</h1>' }],
  ['400 by a foreign proxy in JSON', { status: 400, body: '{"error":"malformed"}' }],
  ['400 by a foreign proxy that no page may read', { status: 400, isForeign: true }],
  ['400 by a collector that knows another version', { status: 400, body: '{"v":2,"error":"unknown-version"}' }],
  ['413 by a foreign proxy', { status: 413, body: '<h1>Request Entity Too Large</h1>' }],
  ['500', { status: 500, body: '{"v":1,"error":"unexpected","message":"the collector failed"}' }],
  ['502 that no page may read', { status: 502, body: '<h1>Bad Gateway</h1>', isForeign: true }],
  ['504', { status: 504, body: '<h1>Gateway Time-out</h1>' }],
  ['418', { status: 418 }],
] satisfies [string, Said][])
  fault(`${name}, to everything`, { expect: 'stored without a revisit' }, async house => {
    house.proxy.rule = () => said
    const page = await house.open()
    await make(page, 0, house.n)
    await failed(page, 2)
    await expectFate(page, { owed: house.n + 2, stored: 0, dropped: {} })
    const met = house.proxy.log.length
    house.proxy.rule = () => 'pass'
    await expectAllStored(page, 40_000)
    return `${met} requests met it`
  })

// A rejected key is a line in the console of a developer's machine, so the pages ask for silence.
for (const status of [401, 403, 404]) {
  const said: Said = { status, body: '{"v":1,"error":"wrong-key","message":"key is not a write key"}' }

  fault(`${status} to a page that stays`, { expect: 'stored' }, async house => {
    house.proxy.rule = () => said
    const page = await house.open({ options: { debug: false } })
    await make(page, 0, 50)
    await came(house, 1)
    await failed(page, 1)
    await make(page, 50, house.n)
    await urge(page)
    // More records than one batch holds.
    await page.evaluate(() => window.tracker.track('Large', { text: 'x'.repeat(70_000) }))
    await sleep(2000)
    expect(house.proxy.log.length, 'requests').toBe(1)
    const { errors } = await expectFate(page, { owed: house.n + 3, stored: 0, dropped: {} })
    expect(errors).toEqual({ 'collector-rejects': 1 })
  })

  fault(`${status} to a page that goes`, { expect: 'stored' }, async house => {
    house.proxy.rule = () => said
    const page = await house.open({ options: { debug: false } })
    await make(page, 0, house.n)
    await came(house, 1)
    await failed(page, 1)
    await page.close()
    await sleep(1500)
    expect(house.proxy.log.length, 'requests').toBe(1)
  })
}

/** The collector takes at most ten records in one request. */
for (const [name, body] of [
  ['with maxRecords', '{"v":1,"error":"too-many-records","maxBytes":524288,"maxRecords":10}'],
  ['of a proxy', '<h1>Request Entity Too Large</h1>'],
])
  fault(`413 ${name} to more than ten`, { expect: 'stored without a revisit' }, async house => {
    house.proxy.rule = ({ ids }) => (ids.length > 10 ? { status: 413, body: body as string } : 'pass')
    const page = await house.open()
    await make(page, 0, house.n)
    await expectAllStored(page, 20_000)
    expect(house.ledger().copies).toBe(0)
    expect(house.proxy.log.length, 'requests').toBeLessThanOrEqual(2 * 16 + 2)
  })

fault('413 to one record alone', { expect: { dropped: 1, reason: 'refused:too-large' } }, async house => {
  house.proxy.rule = batch => (holds(batch, 42) ? { status: 413, body: '{"v":1,"error":"too-large"}' } : 'pass')
  const page = await house.open()
  await make(page, 0, house.n)
  await expectFate(page, { owed: 0, dropped: { 'refused:too-large': 1 } }, 20_000)
  expect(await page.evaluate(() => window.errors)).toEqual(['record-refused'])
})

// The browser counts characters, and the collector counts bytes. A character may have three bytes.
// Each record is a parcel. Five of them are a full batch, which has 547,500 bytes, wherever a batch begins.
fault('413 of the real collector', { expect: 'stored without a revisit', made: [50, 53] }, async house => {
  let met = 0
  house.proxy.rule = () => ({
    changed: answer => {
      if (answer.status === 413) met++
      return answer
    },
  })
  const page = await house.open()
  await page.evaluate(n => {
    for (let at = 0; at < n; at++) window.tracker.track('Numbered', { n: at, text: '漢'.repeat(36_500) })
  }, house.n)
  await expectAllStored(page, 30_000)
  expect(met, 'batches that were too large').toBeGreaterThan(0)
  return `${met} batches were too large`
})

// The proxy takes the gzip body for text, because of its Content-Type, and replaces bytes. The collector cannot read
// the rest.
fault('400 because a proxy mends the text of the upload', { expect: 'stored without a revisit' }, async house => {
  house.proxy.rule = () => ({ damaged: body => Buffer.from(body.toString()) })
  const page = await house.open()
  await page.evaluate(n => {
    for (let at = 0; at < n; at++) window.tracker.track('Numbered', { n: at, text: 'word '.repeat(300) })
  }, house.n)
  await expectAllStored(page, 30_000)
  return `${house.proxy.log.length} requests`
})

const refuse = (field: 'refused' | 'gone', few: (n: number | undefined) => boolean) => (batch: Passing) => {
  const ids = batch.events.filter(event => few(numberOf(event))).map(({ eventID }) => eventID)
  const named = field === 'gone' ? ids : ids.map(id => [id, 'data-invalid'])
  return ids.length ? { status: 200, body: JSON.stringify({ v: 1, stored: [], [field]: named }) } : ('pass' as const)
}

for (const [field, reason] of [
  ['refused', 'refused:data-invalid'],
  ['gone', 'gone'],
] as const)
  fault(`200 that names some as ${field}`, { expect: { dropped: 7, reason } }, async house => {
    house.proxy.rule = refuse(field, n => n !== undefined && n < 7)
    const page: Page = await house.open()
    await make(page, 0, house.n)
    await expectFate(page, { owed: 0, dropped: { [reason]: 7 } }, 20_000)
    expect(house.ledger().lost).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(new Set(await page.evaluate(() => window.errors))).toEqual(
      new Set([field === 'gone' ? 'record-dropped' : 'record-refused']),
    )
  })
