import { expect } from '@playwright/test'
import { expectAllStored, expectFate, group } from './fault.js'
import type { Passing, Rule, Said } from './proxy.js'
import { failed, make } from './steps.js'

const fault = group('3 the answer lies')

const ok = (body: string, more: Partial<Said> = {}): Said => ({ status: 200, body, ...more })

/** Replaces fields of the collector's answer. The collector has stored the batch, but the browser does not learn it. */
const but = (fields: object): Rule => ({
  changed: answer => ({ ...answer, body: JSON.stringify({ ...JSON.parse(answer.body as string), ...fields }) }),
})

const portal = '<!doctype html><title>Welcome</title><h1>Accept our terms to go on</h1>'

// None of these answers names a record of the batch. The page can read some of them, and some not.
const lies: Record<string, (batch: Passing, before: readonly string[]) => Rule> = {
  '200 with an empty body': () => ok(''),
  '200 with the page of a captive portal': () => ok(portal, { isForeign: true }),
  '200 with a page that may be read': () => ok(portal, { headers: { 'Content-Type': 'text/html' } }),
  '200 with {}': () => ok('{}'),
  '200 with null': () => ok('null'),
  '201 with an answer': ({ ids }) => ({ status: 201, body: JSON.stringify({ v: 1, stored: ids }) }),
  '204 with nothing': () => ({ status: 204 }),
  '200 that counts instead of naming': ({ ids }) => ok(JSON.stringify({ v: 1, stored: ids.length })),
  '200 that names a text': ({ ids }) => ok(JSON.stringify({ v: 1, stored: ids.join() })),
  '200 that names by number': ({ ids }) => ok(JSON.stringify({ v: 1, stored: Object.assign({}, ids) })),
  '200 that names other ids': ({ ids }) => ok(JSON.stringify({ v: 1, stored: ids.map(id => `${id}0`) })),
  '200 with the answer to another batch': (_, before) => ok(JSON.stringify({ v: 1, stored: before })),
  '200 with nulls for ids': () => ok('{"v":1,"stored":[null,[],{}],"refused":[[null,null]],"gone":[null,0]}'),
  '200 that refuses in another form': ({ ids }) => ok(JSON.stringify({ v: 1, stored: [], refused: [null, ...ids] })),
  '200 of version 2': () => but({ v: 2 }),
  '200 of version "1"': () => but({ v: '1' }),
  '200 without a version': () => but({ v: undefined }),
  '200 cut in the middle': () => ({
    changed: answer => ({ ...answer, body: (answer.body as string).slice(0, (answer.body as string).length / 2) }),
  }),
  '200 of 5 MB': () =>
    ok(JSON.stringify({ v: 1, stored: Array.from({ length: 200_000 }, (_, n) => `foreign-${n}-0123456`) })),
  '200 with a page of 5 MB': () => ok(portal + 'x'.repeat(5e6)),
}

for (const [name, lie] of Object.entries(lies))
  fault(name, { expect: 'stored without a revisit' }, async house => {
    const page = await house.open()
    await expectAllStored(page)
    const before = house.proxy.log.flatMap(({ ids }) => ids)
    const honest = house.proxy.log.length
    house.proxy.rule = batch => lie(batch, before)
    await make(page, 0, house.n)
    await failed(page, 3)
    await expectFate(page, { owed: house.n, stored: 2, dropped: {}, errors: { 'collector-unreachable': 1 } })
    const lied = house.proxy.log.length - honest
    house.proxy.rule = () => 'pass'
    await expectAllStored(page, 40_000)
    house.longest = await page.evaluate(() => window.longest)
    return `${lied} requests were lied to`
  })

for (const [name, isNamed, most] of [
  ['200 that names every second', (place: number) => place % 2 === 0, 10],
  ['200 that names all but the first', (place: number, of: number) => place > 0 || of === 1, 10],
] satisfies [string, (place: number, of: number) => boolean, number][])
  fault(name, { expect: 'stored without a revisit' }, async house => {
    house.proxy.rule = ({ ids }) => but({ stored: ids.filter((_, place) => isNamed(place, ids.length)) })
    const page = await house.open()
    await make(page, 0, house.n)
    await expectAllStored(page, 40_000)
    expect(house.proxy.log.length, 'requests').toBeLessThanOrEqual(most)
  })

fault('200 that names one at a time', { expect: 'stored' }, async house => {
  house.proxy.rule = ({ ids }) => but({ stored: ids.slice(0, 1) })
  const page = await house.open()
  await make(page, 0, house.n)
  await page.waitForTimeout(10_000)
  const { length } = house.proxy.log
  await expectFate(page, { dropped: {} })
  // Each answer names a record, so it is no failure. Still, the page must not make a hundred requests in 10 s.
  expect(length, 'requests in 10 s').toBeLessThanOrEqual(25)
  return `${length} requests in 10 s`
})

// No answer names one of the records. The other records do not wait for it, nor do those of an earlier page.
fault('200 that never names one of them', { expect: 'stored' }, async house => {
  await house.proxy.down()
  const earlier = await house.open()
  await make(earlier, 0, 50)
  await failed(earlier, 1)
  await earlier.close()
  await house.proxy.up()
  const isUnnamed = ({ data }: Passing['events'][number]): boolean => (data as { n?: number } | undefined)?.n === 50
  house.proxy.rule = ({ events }) =>
    but({ stored: events.filter(event => !isUnnamed(event)).map(({ eventID }) => eventID) })
  const page = await house.open()
  await make(page, 50, house.n)
  await expect.poll(() => house.ledger().lost, { timeout: 30_000 }).toEqual([])
  await expectFate(page, { owed: 1, dropped: {} }, 20_000)
  const { length } = house.proxy.log
  await page.waitForTimeout(5000)
  expect(house.proxy.log.length - length, 'requests for it in 5 s').toBeLessThanOrEqual(6)
})
