import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { inOrder } from '../src/record/event.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { contentOf } from './helpers/database.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

const pages: Tracker[] = []

function openPage(browser: FakeBrowser): Tracker {
  const tracker = browser.open({ debug: false })
  pages.push(tracker)
  return tracker
}

afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.unstubAllGlobals()
})

/** All that lies on the device, as text. */
async function onDevice(browser: FakeBrowser): Promise<string> {
  const stores = await Promise.all((['parcels', 'settled', 'state'] as const).map(contentOf))
  return JSON.stringify([stores.map(store => [...store]), itemsOf(browser.storage)])
}

function expectBalance(page: Tracker): void {
  const { made, stored, owed, dropped } = page.status()
  expect(stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(made)
}

describe('a session that the collector answers as gone', () => {
  /** Two tabs with a session that the collector has stored, and then erases. */
  async function erasedWith() {
    const browser = browserWith()
    const [page, other] = [openPage(browser), openPage(browser)]
    page.page({ url: 'https://shop.example/lamps' })
    page.signIn('anna', { name: 'Anna', proof: 'pr.oo_f' })
    await page.flush()
    await waitFor(() => expect(other.status().identityId).toBe('anna'))
    const sessionID = page.status().sessionID as string
    browser.collector.facts.clear()
    browser.collector.isGone = ({ session }) => !!session && session.sessionID === sessionID
    return { browser, page, other, sessionID }
  }

  it('ends in every tab, is reported once, and leaves nothing that names the person', async () => {
    const { browser, page, other, sessionID } = await erasedWith()
    page.track('Search')
    other.track('There')
    await page.flush()
    await waitFor(() => expect(other.status()).toMatchObject({ identityId: null, sessionID: null }))
    await Promise.all([page.flush(), other.flush()])
    expect(page.status()).toMatchObject({ identityId: null, sessionID: null, errors: { 'session-erased': 1 } })
    expect(browser.errors.filter(error => error.startsWith('session-erased'))).toHaveLength(1)
    expect(await page.session(sessionID)).toBeUndefined()
    await waitFor(async () => expect(await onDevice(browser)).not.toMatch(/anna|Anna|pr\.oo_f/))
    for (const one of [page, other]) expectBalance(one)
  })

  it('is not sent again: what comes later is of nobody, and is stored', async () => {
    const { browser, page, other, sessionID } = await erasedWith()
    page.track('Search')
    await page.flush()
    await waitFor(() => expect(other.status().identityId).toBeNull())
    await page.flush()
    const before = browser.collector.batches.length
    page.track('Later')
    other.track('There')
    await Promise.all([page.flush(), other.flush()])
    const sent = browser.collector.batches.slice(before).join()
    expect(sent).not.toMatch(new RegExp(`anna|${sessionID}`))
    const events = [...browser.collector.facts.values()].map(({ event }) => event).sort(inOrder)
    expect(events.map(({ eventName }) => eventName)).toEqual(expect.arrayContaining(['PageEntered', 'Later', 'There']))
    expect(events.map(one => one.sessionID)).toEqual(events.map(() => null))
    for (const one of [page, other]) expectBalance(one)
  })

  it('is not taken up by a later page, and a later sign-in opens a new one', async () => {
    const { browser, page, sessionID } = await erasedWith()
    page.track('Search')
    await page.flush()
    const next = openPage(browser)
    next.track('Buy')
    await next.flush()
    expect(next.status().identityId).toBeNull()
    next.signIn('anna')
    await next.flush()
    const session = await next.session()
    expect(session).toMatchObject({ identityId: 'anna' })
    expect(session?.sessionID).not.toBe(sessionID)
    expect(browser.collector.countOf('SignIn')).toBe(1)
  })

  it('ends also where the person was away and nothing of it is open any more', async () => {
    const { browser, page, sessionID } = await erasedWith()
    browser.collector.isDown = true
    page.track('Search')
    page.signOut()
    await page.flush()
    browser.collector.isDown = false
    await page.flush()
    expect(page.status()).toMatchObject({ owed: 0, dropped: { gone: 2 }, errors: { 'record-dropped': 1 } })
    expect(page.status().errors).not.toHaveProperty('session-erased')
    expect(browser.collector.batches.at(-1)).toContain(sessionID)
  })
})
