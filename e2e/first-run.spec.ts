import { expect } from '@playwright/test'
import { startCollector } from './helpers/collector.js'
import { startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

interface Setup {
  readonly tag: string
  readonly csp: readonly string[]
  readonly first: { readonly receivedAt: number } | null
  readonly refused: { readonly code: string; readonly origin: string | null } | null
}

// The explorer shows these to a site owner, who pastes them.
test('a page with the tag and the policy that the collector gives records, and no line of the policy is too many', async ({
  page,
}) => {
  const collector = await startCollector()
  const setup = await collector.get<Setup>('/v1/setup')
  const csp = setup?.csp ?? []
  let policy = ''
  const headers = {
    get 'Content-Security-Policy'() {
      return policy
    },
  }
  const site = await startSite(() => `<!doctype html><title>Shop</title>${setup?.tag}<h1>Shop</h1>`, headers)
  const first = async () => (await collector.get<Setup>('/v1/setup'))?.first ?? null

  const violations: string[] = []
  page.on('console', message => violations.push(message.text()))
  // With one line less, the browser blocks the script or what it sends.
  for (const missing of csp) {
    policy = ["default-src 'none'", ...csp.filter(line => line !== missing)].join('; ')
    violations.length = 0
    await page.goto(site.url)
    await expect.poll(() => violations.join('\n')).toMatch(/Content Security Policy/)
    expect(await first()).toBeNull()
  }

  policy = ["default-src 'none'", ...csp].join('; ')
  await page.goto(site.url)
  await expect.poll(first).not.toBeNull()
  await site.stop()
  await collector.stop()
})

test('a page whose origin is not one of the site is told of, with what to do', { tag: '@long' }, async ({ page }) => {
  const collector = await startCollector('--origin', 'http://localhost:9')
  const setup = await collector.get<Setup>('/v1/setup')
  const site = await startSite(() => `<!doctype html><title>Shop</title>${setup?.tag}<h1>Shop</h1>`)
  await page.goto(site.url)
  await expect
    .poll(async () => (await collector.get<Setup>('/v1/setup'))?.refused)
    .toMatchObject({ code: 'unknown-origin', origin: site.url })
  await site.stop()
  await collector.stop()
})
