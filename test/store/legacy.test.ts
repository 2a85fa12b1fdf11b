import { beforeEach, describe, expect, it } from 'vitest'
import { idsOf, isKey, type Run, toRuns } from '../../src/record/parcel.js'
import type { Database } from '../../src/store/database.js'
import { createIndexed } from '../../src/store/indexed.js'
import { fromLegacy, moveLegacy, toLegacy } from '../../src/store/legacy.js'
import { createStore } from '../../src/store/store.js'
import { start } from '../helpers/clock.js'
import { type Content, contentOf, emptyBrowser, makeVersionOne, openTab, writeEntries } from '../helpers/database.js'
import { timedIds } from '../helpers/ids.js'
import { legacyKey, legacyRecord } from '../helpers/legacy.js'
import { recordsWith, tabWith } from '../helpers/tab.js'

beforeEach(() => void emptyBrowser())

const entriesOf = (records: readonly Run[]): Content[string] =>
  records.map(record => [legacyKey(legacyRecord(record)), legacyRecord(record)])

async function movedIds(): Promise<string[]> {
  const parcels = await contentOf('parcels')
  expect([...parcels.keys()].every(isKey)).toBe(true)
  return [...parcels.values()].flatMap(text => idsOf(toRuns(text as string)))
}

const otherwise = timedIds()()

describe('a database of version 1', () => {
  it('gives every record once, out of both stores', async () => {
    const [one, two] = [recordsWith(450), recordsWith(30, { identityId: '' })]
    await makeVersionOne({ owed0: entriesOf([...one.slice(0, 300), ...two]), owed1: entriesOf(one.slice(300)) })
    const { database } = await openTab()
    expect(await moveLegacy(database, otherwise)).toBe(0)
    expect((await movedIds()).sort()).toEqual(idsOf([...one, ...two]).sort())
    expect([...(await contentOf('owed0')), ...(await contentOf('owed1'))]).toEqual([])
  })

  it('gives every record of a page load whose records all weigh the same', async () => {
    const tab = tabWith()
    for (let count = 0; count < 1500; count++) tab.track(0, 'Scroll')
    const records = tab.kept.filter(([, , , , seq]) => +seq >= 100 && +seq < 1000)
    await makeVersionOne({ owed0: entriesOf(records) })
    const { database } = await openTab()
    await moveLegacy(database, otherwise)
    expect(new Set(await movedIds()).size).toBe(records.length)
  })

  it('gives every record although a page of version 1 appends meanwhile', async () => {
    const signedIn = recordsWith(200)
    const late = recordsWith(5, { identityId: '' })
    await makeVersionOne({ owed0: entriesOf(signedIn) })
    const { database } = await openTab()
    let reads = 0
    const disturbed: Database = {
      ...database,
      async read(name, ask) {
        const found = await database.read(name, ask)
        if (++reads === 1) await writeEntries('owed0', entriesOf(late))
        return found
      },
    }
    await moveLegacy(disturbed, otherwise)
    expect(new Set(await movedIds())).toEqual(new Set(idsOf([...signedIn, ...late])))
  })

  it('counts junk, deletes it, and loses no record beside it', async () => {
    const records = recordsWith(10)
    const junk: Content[string] = [
      [5, 'text'],
      [new Date(5), null],
      [[1, 'a'], {}],
      ['junk', 7],
      ['0junk', { id: 'a', event: '{"eventID":"a"}', visit: '{' }],
      ['1junk', new Map()],
      ['2junk', [1, 2]],
      [new Uint8Array([1]).buffer, { visit: 5, session: {}, page: null, writer: [], event: 7 }],
    ]
    await makeVersionOne({ owed0: [...junk, ...entriesOf(records)], owed1: junk })
    const { database } = await openTab()
    expect(await moveLegacy(database, otherwise)).toBe(2 * junk.length)
    expect(await movedIds()).toEqual(idsOf(records))
    expect([...(await contentOf('owed0')), ...(await contentOf('owed1'))]).toEqual([])
  })

  it('keeps no settled record, because it may name a person and nobody reads it any more', async () => {
    const records = recordsWith(4)
    await makeVersionOne({ owed0: entriesOf(records.slice(1)), history: entriesOf(records.slice(0, 2)) })
    const { database } = await openTab()
    await moveLegacy(database, otherwise)
    expect((await contentOf('history')).size).toBe(0)
    expect(await movedIds()).toEqual(idsOf(records.slice(1)))
  })

  it('is none where no page of version 1 was ever here: then it has no stores', async () => {
    const { database } = await openTab()
    expect(database.isLegacy()).toBe(false)
    expect(await moveLegacy(database, otherwise)).toBe(0)
    await makeVersionOne({}, 'sojourn-old')
    expect((await openTab('sojourn-old')).database.isLegacy()).toBe(true)
  })

  it('has nothing left to move the second time', async () => {
    await makeVersionOne({ owed0: entriesOf(recordsWith(3)) })
    const { database } = await openTab()
    await moveLegacy(database, otherwise)
    const before = await contentOf('parcels')
    expect(await moveLegacy(database, otherwise)).toBe(0)
    expect(await contentOf('parcels')).toEqual(before)
  })

  it('gives its open state, its last activity and its orphan exits', async () => {
    const tab = tabWith().page(0).signIn(5, 'anna')
    const state = tab.writer.openState()
    const exit = tab.writer.orphanExit() as Run
    await makeVersionOne({
      state: [
        ['presence', state],
        ['active', start + 9000],
        ['will:w', { record: legacyRecord(exit), at: start }],
        ['lease', { holder: 'w', until: start }],
      ],
    })
    const { database } = await openTab()
    const store = createStore(createIndexed(database), () => start)
    await store.change('load', function (found) {
      expect(found).toEqual({ ...state, active: start + 9000 })
      return { state, orphan: null }
    })
    const orphan = (await store.orphans('load')).get('w')
    expect(orphan).toMatchObject({ at: start, isFrozen: false })
    expect(idsOf([orphan?.exit as Run])).toEqual(idsOf([exit]))
  })
})

describe('a record of version 1', () => {
  it('is the same record there and back', () => {
    const [record] = recordsWith(1) as [Run]
    expect(toLegacy(record)).toEqual(legacyRecord(record))
    expect(fromLegacy(toLegacy(record))).toEqual(record.map(String))
  })

  it.each([[null], [undefined], [5], ['text'], [{}], [[]], [{ visit: '{}', writer: 'w' }], [new Date(0)]])(
    'is none where %j lies',
    value => {
      expect(fromLegacy(value)).toBeNull()
    },
  )
})
