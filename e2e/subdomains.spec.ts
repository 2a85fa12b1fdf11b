import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page } from '@playwright/test'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

let server: Server
let html = ''
let port = 0

test.beforeEach(async ({ shared }) => {
  server = createServer((request, response) => {
    const isScript = request.url === '/core.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? readFileSync('dist/esm/index.js') : html)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  port = (server.address() as AddressInfo).port
  html = pageFor(shared.url, "visitorDomain: 'shop.localhost'")
})

test.afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const pageFor = (
  collector: string,
  option: string,
): string => `<!doctype html><title>A shop</title><script type="module">
import { createTracker } from '/core.js'
window.tracker = createTracker({ collector: '${collector}', key: 'shop', ${option} })
</script>`

/** Opens a page of a host, and signs in there. @returns the id of the visitor, as the collector has it. */
async function visit(
  page: Page,
  host: string,
  collector: { get<T>(path: string): Promise<T | null> },
): Promise<string> {
  await page.goto(`http://${host}:${port}/`)
  await page.waitForFunction(() => 'tracker' in window)
  const identityId = makeIdentity()
  await page.evaluate(id => window.tracker.signIn(id), identityId)
  expect(await page.evaluate(() => window.tracker.flush())).toMatchObject({ owed: 0 })
  const found = await collector.get<{ items: { globalVisitID: string }[] }>(`/v1/identities/${identityId}/visits`)
  return found?.items[0]?.globalVisitID ?? ''
}

const cookiesOf = (page: Page): Promise<string> => page.evaluate(() => document.cookie)

test('two subdomains have one visitor, in a cookie with the id of the browser and nothing else', async ({
  page,
  shared,
}) => {
  const one = await visit(page, 'www.shop.localhost', shared)
  expect(await cookiesOf(page)).toBe(`sojourn-shop=${one}`)
  expect(await visit(page, 'help.shop.localhost', shared)).toBe(one)
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ domain: '.shop.localhost', path: '/', sameSite: 'Lax', secure: false })
  expect(await visit(page, 'www.other.localhost', shared)).not.toBe(one)
  expect(await cookiesOf(page)).toBe('')
})

test('without the option no cookie is set', { tag: '@long' }, async ({ page, shared }) => {
  html = pageFor(shared.url, '')
  const one = await visit(page, 'www.shop.localhost', shared)
  expect(await visit(page, 'help.shop.localhost', shared)).not.toBe(one)
  expect(await page.context().cookies()).toEqual([])
})

test('no cookie is there before consent, and none after it is denied', async ({ page, shared }) => {
  html = pageFor(shared.url, "visitorDomain: 'shop.localhost', consent: 'pending'")
  await page.goto(`http://www.shop.localhost:${port}/`)
  await page.waitForFunction(() => 'tracker' in window)
  await page.evaluate(() => window.tracker.track('Search'))
  expect(await cookiesOf(page)).toBe('')
  await page.evaluate(() => window.tracker.consent('granted'))
  await expect.poll(() => cookiesOf(page)).toContain('sojourn-shop=')
  await page.evaluate(() => window.tracker.consent('denied'))
  expect(await cookiesOf(page)).toBe('')
})

test('who is forgotten gets another id, which the other subdomain takes for its next visit', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const one = await visit(page, 'www.shop.localhost', shared)
  await page.evaluate(() => window.tracker.forget())
  await expect.poll(() => cookiesOf(page)).toMatch(/^sojourn-shop=.+/)
  expect(await cookiesOf(page)).not.toContain(one)
  const next = (await cookiesOf(page)).replace('sojourn-shop=', '')
  expect(await visit(page, 'help.shop.localhost', shared)).toBe(next)
})

test('a cookie that another script has damaged is replaced', { tag: '@long' }, async ({ page, shared }) => {
  await page.goto(`http://www.shop.localhost:${port}/core.js`)
  await page.evaluate(() => {
    document.cookie = 'sojourn-shop=<script>;domain=shop.localhost;path=/'
  })
  const one = await visit(page, 'www.shop.localhost', shared)
  expect(await cookiesOf(page)).toBe(`sojourn-shop=${one}`)
})
