import { describe, expect, it } from 'vitest'
import { agedMs } from '../../src/record/limits.js'
import type { OpenState } from '../../src/record/open-state.js'
import { idsOf, type Run } from '../../src/record/parcel.js'
import type { Store } from '../../src/store/store.js'
import { start } from '../helpers/clock.js'
import { contentOf, databaseWith, writeEntries } from '../helpers/database.js'
import { tabWith } from '../helpers/tab.js'

const state = tabWith().page(0).signIn(5, 'anna').writer.openState()
const junk: unknown[] = [null, 5, 'text', [], {}, new Map(), new Date(5), true, { rev: 1 }, { ...state, visit: {} }]

async function read(store: Store): Promise<OpenState | undefined> {
  let found: OpenState | undefined
  await store.change('reader', function (value) {
    found = value
    return { state, orphan: null }
  })
  return found
}

describe('the open state in storage', () => {
  it('is nothing where junk lies, and the junk is replaced', async () => {
    const { store } = await databaseWith()
    for (const value of junk) {
      await writeEntries('state', [['presence', value]])
      expect(await read(store)).toBeUndefined()
      expect((await contentOf('state')).get('presence')).toEqual(state)
    }
  })

  it('is read although the last activity is junk', async () => {
    const { store } = await databaseWith()
    await store.change('load', () => ({ state, orphan: null }))
    for (const value of [...junk, -5, Number.NaN, Infinity].filter(one => one !== 5)) {
      await writeEntries('state', [['active', value]])
      expect(await read(store)).toEqual(state)
    }
  })
})

describe('orphan exits in storage', () => {
  it('are damaged where junk lies, beside good ones, and can be removed', async () => {
    const { store } = await databaseWith()
    const exit = tabWith().page(0).writer.orphanExit() as Run
    await store.note(state, true, 'good', { exit, at: start, isFrozen: true })
    await writeEntries(
      'state',
      junk.map((value, place) => [`will:${place}`, value]),
    )
    const orphans = await store.orphans('reader')
    expect(orphans.size).toBe(junk.length + 1)
    expect(idsOf([orphans.get('good')?.exit as Run])).toEqual(idsOf([exit]))
    expect([...orphans].filter(([from, orphan]) => orphan.exit && from !== 'good')).toEqual([])
    await store.removeOrphans([...orphans.keys()])
    expect((await store.orphans('reader')).size).toBe(0)
  })

  it('lie under texts: what a list leads to is none', async () => {
    const { store } = await databaseWith()
    await writeEntries('state', [[['will:a'], {}]])
    expect((await store.orphans('reader')).size).toBe(0)
  })

  it('are read by pages of version 1 under the name that they know', async () => {
    const { store } = await databaseWith()
    const exit = tabWith().page(0).writer.orphanExit() as Run
    await store.note(state, true, 'load', { exit, at: start, isFrozen: false })
    const [id] = idsOf([exit])
    expect((await contentOf('state')).get('will:load')).toMatchObject({
      at: start,
      record: { id, visit: exit[0], seq: 1 },
    })
  })
})

describe('the age in storage', () => {
  it('begins anew where junk lies', async () => {
    const { store, clock } = await databaseWith()
    for (const value of [...junk, -5, Infinity].filter(one => one !== 5)) {
      await writeEntries('state', [['aged', value]])
      expect(await store.isAged(true)).toBe(false)
      clock.advance(agedMs)
      expect(await store.isAged(true)).toBe(true)
    }
  })
})

describe('the lease in storage', () => {
  it('is free where junk lies', async () => {
    const { store } = await databaseWith()
    for (const value of [...junk, { holder: 5, until: {} }, { holder: 'a', until: 'soon' }, { until: Infinity }]) {
      await writeEntries('state', [['lease', value]])
      expect(await store.lease('b', start, start + 1000)).toBe(true)
    }
  })
})
