import { describe, expect, it } from 'vitest'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import type { Implementation, State } from './implementation.js'

const day = 86_400_000
const site = 'default'
/** What was received before is old. */
const before = noon + day

interface Told {
  readonly pages?: readonly string[]
  readonly sessions?: Readonly<
    Record<string, { readonly pages?: readonly string[]; readonly events?: readonly object[] }>
  >
  readonly events?: readonly object[]
  readonly identityId?: string
}

/** Makes a batch of a visit from ids of pages and sessions. */
export function tell(visitID: string, { pages = [], sessions = {}, events = [], identityId = 'ada' }: Told): object {
  const toPages = (ids: readonly string[]) => ids.map(pageID => ({ pageID, url: `/${pageID}`, startDate: noon }))
  const birth = { visitID, globalVisitID: 'browser', startDate: noon, written: { 'writer-1': 9, 'writer-2': 9 } }
  return {
    v: 1,
    sentAt: noon,
    visits: [{ ...birth, pages: toPages(pages), events }],
    sessions: Object.entries(sessions).map(([sessionID, one]) => ({
      sessionID,
      identityId,
      visitID,
      startDate: noon,
      endDate: 0,
      pages: toPages(one.pages ?? []),
      events: one.events ?? [],
    })),
  }
}

/** The rows of a table that belong to a visit of the site, by these columns. */
export function idsOf(state: State, table: keyof State, names: string, visitID = 'v', of = site): string[] {
  const rows = state[table] as readonly Record<string, unknown>[]
  const own = rows.filter(row => row.site === of && row.visitID === visitID)
  return own
    .map(row =>
      names
        .split(' ')
        .map(name => row[name])
        .join(' '),
    )
    .sort()
}

/** What retention removes of a visit to which something was added since. Every implementation of `CollectorStore` runs these tests. */
export function oldPartsContract(name: string, open: () => Promise<Implementation>): void {
  const fresh = wireEvent('fresh', { writer: 'writer-2' })

  describe(`${name} as a store that removes what is old of a visit`, () => {
    /** A store with a visit of yesterday, to which something was added exactly at the time before which all is old. */
    async function storeWith(old: Told, added: Told, others: readonly Parameters<typeof arrive>[] = []) {
      const given = await open()
      for (const arrival of others) await given.store.merge([arrive(...arrival)])
      await given.store.merge([arrive(tell('v', old), before - 1)])
      await given.store.merge([arrive(tell('v', added), before)])
      return given
    }

    async function removeFrom({ store, dump }: Implementation): Promise<{ hasRemoved: boolean; state: State }> {
      const { hasRemoved } = await store.rights.removeOld(site, before, null)
      return { hasRemoved, state: await dump() }
    }

    it.each<[string, Told, keyof State, string]>([
      ['event', { events: [wireEvent('old')] }, 'events', 'eventID'],
      ['page', { pages: ['old'] }, 'pages', 'pageID'],
      ['session', { sessions: { old: {} } }, 'sessions', 'sessionID'],
    ])('removes an old %s that stands alone', async (_, told, table, id) => {
      const given = await storeWith(told, { events: [fresh] })
      expect(idsOf(await given.dump(), table, id)).toContain('old')
      const { hasRemoved, state } = await removeFrom(given)
      expect(hasRemoved).toBe(true)
      expect(idsOf(state, table, id)).not.toContain('old')
      expect(idsOf(state, 'events', 'eventID')).toEqual(['fresh'])
      expect((await removeFrom(given)).hasRemoved).toBe(false)
    })

    it('keeps the page, the session and the writer of what was received at that time or later', async () => {
      const old = { pages: ['p', 'p-old'], sessions: { s: {}, 's-old': {} }, events: [wireEvent('old')] }
      const inPage = wireEvent('in-page', { pageID: 'p', writer: 'writer-2' })
      const inSession = wireEvent('in-session', { writer: 'writer-2' })
      const given = await storeWith(old, { events: [inPage], sessions: { s: { events: [inSession] } } })
      const { state } = await removeFrom(given)
      expect(idsOf(state, 'pages', 'pageID')).toEqual(['p'])
      expect(idsOf(state, 'sessions', 'sessionID')).toEqual(['s'])
      expect(idsOf(state, 'writers', 'writer written')).toEqual(['writer-2 9'])
    })

    it('keeps a page and a session that are new, without an event of theirs', async () => {
      const given = await storeWith(
        { events: [wireEvent('old')] },
        { pages: ['p'], sessions: { s: {} }, events: [fresh] },
      )
      const { state } = await removeFrom(given)
      expect(idsOf(state, 'pages', 'pageID')).toEqual(['p'])
      expect(idsOf(state, 'sessions', 'sessionID')).toEqual(['s'])
    })

    it('removes that a session has seen a page with either of them', async () => {
      const on = (sessionID: string, pageID: string) => wireEvent(`${sessionID} on ${pageID}`, { pageID })
      const sees = (sessionID: string) => ({ events: [on(sessionID, 'p'), on(sessionID, 'p-old')] })
      const old = { pages: ['p', 'p-old'], sessions: { s: sees('s'), 's-old': sees('s-old') } }
      const given = await storeWith(old, { sessions: { s: { events: [wireEvent('fresh')] } } })
      await given.store.merge([arrive(tell('v', { events: [wireEvent('on p', { pageID: 'p' })] }), before)])
      const links = ['s p', 's p-old', 's-old p', 's-old p-old']
      expect(idsOf(await given.dump(), 'session_pages', 'sessionID pageID')).toEqual(links)
      const { state } = await removeFrom(given)
      expect(idsOf(state, 'session_pages', 'sessionID pageID')).toEqual(['s p'])
    })

    it('asks neither other visits nor other sites that have the same ids', async () => {
      const events = [wireEvent('in-s', { pageID: 'p' })]
      const all = { pages: ['p'], sessions: { s: { events } } }
      const whole = { ...all, sessions: { s: { events: [...events, wireEvent('later', { pageID: 'p' })] } } }
      const given = await storeWith(all, { events: [fresh] }, [
        [tell('w', whole), before],
        [tell('v', whole), before, 'other'],
        [tell('x', whole), before - 1, 'other'],
      ])
      const { state } = await removeFrom(given)
      expect([idsOf(state, 'pages', 'pageID'), idsOf(state, 'sessions', 'sessionID')]).toEqual([[], []])
      expect(idsOf(state, 'session_pages', 'pageID')).toEqual([])
      expect(idsOf(state, 'writers', 'writer')).toEqual(['writer-2'])
      for (const [visitID, of] of [
        ['w', site],
        ['v', 'other'],
        ['x', 'other'],
      ] as const) {
        expect(idsOf(state, 'sessions', 'sessionID', visitID, of)).toEqual(['s'])
        expect(idsOf(state, 'session_pages', 'sessionID pageID', visitID, of)).toEqual(['s p'])
        expect(idsOf(state, 'events', 'eventID', visitID, of)).toEqual(['in-s', 'later'])
      }
    })

    it('finds nothing to remove if only other visits and sites have something old', async () => {
      const old = { pages: ['p'], sessions: { s: {} }, events: [wireEvent('old')] }
      const given = await storeWith({}, { events: [fresh] }, [[tell('v', old), before - 1, 'other']])
      expect((await removeFrom(given)).hasRemoved).toBe(false)
    })

    it('removes what was said of a person long ago and said anew since, whichever part of the visit is left', async () => {
      const say = (eventID: string, name: string, after: number): object =>
        wireEvent(eventID, { eventName: 'UserInfo', timestamp: noon + after, data: { name } })
      const of = (identityId: string, sessionID: string, events: readonly object[]): Told => ({
        identityId,
        sessions: { [sessionID]: { events } },
      })
      const locate = wireEvent('place', { eventName: 'UserInfo', timestamp: noon, data: { location: 'Pune' } })
      const given = await storeWith(of('ada', 's', [say('first', 'A', 1), say('second', 'B', 2), locate]), {
        events: [fresh],
      })
      const { store, dump } = given
      // Others have the same, but their visits are all new, or of another site.
      await store.merge([arrive(tell('w', of('bob', 's-bob', [say('b-1', 'A', 1), say('b-2', 'B', 2)])), before)])
      await store.merge([
        arrive(tell('v', of('ada', 's', [say('o-1', 'A', 1), say('o-2', 'B', 3)])), before - 1, 'other'),
      ])
      // She is seen again elsewhere.
      await store.merge([arrive(tell('z', of('ada', 's-z', [say('third', 'C', 0)])), before)])
      await store.rights.removeOld(site, before, null)
      const traits = (await dump()).traits as readonly Record<string, string>[]
      const told = traits.map(row => `${row.site} ${row.identityId} ${row.trait} ${row.value}`).sort()
      expect(told.filter(one => /name|location/.test(one))).toEqual([
        'default ada location Pune',
        'default ada name B',
        'default ada name C',
        'default bob name A',
        'default bob name B',
        'other ada name A',
        'other ada name B',
      ])
    })

    it('removes an identity with the last of its sessions, and keeps all that was said of others', async () => {
      const say = wireEvent('said', { eventName: 'UserInfo', data: { name: 'A' } })
      const old = { sessions: { s: { events: [say] } } }
      const given = await storeWith(old, { events: [fresh] }, [
        [tell('v', old), before - 1, 'other'],
        [tell('w', { ...old, identityId: 'bob' }), before],
      ])
      const { state } = await removeFrom(given)
      for (const table of ['identities', 'traits'] as const) {
        const rows = state[table] as readonly Record<string, string>[]
        expect([...new Set(rows.map(row => `${row.site} ${row.identityId}`))].sort()).toEqual([
          'default bob',
          'other ada',
        ])
      }
    })

    it('removes an old identity that has claimed the session of somebody else, and so never had one', async () => {
      const say = (name: string): object => wireEvent(`by ${name}`, { eventName: 'UserInfo', data: { name } })
      const claim = (identityId: string): Told => ({ identityId, sessions: { s: { events: [say(identityId)] } } })
      const given = await storeWith({ sessions: { s: { events: [say('ada')] } } }, claim('young'), [
        [tell('v', claim('eve')), before - 1, 'other'],
        [tell('v', { sessions: { s: {} } }), before - 3],
        [tell('v', claim('eve')), before - 2],
      ])
      const { state, hasRemoved } = await removeFrom(given)
      expect(hasRemoved).toBe(true)
      for (const table of ['identities', 'traits'] as const) {
        const rows = state[table] as readonly Record<string, string>[]
        const whose = [...new Set(rows.map(row => `${row.site} ${row.identityId}`))].sort()
        expect(whose).toEqual(['default ada', 'default young', 'other eve'])
      }
      expect((await removeFrom(given)).hasRemoved).toBe(false)
    })

    it('keeps what arrives while a large visit is removed', async () => {
      const given = await open()
      const { store, dump } = given
      const many = Array.from({ length: 1800 }, (_, n) => wireEvent(`e-${n}`))
      for (const some of [many.slice(900), many.slice(0, 900)])
        await store.merge([arrive(tell('v', { events: some }), before - 1)])
      const removing = store.rights.removeOld(site, before, null)
      const late: string[] = []
      const round = { isOver: false }
      void removing.finally(() => (round.isOver = true))
      while (!round.isOver) {
        if ((await dump()).events.length === many.length) {
          await new Promise(resolve => setImmediate(resolve))
          continue
        }
        const eventID = `z-${late.length}`
        late.push(eventID)
        await store.merge([arrive(tell('v', { events: [wireEvent(eventID)] }), before)])
        await new Promise(resolve => setImmediate(resolve))
      }
      await removing
      expect(idsOf(await dump(), 'events', 'eventID').filter(id => id.startsWith('z'))).toEqual(late.sort())
    })
  })
}
