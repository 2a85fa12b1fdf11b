import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { readSignIn } from '../src/sign-in.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { waitFor } from './helpers/wait.js'

const pages: Tracker[] = []

function openPage(browser: FakeBrowser, options?: Parameters<FakeBrowser['open']>[0]): Tracker {
  const tracker = browser.open(options)
  pages.push(tracker)
  return tracker
}

afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.unstubAllGlobals()
})

describe('what signIn was called with', () => {
  function read(identity: unknown, info?: unknown) {
    const troubles: unknown[] = []
    return { read: readSignIn(identity, info, (code, cause) => troubles.push([code, cause])), troubles }
  }

  it('is the identity, the proof, and data without the proof', () => {
    expect(read(42, { name: 'Ada', proof: 'a.b' })).toEqual({
      read: [{ verb: 'signIn', identityId: '42', proof: 'a.b' }, { name: 'Ada' }],
      troubles: [],
    })
    expect(read('ada', { proof: 'a.b' }).read?.[1]).toBeUndefined()
  })

  it.each([undefined, { name: 'Ada' }, {}, 'text', [1], { name: 'Ada', proof: null }])(
    'is as it was without a proof: %j',
    info => {
      const { read: found, troubles } = read('ada', info)
      expect(found?.[0]).toEqual({ verb: 'signIn', identityId: 'ada', proof: undefined })
      expect(found?.[1]).toBe(info)
      expect(troubles).toEqual([])
    },
  )

  it.each([5, '', 'a b', 'a"b', 'x'.repeat(2049), {}, true])(
    'has no proof where it is %j, and says so without its text',
    proof => {
      expect(read('ada', { name: 'Ada', proof })).toEqual({
        read: [{ verb: 'signIn', identityId: 'ada', proof: undefined }, { name: 'Ada' }],
        troubles: [['proof-invalid', typeof proof]],
      })
    },
  )

  it.each(['', '.', '..'])('is nothing where the identity is %j, and says so', identity => {
    expect(read(identity, { proof: 'a.b' })).toEqual({ read: null, troubles: [['identity-invalid', identity]] })
  })
})

describe('the proof', () => {
  const sessionsOf = ({ collector }: FakeBrowser): { proof?: string; events: object[] }[] =>
    collector.batches.flatMap(text => JSON.parse(text).sessions)

  it('is in each batch beside the identity, in every tab and page, and nowhere else', async () => {
    const browser = browserWith()
    const seen: object[] = []
    const page = openPage(browser, { beforeRecord: event => (seen.push(event), event) })
    page.signIn('anna', { name: 'Anna', proof: 'pr.oo_f' })
    await page.flush()
    page.track('Search')
    await page.flush()
    const next = openPage(browser)
    next.track('Buy')
    await next.flush()
    const sessions = sessionsOf(browser)
    expect(sessions.map(({ proof }) => proof)).toEqual(['pr.oo_f', 'pr.oo_f', 'pr.oo_f'])
    expect(JSON.stringify(sessions.map(({ events }) => events))).not.toContain('pr.oo_f')
    const id = (await next.session())?.sessionID as string
    const visit = (await next.session())?.visitID as string
    const shown = [
      await next.session(),
      await next.events(id),
      await next.pages(id),
      await next.sessions(visit),
      await next.visits('anna'),
      next.status(),
      seen,
    ]
    expect(shown[0]).toMatchObject({ identityId: 'anna' })
    expect(JSON.stringify(shown)).not.toContain('pr.oo_f')
  })

  it('that is newer goes with what was recorded before it, and makes no record', async () => {
    const browser = browserWith()
    const page = openPage(browser, { flushEveryMs: 60_000 })
    page.signIn('anna', { proof: 'old' })
    page.track('Search')
    await Promise.resolve()
    page.signIn('anna', { proof: 'new' })
    await page.flush()
    expect(sessionsOf(browser).map(({ proof }) => proof)).toEqual(['new'])
    expect(browser.collector.countOf('UserInfo')).toBe(0)
  })

  it('that is wrong is reported, and the sign-in goes on without it', async () => {
    const browser = browserWith()
    const page = openPage(browser)
    page.signIn('anna', { proof: 'not a token' })
    await page.flush()
    expect(browser.errors).toEqual(['proof-invalid: string'])
    expect(sessionsOf(browser)).toMatchObject([{ identityId: 'anna' }])
    expect(sessionsOf(browser)[0]).not.toHaveProperty('proof')
  })

  it('outlives a page that dies before its database is open', async () => {
    const browser = browserWith()
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = () => new IDBOpenDBRequest()
    const first = openPage(browser)
    first.signIn('anna', { proof: 'pr.oo_f' })
    browser.leave()
    pages.splice(0)
    indexedDB.open = open
    openPage(browser).track('Buy')
    await waitFor(() => expect(sessionsOf(browser).map(({ proof }) => proof)).toContain('pr.oo_f'))
    first.stop()
  })
})
