import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { expectAccessible, toExplorer } from './helpers/explorer.js'
import { watch } from './helpers/explorer-test.js'
import { makeEvening, tell } from './helpers/story.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

// The explorer's page of one identity, with the rights of the person.

const hour = 3_600_000

/** An identity with an evening in the shop on each of so many days. */
async function tellEvenings(collector: RunningCollector, days: number): Promise<string> {
  const identityId = makeIdentity()
  for (let day = 0; day < days; day++) {
    const start = Date.now() - 5 * hour - day * 24 * hour
    await tell(collector.url, makeEvening(`${identityId}-${day}`, identityId, start).batches())
  }
  return identityId
}

async function openIdentity(page: Page, collector: RunningCollector, identityId: string): Promise<void> {
  await page.goto(toExplorer(collector.url, 'identities', identityId))
  await expect(page.getByRole('heading', { level: 1, name: identityId })).toBeVisible()
}

test('an identity has its traits, and all its visits and sessions over time', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const identityId = await tellEvenings(shared, 30)
  const { faults } = watch(page, shared.url)
  await openIdentity(page, shared, identityId)
  await expect(page.locator('.session-head')).toContainText('NameAda Lovelace')
  await expect(page.locator('.session-head')).toContainText('LocationLondon')
  await expect(page.locator('.session-head')).toContainText('Sessions30, 17 h 10 min in all')
  await expect(page.getByRole('img', { name: '30 visits and 30 sessions on 30 days.' })).toBeVisible()
  // A session over midnight is in two parts.
  expect(await page.locator('.days-box.is-session').count()).toBeGreaterThanOrEqual(30)
  // In high contrast, too, a session looks unlike a visit without one.
  await page.emulateMedia({ forcedColors: 'active' })
  const keys = await page.locator('.days-key').evaluateAll(all => all.map(one => getComputedStyle(one).backgroundColor))
  expect(new Set([...keys, 'rgb(255, 255, 255)']).size).toBe(3)
  await expect(page.getByRole('link', { name: 'All 30 sessions' })).toBeVisible()
  await page.getByRole('table', { name: 'Sessions of this identity' }).getByRole('link').first().click()
  await expect(page).toHaveURL(toExplorer(shared.url, 'sessions', `session-${identityId}-0`))
  expect(faults).toEqual([])
})

test('an export is a file with everything that is stored of the person', { tag: '@long' }, async ({ page, shared }) => {
  const identityId = await tellEvenings(shared, 1)
  await openIdentity(page, shared, identityId)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe(`sojourn-${identityId}.json`)
  const person = JSON.parse(readFileSync(await file.path(), 'utf8')) as { visits: { events: unknown[] }[] }
  expect(person).toMatchObject({ v: 1, site: 'default', identity: { identityId } })
  expect(person.visits[0]?.events.length).toBeGreaterThan(40)
  await expect(page.getByText('The file is with your downloads.')).toBeVisible()
})

test('a person is erased only after the name was typed, and the page says what was removed', async ({
  page,
  shared,
}) => {
  const identityId = await tellEvenings(shared, 2)
  await openIdentity(page, shared, identityId)
  const open = page.getByRole('button', { name: 'Erase…' })
  const dialog = page.getByRole('dialog', { name: 'Erase this person for ever?' })
  const erase = dialog.getByRole('button', { name: 'Erase for ever' })
  await open.click()
  await expect(erase).toBeDisabled()
  await dialog.getByLabel('Identity').fill(identityId.slice(0, -1))
  await expect(erase).toBeDisabled()
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  await expectAccessible(page)
  // To close the dialog erases nobody.
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  expect(await shared.get(`/v1/identities/${identityId}`)).not.toBeNull()
  await open.click()
  await expect(dialog.getByLabel('Identity')).toHaveValue('')
  await dialog.getByLabel('Identity').fill(identityId)
  await erase.click()
  await expect(page.getByRole('status').filter({ hasText: 'Removed at' })).toContainText(
    /2 sessions, \d+ events and 0 whole visits/,
  )
  await expect(page.getByText('Nothing is stored of this identity.')).toBeVisible()
  expect(await shared.get(`/v1/identities/${identityId}`)).toBeNull()
})

test('without the rights, neither export nor erasure is offered', { tag: '@long' }, async ({ page, shared }) => {
  const identityId = await tellEvenings(shared, 1)
  await page.route('**/v1/token', route =>
    route.fulfill({
      json: { name: 'reader', sites: [{ site: 'default', origins: [] }], rights: ['read'], expires: null },
    }),
  )
  await openIdentity(page, shared, identityId)
  await expect(page.getByRole('button', { name: 'Erase…' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Export' })).toBeDisabled()
  await expect(page.getByText('This token does not have the right erase.')).toBeVisible()
})

test('an erasure that fails says so, and nothing is removed', { tag: '@long' }, async ({ page, shared }) => {
  const identityId = await tellEvenings(shared, 1)
  await page.route(`**/v1/sites/default/identities/${identityId}`, route =>
    route.request().method() === 'DELETE' ? route.abort() : route.continue(),
  )
  await openIdentity(page, shared, identityId)
  await page.getByRole('button', { name: 'Erase…' }).click()
  await page.getByLabel('Identity').fill(identityId)
  await page.getByRole('button', { name: 'Erase for ever' }).click()
  await expect(page.getByRole('dialog')).toContainText('The collector does not answer')
  expect(await shared.get(`/v1/identities/${identityId}`)).not.toBeNull()
})

test('an identity of which nothing is stored is an empty page', { tag: '@long' }, async ({ page, shared }) => {
  await page.goto(toExplorer(shared.url, 'identities', 'nobody'))
  await expect(page.getByText('Nothing is stored of this identity.')).toBeVisible()
  await expect(page.getByText('It has never signed in here, or it was erased.')).toBeVisible()
})

test('axe finds nothing serious on an identity', { tag: '@long' }, async ({ page, shared }) => {
  const identityId = await tellEvenings(shared, 3)
  await openIdentity(page, shared, identityId)
  await expect(page.locator('.days-box').first()).toBeVisible()
  await expectAccessible(page)
})
