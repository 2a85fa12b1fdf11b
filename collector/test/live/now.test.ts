import { describe, expect, it } from 'vitest'
import { nothingDecided } from '../../src/sites/admin.js'
import { addOrigins, addSite } from '../../src/sites/changes.js'
import { createRegistry } from '../../src/sites/registry.js'
import type { CollectorStore } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'
import { stores } from '../helpers/stores.js'

const minute = 60_000
const shop = 'https://shop.example'

/** Makes a collector over a store, with a clock that a test sets. */
function nowWith(store: CollectorStore, clock = { now: noon }) {
  const collector = collectorWith({ store, now: () => clock.now, origins: [shop], readToken: 'reader' })
  const read = async (path: string): Promise<any> =>
    bodyOf(await collector.get(path, { Authorization: 'Bearer reader' }))
  return {
    ...collector,
    clock,
    read,
    now: () => read('/v1/now'),
    sendAs: (origin: string, key: string, batch: object | string = wireBatch([wireEvent('x')])) =>
      collector.send(batch, { key, headers: { Origin: origin } }),
  }
}

const signOut = (timestamp: number) => wireEvent('out', { seq: 9, eventName: 'SignOut', timestamp })

describe.each(stores)('the present of a site, on %s', (name, open) => {
  // Citus does not tell what was new.
  const knowsNew = name !== 'PostgreSQL, distributed'

  it('counts visits that are not over and sessions that have not ended, by the clock of the collector', async () => {
    const { now, send, clock, read } = nowWith(await open())
    expect((await now()).active).toEqual({ visits: 0, sessions: 0, isWhole: true })
    // The clock of this device is two hours behind.
    const late = noon - 2 * 3_600_000
    const device = { startDate: late, sessionID: 's-2', visitID: 'v-2', identityId: 'eve' }
    const events = [wireEvent('b', { timestamp: late, writer: 'w-2' })]
    await send({
      ...wireBatch(events, device, { visitID: 'v-2', startDate: late }),
      sentAt: late,
    })
    await send(wireBatch([wireEvent('a')]))
    expect((await now()).active).toMatchObject({ visits: 2, sessions: 2 })
    await send(wireBatch([signOut(noon + 1000)]))
    expect((await now()).active).toMatchObject({ visits: 2, sessions: 1 })
    clock.now = noon + 30 * minute
    expect((await now()).active).toMatchObject({ visits: 1, sessions: 0 })
    expect((await read('/v1/sessions?open=true')).items).toEqual([])
    clock.now = noon + 30 * minute + 1000
    expect((await now()).active).toMatchObject({ visits: 0, sessions: 0 })
  })

  it('leaves automated browsers out of who is active and of the events of a minute, not out of what is delivered', async () => {
    const { now, send, read } = nowWith(await open())
    const [said, known] = ['v-2', 'v-3']
    await send(wireBatch([wireEvent('a')]))
    const events = [wireEvent('in', { eventName: 'SignIn' }), wireEvent('x', { seq: 2, writer: 'w-2' })]
    await send(wireBatch(events, { visitID: said, sessionID: 's-2' }, { visitID: said, automated: true }))
    const crawler = { visitID: known, userAgent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' }
    await send(wireBatch([wireEvent('y', { writer: 'w-3' })], { visitID: known, sessionID: 's-3' }, crawler))
    const { active, minutes, latest } = await now()
    expect([active.visits, active.sessions, minutes.at(-1).events, latest.length]).toEqual([1, 1, 1, 1])
    expect(minutes.at(-1).stored).toBe(4)
    expect((await read('/v1/sessions?open=true')).items).toHaveLength(active.sessions)
  })

  it('does not count somebody whose only claim to be there is a time ahead of its receipt', async () => {
    const { now, send, clock } = nowWith(await open())
    const far = noon + 1e12
    const ahead = wireBatch([wireEvent('a'), wireEvent('b', { seq: 2, timestamp: far })])
    await send(ahead)
    expect((await now()).active).toMatchObject({ visits: 1, sessions: 1 })
    clock.now = noon + 29 * minute
    expect((await now()).active).toMatchObject({ visits: 1, sessions: 1 })
    // Something is received of it still, but it has no activity that is plausible.
    await send(wireBatch([wireEvent('c', { seq: 3, timestamp: far })]))
    clock.now = noon + 31 * minute
    expect((await now()).active).toMatchObject({ visits: 0, sessions: 0 })
  })

  it('tells the latest events, the newest first, with who did it, and leaves automated browsers out', async () => {
    const { now, send, clock } = nowWith(await open())
    const page = { pageID: 'p', url: `${shop}/lamps`, startDate: noon }
    await send(wireBatch([wireEvent('a', { pageID: 'p' })], { pages: [page] }))
    clock.now += 1000
    const outside = [wireEvent('b', { writer: 'w-2' })]
    await send({ ...wireBatch([]), sessions: [], visits: [{ visitID: 'v-2', startDate: noon, events: outside }] })
    clock.now += 1000
    const robot = { visitID: 'v-3', sessionID: 's-3' }
    await send(wireBatch([wireEvent('robot', { writer: 'w-3' })], robot, { visitID: 'v-3', automated: true }))
    const { latest } = await now()
    expect(latest).toEqual([
      {
        kind: 'event',
        eventID: 'b',
        eventName: 'Search',
        url: '',
        timestamp: noon,
        visitID: 'v-2',
        sessionID: null,
        identityId: null,
      },
      {
        kind: 'event',
        eventID: 'a',
        eventName: 'Search',
        url: `${shop}/lamps`,
        timestamp: noon,
        visitID: 'visit-1',
        sessionID: 'session-1',
        identityId: 'user-42',
      },
    ])
    const more = Array.from({ length: 100 }, (_, n) => wireEvent(`r-${n}`, { writer: 'w-3', seq: n + 2 }))
    await send(wireBatch(more, robot, { visitID: 'v-3', automated: true }))
    expect((await now()).latest).toEqual(latest)
    const many = Array.from({ length: 30 }, (_, n) => wireEvent(`m-${n}`, { seq: n + 2 }))
    await send(wireBatch(many))
    expect((await now()).latest).toHaveLength(20)
  })

  it('tells whole ids that the store keeps as a hash', async () => {
    const { now, send } = nowWith(await open())
    const long = { visitID: 'v'.repeat(200), sessionID: 's'.repeat(200), identityId: 'i'.repeat(300) }
    await send(wireBatch([wireEvent('a')], long, { visitID: long.visitID }))
    expect((await now()).latest).toMatchObject([long])
    expect((await now()).active).toMatchObject({ visits: 1, sessions: 1 })
  })

  it.skipIf(!knowsNew)(
    'counts what came in each minute of the last hour: new, repeated, refused and late',
    async () => {
      const { now, send, clock } = nowWith(await open())
      const batch = wireBatch([
        wireEvent('in', { eventName: 'SignIn' }),
        wireEvent('a', { seq: 2, timestamp: noon - 2 * minute }),
        wireEvent('b', { seq: 3, timestamp: noon - 100 }),
        { eventID: 'bad', timestamp: noon, writer: 'w', seq: 4 },
      ])
      await send(batch)
      const first = await now()
      expect(first.minutes).toHaveLength(60)
      expect(first.minutes.map((one: any) => one.at)).toEqual(
        Array.from({ length: 60 }, (_, n) => noon - (59 - n) * minute),
      )
      expect(first.minutes.at(-1)).toEqual({ at: noon, events: 2, stored: 3, replays: 0, refused: 1, late: 1 })
      expect(first.minutes.slice(0, -1).every((one: any) => one.stored + one.refused === 0)).toBe(true)
      expect(first.delay).toEqual({ p50Ms: expect.closeTo(100, -2), p95Ms: expect.any(Number) })
      expect(first.delay.p95Ms).toBeGreaterThanOrEqual(2 * minute)
      expect(first.delay.p95Ms).toBeLessThan(2 * minute * 1.25)

      clock.now = noon + minute
      await send(batch)
      const second = await now()
      expect(second.minutes.at(-1)).toEqual({ at: clock.now, events: 0, stored: 0, replays: 3, refused: 1, late: 0 })
      expect(second.minutes.at(-2)).toEqual(first.minutes.at(-1))
      // A repeated record says nothing of how long the first one took.
      expect(second.delay).toEqual(first.delay)
      expect(second.refused).toEqual([{ code: 'name-invalid', count: 2, lastAt: clock.now, origin: null }])
      clock.now = noon + 61 * minute
      expect(await now()).toMatchObject({ refused: [], delay: { p50Ms: null, p95Ms: null } })
    },
  )

  it('takes the clock error of a browser out of the delay', async () => {
    const { now, send } = nowWith(await open())
    const behind = noon - 86_400_000
    await send({ ...wireBatch([wireEvent('a', { timestamp: behind - 400 })]), sentAt: behind })
    const { delay, minutes } = await now()
    expect([delay.p50Ms >= 400 && delay.p50Ms <= 500, minutes.at(-1).late]).toEqual([true, 0])
  })

  it('counts requests that were refused, with the origin of the last page', async () => {
    const { now, sendAs, clock } = nowWith(await open())
    await sendAs('https://a.example', 'demo')
    clock.now++
    await sendAs('https://b.example', 'demo')
    await sendAs(shop, 'wrong')
    await sendAs(shop, 'demo', '{')
    const { refused, minutes } = await now()
    expect(refused).toEqual([
      { code: 'unknown-origin', count: 2, lastAt: noon + 1, origin: 'https://b.example' },
      { code: 'malformed', count: 1, lastAt: noon + 1, origin: shop },
      { code: 'wrong-key', count: 1, lastAt: noon + 1, origin: shop },
    ])
    expect(minutes.at(-1).refused).toBe(4)
  })

  it('keeps sites apart, and tells of a wrong key only to the site of its page', async () => {
    const store = await open()
    const registry = createRegistry({ keys: [], origins: [], readToken: 'reader', isLoopback: true, now: () => noon })
    const some = addSite(addSite(nothingDecided, 'shop', 'of-shop', noon), 'blog', 'of-blog', noon)
    registry.use(addOrigins(addOrigins(some, 'shop', [shop], noon), 'blog', ['https://blog.example'], noon))
    const { send, get } = collectorWith({ store, sites: registry })
    const json = async (path: string) => bodyOf(await get(path, { Authorization: 'Bearer reader' }))
    await send(wireBatch([wireEvent('a')]), { key: 'of-shop' })
    await send('{}', { key: 'nobodys', headers: { Origin: shop } })
    const [ofShop, ofBlog] = [await json('/v1/sites/shop/now'), await json('/v1/sites/blog/now')]
    expect([ofShop.active.visits, ofShop.latest.length, ofShop.minutes.at(-1).stored]).toEqual([1, 1, 1])
    expect(ofShop.refused).toMatchObject([{ code: 'wrong-key', count: 1 }])
    expect([ofBlog.active.visits, ofBlog.latest, ofBlog.minutes.at(-1).stored, ofBlog.refused]).toEqual([0, [], 0, []])
  })

  it('adds what another collector of the database has counted', async () => {
    const store = await open()
    const clock = { now: noon }
    const [one, other] = [nowWith(store, clock), nowWith(store, clock)]
    await one.send(wireBatch([wireEvent('a')]))
    await other.send(wireBatch([wireEvent('a'), wireEvent('b', { seq: 2 })]))
    await other.sendAs('https://a.example', 'demo')
    await other.app.stop()
    const present = await one.now()
    expect(present.minutes.at(-1)).toMatchObject(
      knowsNew ? { stored: 2, events: 2, replays: 1, refused: 1 } : { stored: 3, events: 3, replays: 0, refused: 1 },
    )
    expect(present.refused).toMatchObject([{ code: 'unknown-origin', origin: 'https://a.example' }])
    const setup = await one.read('/v1/setup')
    expect(setup.refused).toMatchObject({ code: 'unknown-origin', origin: 'https://a.example', at: noon })
  })

  it('tells how many collectors use the database, and never fewer than one', async () => {
    const store = await open()
    const clock = { now: noon }
    const one = nowWith(store, clock)
    expect((await one.now()).collectors).toBe(1)
    for (const place of ['a:1', 'b:1']) await store.running.stay({ place, start: place, until: noon + minute })
    expect((await one.now()).collectors).toBe(2)
    clock.now += minute
    expect((await one.now()).collectors).toBe(1)
  })
})
