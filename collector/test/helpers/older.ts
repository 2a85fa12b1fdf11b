import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { arrive } from './arrivals.js'
import { wireBatch, wireEvent } from './batches.js'
import { noon } from './collector.js'

// Databases as older versions of the collector have written them, and what must be known after they were migrated. The
// rows in `data/older.json` were written by those versions, from the batches below, and never change.

type Tables = Readonly<Record<string, { columns: readonly string[]; rows: readonly (readonly unknown[])[] }>>

const older = JSON.parse(readFileSync(new URL('../data/older.json', import.meta.url), 'utf8')) as Record<string, Tables>

/**
 * Makes the statements that fill the tables of a version: 1 has not looked at the data of sign-ins, 3 is the last without
 * sites. The values are in `values`, one for each `?`.
 */
export function olderRows(
  version: 1 | 3,
  schema: string,
): readonly { readonly sql: string; readonly values: unknown[] }[] {
  return Object.entries(older[version] ?? {}).flatMap(([table, { columns, rows }]) =>
    rows.map(row => ({
      sql: `INSERT INTO ${schema}${table} (${columns.map(name => `"${name}"`).join()}) VALUES (${columns.map(() => '?').join()})`,
      values: [...row],
    })),
  )
}

const at = (id: string, eventName: string, after: number, more: object = {}) =>
  wireEvent(id, { eventName, timestamp: noon + after, ...more })

const page = (n: number, sessionID: string | null) => ({ pageID: `page-${n}`, sessionID, url: `/${n}` })
const signIn = (id: string, after: number, data: object, more = {}) =>
  at(id, 'SignIn', after, { data, pageID: 'page-1', ...more })
const person = (n: number, identityId: string) => ({ sessionID: `session-${n}`, identityId, startDate: noon + n })
const ended = (id: string, after: number, reason?: unknown) =>
  at(id, 'SessionEnded', after, { data: reason === undefined ? null : { reason } })

const first = [
  // Anna signs in on a page that she had entered before. Her second sign-in tells another name.
  wireBatch(
    [
      signIn('a1', 0, { name: 'Anna', location: 'Oslo' }),
      at('a2', 'PageEntered', 2, { pageID: 'page-2' }),
      at('a3', 'UserInfo', 5, { data: { location: 'Bergen' } }),
      at('a4', 'SignOut', 100),
      at('a5', 'Search', 200),
    ],
    { identityId: 'anna', pages: [page(1, null), page(2, 'session-1')] },
    { pages: [page(1, null)] },
  ),
  wireBatch([signIn('b1', 300, { name: 'Anna B.' }), ended('b2', 350, 'replaced'), ended('b3', 340, 'idle')], {
    ...person(2, 'anna'),
    pages: [page(1, null)],
  }),
  // What Jo has told later stays.
  wireBatch([signIn('j1', 10, { name: 'J.' }), at('j2', 'UserInfo', 50, { data: { name: 'Jo' } }), ended('j3', 60)], {
    ...person(3, 'jo'),
    pages: [page(1, null)],
  }),
  // No text of PostgreSQL can contain these characters. What stands beside them stays unknown after the migration.
  wireBatch([signIn('k1', 20, { name: 'Kim', odd: '\0\ud800' }, { pageID: 'page-9' }), ended('k2', 30, 7)], {
    ...person(4, 'kim'),
    endDate: noon + 40,
  }),
  wireBatch([at('l1', 'SignOut', 20, { data: { name: 'no trait' } })], person(5, 'lee')),
  wireBatch([signIn('m1', 20, { name: 7, location: ['Oslo'] })], { ...person(6, 'mia'), pages: [page(1, null)] }),
].map(batch => arrive(batch))

const long = (letter: string): string => letter.repeat(100)

// A clock that is 2 s slow, long ids, a corrected title, an idle limit, and an event that is no activity.
const third = arrive(
  {
    ...wireBatch(
      [
        wireEvent('z1', { eventName: 'SignIn', data: { name: 'Zoe', location: 'Oslo' }, pageID: 'page-l' }),
        at('z2', 'UserInfo', 2000, { data: { name: 'Zoe Z.' }, pageID: 'page-l' }),
        at('z3', 'Search', 9000, { activity: false, pageID: 'page-l', category: 'a;b' }),
        at('z4', 'PageExited', 9500, { pageID: 'page-l' }),
        wireEvent('bad', { seq: -1 }),
      ],
      {
        sessionID: long('s'),
        identityId: long('i'),
        visitID: long('v'),
        pages: [{ pageID: 'page-l', url: '/long', title: 'Long', viewedAt: noon + 50 }],
      },
      {
        visitID: long('v'),
        userAgent: 'a browser',
        languageCode: 'de',
        idleLimitMs: 60_000,
        written: { 'writer-1': 4 },
        dropped: {},
      },
    ),
    sentAt: noon + 10_000,
  },
  noon + 12_000,
)

/** Expects that a migrated store of this version answers as one that has taken every record itself. */
export async function expectMigrated(store: CollectorStore, version: 1 | 3): Promise<void> {
  const fresh = createMemoryStore()
  await fresh.merge(version === 1 ? first : [...first, third])
  const [ours, expected] = [store.of('default'), fresh.of('default')]
  for (const visitID of ['visit-1', long('v')]) {
    // Older versions did not look at user agents, so their visits are not marked.
    const visit = await expected.visit(visitID)
    expect(await ours.visit(visitID)).toEqual(visit && { ...visit, automated: undefined })
    for (const list of ['sessions', 'pages', 'events'] as const)
      expect(await ours[list]({ visitID })).toEqual(await expected[list]({ visitID }))
  }
  for (const sessionID of ['session-1', 'session-2', 'session-4', long('s')]) {
    const { visitID = '' } = (await ours.session(sessionID)) ?? {}
    expect(await ours.session(sessionID)).toEqual(await expected.session(sessionID))
    expect(await ours.pages({ visitID, sessionID })).toEqual(await expected.pages({ visitID, sessionID }))
  }
  for (const identityId of ['anna', 'jo', 'lee', 'mia', long('i')]) {
    expect(await ours.identity(identityId)).toEqual(await expected.identity(identityId))
    expect(await ours.pages({ identityId })).toEqual(await expected.pages({ identityId }))
  }
  // What is sent again changes nothing, although it is received later than what was migrated.
  const again = [...first, third].map(one => ({ ...one, receivedAt: noon + 99_999_999 }))
  const before = await ours.events({ visitID: 'visit-1' })
  await store.merge(version === 1 ? again.slice(0, -1) : again)
  expect(await ours.events({ visitID: 'visit-1' })).toEqual(before)
  expect(await ours.identity('anna')).toEqual(await expected.identity('anna'))
  expect(await ours.session(long('s'))).toEqual(await expected.session(long('s')))
}
