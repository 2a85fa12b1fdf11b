import { expect } from '@playwright/test'
import { startSite } from '../helpers/site.js'
import { expectAllStored, expectFate, expectStored, group } from './fault.js'
import type { House } from './house.js'
import { came, failed, make, sleep } from './steps.js'

const fault = group('2 the collector goes away')

fault('accepts and never answers', { expect: 'stored without a revisit', made: [103] }, async house => {
  house.proxy.rule = ({ place }) => (place ? 'pass' : 'hang')
  const page = await house.open()
  await make(page, 0, house.n)
  await came(house, 1)
  await expectFate(page, { errors: { 'collector-unreachable': 1 } }, 40_000)
  await expectAllStored(page, 20_000)
})

fault('accepts and never answers, and the tab is closed', { expect: 'stored' }, async house => {
  house.proxy.rule = () => 'hang'
  const page = await house.open()
  await make(page, 0, house.n)
  await came(house, 1)
  await page.close()
})

fault('accepts and never answers, and another tab waits', { expect: 'stored without a revisit' }, async house => {
  house.proxy.rule = () => 'hang'
  const one = await house.open()
  await make(one, 0, 50)
  await came(house, 1)
  const two = await house.open()
  await make(two, 50, house.n)
  house.proxy.rule = () => 'pass'
  // The closed tab had the claim (the right to send). Now the other tab must send the records of both.
  await one.close()
  await expectStored(house, 20_000)
  await expectAllStored(two)
})

fault('hands it on after 60 s', { expect: 'stored', made: [103], timeoutMs: 200_000 }, async house => {
  house.proxy.rule = () => ({ laterMs: 60_000, rule: 'pass' })
  const page = await house.open()
  await make(page, 0, house.n)
  await expectStored(house, 80_000)
  // The collector has stored everything, but no answer arrived. So the records are still owed, and are sent again.
  await expectFate(page, { owed: house.n + 2, stored: 0 })
  return `${house.proxy.log.length} requests until then`
})

fault('stores, and answers after 60 s', { expect: 'stored without a revisit', made: [103] }, async house => {
  const changed = async <T>(answer: T): Promise<T> => {
    await sleep(60_000)
    return answer
  }
  house.proxy.rule = ({ place }) => (place ? 'pass' : { changed })
  const page = await house.open()
  await make(page, 0, house.n)
  await expectFate(page, { errors: { 'collector-unreachable': 1 } }, 40_000)
  await expectAllStored(page, 20_000)
})

fault('stores, and the answer is lost', { expect: 'stored without a revisit' }, async house => {
  house.proxy.rule = ({ place }) => (place < 2 ? 'lose' : 'pass')
  const page = await house.open()
  await make(page, 0, house.n)
  await expectAllStored(page, 30_000)
})

fault('stores, the answer is lost, and the tab is closed', { expect: 'stored' }, async house => {
  house.proxy.rule = () => 'lose'
  const page = await house.open()
  await make(page, 0, house.n)
  await came(house, 1)
  await page.close()
})

/** Redirects every batch to `to`. When the browser sends a batch again, because of the redirect, it passes. */
function redirect(house: House, status: number, to: string): void {
  const seen = new Set<string>()
  house.proxy.rule = ({ ids }) => {
    if (seen.has(ids[0] as string)) return 'pass'
    seen.add(ids[0] as string)
    return { status, headers: { Location: to } }
  }
}

for (const status of [307, 308])
  fault(`${status} to another path of the collector`, { expect: 'stored without a revisit' }, async house => {
    redirect(house, status, '/v1/sessions?key=fault&again')
    const page = await house.open()
    await make(page, 0, house.n)
    await expectAllStored(page, 20_000)
    expect(house.ledger().copies).toBe(0)
  })

// A redirect to another origin makes the `Origin` header `null`, which no collector allows. So the request fails.
fault('308 to the collector under another origin', { expect: 'stored' }, async house => {
  house.proxy.rule = () => ({ status: 308, headers: { Location: `${house.collector.url}/v1/sessions?key=fault` } })
  const page = await house.open()
  await make(page, 0, house.n)
  await failed(page, 2)
  await expectFate(page, { owed: house.n + 2, stored: 0, dropped: {} })
})

fault('a redirect to itself', { expect: 'stored' }, async house => {
  house.proxy.rule = () => ({ status: 307, headers: { Location: '/v1/sessions?key=fault' } })
  const page = await house.open()
  await make(page, 0, house.n)
  await failed(page, 2)
  await expectFate(page, { owed: house.n + 2, stored: 0, dropped: {} })
  return `${house.proxy.log.length} requests: a browser follows 20 times`
})

for (const [what, headers] of [
  ['that a page may read', { 'Access-Control-Allow-Origin': '*' }],
  ['that a page may not read', {}],
] satisfies [string, Record<string, string>][])
  fault(`302 to a login page ${what}`, { expect: 'stored without a revisit' }, async house => {
    const login = await startSite(() => '<!doctype html><title>Log in</title><form></form>', headers)
    try {
      house.proxy.rule = () => ({ status: 302, headers: { Location: `${login.url}/login` } })
      const page = await house.open()
      await make(page, 0, house.n)
      await failed(page, 2)
      await expectFate(page, { owed: house.n + 2, stored: 0, dropped: {} })
      house.proxy.rule = () => 'pass'
      await expectAllStored(page, 30_000)
    } finally {
      await login.stop()
    }
  })
