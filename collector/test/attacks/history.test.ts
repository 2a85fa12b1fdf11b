import { describe, expect, it } from 'vitest'
import { type AdminState, nothingDecided } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon, sqliteStore } from '../helpers/collector.js'

// A stranger has the public write key, and may have heard an id. Nothing that was stored changes.

const year287000 = 8.99e15
const stores = [
  ['memory', async () => createMemoryStore()],
  ['SQLite', async () => sqliteStore()],
] as const

const sites: AdminState = {
  ...nothingDecided,
  sites: ['shop', 'blog'].map(name => ({ name, createdAt: 0, endsAt: null, keepMs: null, quota: null })),
  keys: ['shop', 'blog'].map(site => ({ key: `of-${site}`, site, createdAt: 0, endsAt: null })),
}

/** A victim: a signed-in person with a name, a page and an event. */
const event = { url: '/basket', data: { total: 5 }, pageID: 'page-1' }
const page = { pageID: 'page-1', url: '/basket', title: 'Basket', startDate: noon }
const victim = wireBatch(
  [
    wireEvent('sign-in', { eventName: 'SignIn', data: { name: 'Anna', location: 'Berlin' }, pageID: 'page-1' }),
    wireEvent('buy', { ...event, eventName: 'Buy', timestamp: noon + 5, seq: 2 }),
  ],
  { pages: [page] },
  { userAgent: 'a browser', written: { 'writer-1': 2 } },
)

for (const [name, openStore] of stores)
  describe(`a stranger who has the write key, on ${name}`, () => {
    /** Makes a collector that has taken the victim's records, and whose clock can be set. */
    async function attackedWith(more: object = {}) {
      let now = noon
      const collector = collectorWith({ store: await openStore(), now: () => now, ...more })
      await collector.send(victim)
      // What is received in the same millisecond has no first.
      now += 1000
      const { send, json } = collector
      /** Everything that is known of the victim. */
      const readAll = async () => ({
        identity: await json('/v1/identities/user-42'),
        session: await json('/v1/sessions/session-1'),
        visit: await json('/v1/visits/visit-1'),
        event: (await json('/v1/sessions/session-1/events?eventName=Buy')).items,
        page: (await json('/v1/sessions/session-1/pages')).items,
      })
      const attack = async (batch: object) => {
        expect((await send(batch)).status).toBe(200)
      }
      return { ...collector, readAll, attack, setNow: (time: number) => (now = time) }
    }

    it('cannot give an identity a name for ever with a UserInfo of the year 287,000', async () => {
      const { attack, json, setNow } = await attackedWith()
      const namesOf = async () => {
        const { name: told, location } = await json('/v1/identities/user-42')
        return [told, location]
      }
      const forged = { eventName: 'UserInfo', timestamp: year287000, data: { name: 'Mallory', location: 'Nowhere' } }
      await attack(wireBatch([wireEvent('forged-1', forged)], { sessionID: 'forged' }))
      expect(await namesOf()).toEqual(['Anna', 'Berlin'])
      // With a clock to it, it counts as told when it was received, as a new name of anybody would.
      await attack({ ...wireBatch([wireEvent('forged-2', forged)], { sessionID: 'forged' }), sentAt: year287000 })
      const told = { eventName: 'UserInfo', timestamp: noon + 5000, data: { name: 'Anna B.', location: 'Bonn' } }
      setNow(noon + 6000)
      await attack({ ...wireBatch([wireEvent('next', told)]), sentAt: noon + 6000 })
      expect(await namesOf()).toEqual(['Anna B.', 'Bonn'])
    })

    it('cannot replace an event, a session, a page or a visit with a copy of its id', async () => {
      const { attack, readAll } = await attackedWith()
      const before = await readAll()
      const forged = { ...page, url: '/zzz', title: 'zzz', referrer: '/zzz', sessionID: null, startDate: 1 }
      await attack(
        wireBatch(
          [
            wireEvent('buy', {
              eventName: 'zzz',
              timestamp: noon + 9,
              url: '/zzz',
              data: { total: 99 },
              writer: 'zzz',
            }),
          ],
          { identityId: 'zzz', startDate: 1, pages: [forged] },
          { globalVisitID: 'zzz', startDate: 1, userAgent: 'zzz', languageCode: 'zz', idleLimitMs: 1 },
        ),
      )
      const { event: events, page: pages, session, visit } = await readAll()
      expect([events, pages]).toEqual([before.event, before.page])
      expect(session).toMatchObject({ identityId: 'user-42', startDate: noon })
      expect(visit).toMatchObject({ startDate: noon, userAgent: 'a browser', idleLimitMs: null })
    })

    it('cannot hide a session or a page behind one with its id in a greater visit', async () => {
      const { attack, readAll } = await attackedWith()
      const before = await readAll()
      const visitID = 'zzz'
      await attack(wireBatch([wireEvent('x')], { visitID, identityId: 'zzz', pages: [page] }, { visitID }))
      expect(await readAll()).toEqual(before)
    })

    it('cannot end a session or move the last activity ahead of the receipt, as a device of 2099 cannot', async () => {
      const { attack, readAll } = await attackedWith()
      const before = await readAll()
      const at2099 = Date.UTC(2099, 0)
      const ends = ['SignOut', 'SessionEnded', 'PageExited'].map((eventName, seq) =>
        wireEvent(`end-${seq}`, { eventName, timestamp: at2099, seq, pageID: 'page-1' }),
      )
      await attack(wireBatch(ends, { endDate: at2099 }))
      expect(await readAll()).toEqual(before)
    })

    it('cannot move the clock of a visit with a forged sentAt', async () => {
      const { attack, json } = await attackedWith()
      for (const sentAt of [0, noon - 2 ** 40, year287000])
        await attack({ ...wireBatch([wireEvent(`x-${sentAt}`, { timestamp: 1 })]), sentAt })
      expect(await json('/v1/visits/visit-1')).toMatchObject({ skew: 0, endDate: 0 })
      expect(await json('/v1/sessions/session-1')).toMatchObject({ endDate: 0 })
    })

    it('cannot keep a visit open, or close it, with another idle limit', async () => {
      const { attack, json, setNow } = await attackedWith()
      await attack(wireBatch([], {}, { idleLimitMs: 1 }))
      expect(await json('/v1/visits/visit-1')).toMatchObject({ endDate: 0 })
      await attack(wireBatch([], {}, { idleLimitMs: 2 ** 53 - 1 }))
      setNow(noon + 40 * 60_000)
      expect(await json('/v1/visits/visit-1')).toMatchObject({ endDate: noon + 5 })
    })

    it('who knows the id of a page can correct its title, but not with a time ahead of the receipt', async () => {
      const { attack, json, setNow } = await attackedWith()
      const titleOf = async () => (await json('/v1/sessions/session-1/pages')).items[0].title
      await attack(wireBatch([], { pages: [{ ...page, title: 'for ever', viewedAt: year287000 }] }))
      expect(await titleOf()).toBe('Basket')
      await attack(wireBatch([], { pages: [{ ...page, title: 'corrected', viewedAt: noon + 1 }] }))
      expect(await titleOf()).toBe('corrected')
      await attack(wireBatch([], { pages: [{ ...page, title: 'corrected by its own page', viewedAt: noon + 2 }] }))
      expect(await titleOf()).toBe('corrected by its own page')
      // With a forged clock, the time is plausible, and so is that of the next true correction.
      const forged = wireBatch([], { pages: [{ ...page, title: 'forged', viewedAt: year287000 }] })
      setNow(noon + 10)
      await attack({ ...forged, sentAt: year287000 })
      expect(await titleOf()).toBe('forged')
      setNow(noon + 20)
      await attack(wireBatch([], { pages: [{ ...page, title: 'corrected again', viewedAt: noon + 20 }] }))
      expect(await titleOf()).toBe('corrected again')
    })

    it('can forge counts, and changes nothing that is read by it', async () => {
      const { attack, readAll } = await attackedWith()
      const before = await readAll()
      const counts = { 'writer-1': 2 ** 53 - 1, zzz: 5, ['__proto__']: 1 }
      await attack(wireBatch([], {}, { written: counts, dropped: counts }))
      expect(await readAll()).toEqual(before)
    })

    it('of another site changes nothing, and sees nothing', async () => {
      const registry = createRegistry({
        keys: [],
        origins: [],
        readToken: null,
        isLoopback: true,
        now: () => noon,
      })
      registry.use(sites)
      const { send, get, json } = await attackedWith({ sites: registry })
      await send(victim, { key: 'of-shop' })
      const paths = ['sessions/session-1', 'visits/visit-1', 'identities/user-42', 'sessions/session-1/events']
      const readShop = () => Promise.all(paths.map(path => json(`/v1/sites/shop/${path}`)))
      const before = await readShop()
      for (const path of paths) expect((await get(`/v1/sites/blog/${path}`)).status).toBe(404)
      const forged = wireBatch([wireEvent('buy', { eventName: 'zzz' })], { endDate: noon + 9 })
      expect(await bodyOf(await send(forged, { key: 'of-blog' }))).toMatchObject({ stored: ['buy'] })
      expect(await readShop()).toEqual(before)
    })
  })
