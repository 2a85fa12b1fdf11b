import * as fc from 'fast-check'
import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import type { Cursor, Range } from '../../src/store/store.js'
import { anyArrivals, arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { allReads, lists } from '../helpers/reads.js'
import type { Implementation } from './implementation.js'

/**
 * The part of the contract of `CollectorStore` that is about reading.
 *
 * @param runs how often each property is checked.
 */
export function readContract(name: string, open: () => Promise<Implementation>, runs: number): void {
  describe(`${name} as a store that is read`, () => {
    it('lists events by time, then by writer and seq', async () => {
      const { store } = await open()
      const said = [
        ['c', noon, 'w1', 2],
        ['a', noon, 'w1', 3],
        ['z', noon, 'w1', 1],
        ['b', noon, 'w0', 9],
        ['y', noon - 1, 'w9', 1],
      ] as const
      const events = said.map(([id, timestamp, writer, seq]) => wireEvent(id, { timestamp, writer, seq }))
      await store.merge([arrive(wireBatch(events))])
      const ids = async (range: object) =>
        (await store.of('default').events({ visitID: 'visit-1', sessionID: 'session-1' }, range))
          .map(({ eventID }) => eventID)
          .join('')
      expect(await ids({})).toBe('ybzca')
      expect(await ids({ limit: 2 })).toBe('yb')
      expect(await ids({ after: [noon, 'w0', 9, 'b', 'visit-1'], limit: 2 })).toBe('zc')
      expect(await ids({ since: noon, after: [noon, 'w1', 2, 'c', 'visit-1'] })).toBe('a')
    })

    it('reads the same as the memory store, which scans everything', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals]) => {
          const { store } = await open()
          const plain = createMemoryStore()
          for (const one of [store, plain]) await one.merge(arrivals)
          for (const read of allReads) expect(await read(store)).toEqual(await read(plain))
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('pages through every list without gaps or repetitions', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals]) => {
          const { store } = await open()
          await store.merge(arrivals)
          for (const [order, read] of lists) {
            const whole = await read(store, {})
            // Identities with the same first session have equal cursors, because a cursor contains no personal data.
            if (new Set(whole.map(one => JSON.stringify(toKey(order, one)))).size < whole.length) continue
            const paged = await pageThrough(order, range => read(store, range))
            expect(paged).toEqual(whole)
          }
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('lists all sessions of a visit, a few at a time, whatever their ids are', async () => {
      const { store } = await open()
      const ids = ['b', 'ä', 'a', '\u{1f6d2}', 'long'.repeat(60), 'other'.repeat(50), 'c', 'B', '\ufffd'].sort()
      const sessions = ['visit-1', 'visit-0', 'visit-2'].flatMap(visitID =>
        ids.map((sessionID, n) => ({
          visitID,
          sessionID,
          identityId: 'anna',
          startDate: noon - n,
          pages: [],
          events: [],
        })),
      )
      await store.merge([arrive({ v: 1, visits: [], sessions })])
      const found: string[] = []
      for (let after: string | null = null; ; ) {
        const some = await store.of('default').sessionsOfVisit('visit-1', after, 2)
        for (const { visitID, sessionID } of some) found.push(`${visitID} ${sessionID}`)
        const last = some.at(-1)
        if (!last) break
        after = last.sessionID
        // Of another visit with the same ids, nothing is listed.
        expect(found.length).toBeLessThanOrEqual(ids.length)
      }
      expect(found.sort()).toEqual(ids.map(id => `visit-1 ${id}`).sort())
    })

    it('identifies a record by visit and id, and finds sessions and pages by their id alone', async () => {
      const { store } = await open()
      const page = { pageID: 'page-1', url: 'https://shop.example/' }
      const event = wireEvent('a', { pageID: 'page-1' })
      const other = { visitID: 'visit-2', globalVisitID: 'browser-1', startDate: noon, pages: [page], events: [event] }
      const batch = wireBatch([event], { pages: [page] })
      await store.merge([arrive({ ...batch, visits: [...batch.visits, other] })])
      // Another visit claims the ids later, and is greater.
      const thief = { visitID: 'visit-9', startDate: noon, pages: [page], events: [] }
      const session = { ...batch.sessions[0], visitID: 'visit-0', pages: [page] }
      await store.merge([arrive({ ...batch, visits: [thief], sessions: [session] }, noon + 1)])
      for (const visitID of ['visit-1', 'visit-2'])
        expect(await store.of('default').events({ visitID })).toHaveLength(1)
      expect(await store.of('default').session('session-1')).toMatchObject({ visitID: 'visit-1' })
      expect(await store.of('default').page('page-1')).toMatchObject({ visitID: 'visit-1' })
    })

    it('lists as pages of a session those that were entered in it, and those on which something of it happened', async () => {
      const { store } = await open()
      const page = (n: number, sessionID: string | null) => {
        return { pageID: `page-${n}`, sessionID, url: `/${n}`, title: n % 2 ? 'odd' : 'even', startDate: noon + n }
      }
      const [first, second] = ['session-1', 'session-2']
      const pages = [page(1, null), page(2, first), page(3, first), page(4, second), page(5, null)]
      const on = (n: number) => wireEvent(`event ${n} ${Math.random()}`, { pageID: `page-${n}` })
      const batch = wireBatch([on(1), on(1), on(2)], { pages })
      // The first page was open while the first identity signed in, and the third while the second did.
      const other = { ...batch.sessions[0], sessionID: second, identityId: 'jo', events: [on(3), on(4)], pages: [] }
      batch.sessions.push(other)
      // Nothing of a session happened on the fifth. Another visit claims the ids of the first and its session.
      batch.visits.push({ visitID: 'visit-0', startDate: noon, pages: [page(1, null), page(5, null)], events: [] })
      batch.sessions.push({ ...other, visitID: 'visit-0', sessionID: first, events: [on(5)], pages: [] })
      for (const one of [batch, batch]) await store.merge([arrive(one)])
      const of = async (filter: object, range = {}) =>
        (await store.of('default').pages(filter as never, range)).map(
          ({ pageID, visitID }) => `${visitID.at(-1)} ${pageID.at(-1)}`,
        )
      const [inFirst, inSecond] = [first, second].map(sessionID => ({ visitID: 'visit-1', sessionID }))
      expect(await of(inFirst as object)).toEqual(['1 1', '1 2', '1 3'])
      expect(await of(inSecond as object)).toEqual(['1 3', '1 4'])
      expect(await of({ visitID: 'visit-0', sessionID: first })).toEqual(['0 5'])
      expect(await of({ identityId: 'user-42' })).toEqual(['1 1', '1 2', '1 3'])
      expect(await of({ identityId: 'jo' })).toEqual(['1 3', '1 4', '0 5'])
      for (const whole of [inFirst, { identityId: 'user-42' }] as object[]) {
        expect(await of({ ...whole, title: 'odd' })).toEqual(['1 1', '1 3'])
        expect(await of({ ...whole, url: '/2' })).toEqual(['1 2'])
        expect(await of(whole, { limit: 1 })).toEqual(['1 1'])
        expect(await of(whole, { limit: 1, after: [noon + 1, 'page-1', 'visit-1'] })).toEqual(['1 2'])
        expect(await of(whole, { since: noon + 2 })).toEqual(['1 2', '1 3'])
      }
      // A page belongs to the session in which it was entered, whoever is signed in later.
      expect(await store.of('default').page('page-3')).toMatchObject({ sessionID: first, identityId: 'user-42' })
    })

    it('keeps the first sign-in of an identity, and its latest name, location and user agent', async () => {
      const { store } = await open()
      const told = (id: string, after: number, data: object) =>
        wireEvent(id, { eventName: 'UserInfo', timestamp: noon + after, data })
      const first = wireBatch([told('a', 5, { name: 'Anna', location: 'Oslo' }), told('b', 9, { name: 'Anna B.' })])
      const later = wireBatch(
        [told('c', 7, { location: 'Bergen' })],
        { sessionID: 'session-2', visitID: 'visit-2', startDate: noon + 4 },
        { visitID: 'visit-2', userAgent: 'a new browser' },
      )
      for (const batch of [later, first]) await store.merge([arrive(batch)])
      const expected = { startDate: noon, sessionID: 'session-1', name: 'Anna B.', location: 'Bergen' }
      expect(await store.of('default').identity('user-42')).toMatchObject({ ...expected, userAgent: 'a new browser' })
      expect(await store.of('default').identities({ location: 'Oslo' })).toEqual([])
      expect(await store.of('default').identities({ location: 'Bergen', userAgent: 'a new browser' })).toHaveLength(1)
    })

    it('knows of an identity what a sign-in tells, also the next time it signs in', async () => {
      const { store } = await open()
      const signIn = (id: string, after: number, data: object) =>
        wireEvent(id, { eventName: 'SignIn', timestamp: noon + after, data })
      const again = { sessionID: 'session-2', startDate: noon + 9 }
      await store.merge([arrive(wireBatch([signIn('b', 9, { location: 'Bergen' })], again))])
      await store.merge([arrive(wireBatch([signIn('a', 0, { name: 'Anna', location: 'Oslo' })]))])
      expect(await store.of('default').identity('user-42')).toMatchObject({ name: 'Anna', location: 'Bergen' })
      expect(await store.of('default').identities({ location: 'Bergen' })).toHaveLength(1)
    })

    it('tells whether an identity has an open session that is not idle, by the clock of the collector', async () => {
      const { store } = await open()
      await store.merge([arrive(wireBatch([wireEvent('a', { timestamp: noon + 9 })]))])
      expect(await store.of('default').isSignedIn('user-42', noon + 8 + limits.idleLimitMs)).toBe(true)
      expect(await store.of('default').isSignedIn('user-42', noon + 9 + limits.idleLimitMs)).toBe(false)
      expect(await store.of('default').isSignedIn('nobody', 0)).toBe(false)
      // The clock of another browser is 40 minutes slow, and its idle limit is 10 s.
      const slow = wireBatch(
        [],
        { identityId: 'jo', sessionID: 'session-2', visitID: 'visit-2' },
        { visitID: 'visit-2' },
      )
      const visits = slow.visits.map((visit: object) => ({ ...visit, idleLimitMs: 10_000 }))
      await store.merge([arrive({ ...slow, visits }, noon + 2_400_000)])
      expect(await store.of('default').isSignedIn('jo', noon + 2_409_999)).toBe(true)
      expect(await store.of('default').isSignedIn('jo', noon + 2_410_000)).toBe(false)
      await store.merge([arrive(wireBatch([wireEvent('b', { eventName: 'SignOut', timestamp: noon + 10 })]))])
      expect(await store.of('default').isSignedIn('user-42', 0)).toBe(false)
    })

    it('stores ids, identities and texts of the greatest length in three-byte characters', async () => {
      const { store } = await open()
      const wide = (length: number, letter = '語') => letter.repeat(length)
      const id = wide(limits.maxIdLength)
      const identityId = wide(limits.maxIdentityLength)
      const event = wireEvent(id, {
        eventName: 'UserInfo',
        writer: id,
        pageID: id,
        data: { name: wide(9000), location: wide(9000) },
      })
      const page = { pageID: id, url: wide(limits.maxTextLength), title: wide(limits.maxTextLength) }
      const batch = wireBatch(
        [event, { ...event, eventID: wide(limits.maxIdLength + 1) }],
        { sessionID: id, identityId, visitID: id, pages: [page] },
        { visitID: id, globalVisitID: id, userAgent: wide(limits.maxTextLength), written: { [id]: 2 } },
      )
      await store.merge([arrive(batch)])
      expect(await store.of('default').events({ identityId })).toHaveLength(1)
      const location = wide(limits.maxTraitLength)
      expect(await store.of('default').identities({ location, userAgent: location })).toMatchObject([
        { identityId, name: location },
      ])
    })

    it('takes an empty group, by which the readiness asks whether it can write', async () => {
      const { store } = await open()
      expect(await store.merge([])).toEqual([])
      await store.close()
      await expect(store.merge([])).rejects.toThrow()
    })
  })
}

async function pageThrough<T extends object>(
  order: readonly string[],
  read: (range: Range) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = []
  for (let after: Cursor | undefined; ; ) {
    const part = await read({ limit: 2, ...(after ? { after } : {}) })
    all.push(...part)
    const last = part.at(-1)
    if (!last || part.length < 2) return all
    after = toKey(order, last)
  }
}

function toKey(order: readonly string[], item: object): Cursor {
  return order.map(name => (item as Record<string, string | number>)[name] as string | number)
}
