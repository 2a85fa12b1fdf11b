import { describe, expect, it } from 'vitest'
import { createOrigin } from '../src/origin.js'
import { activityMs, openTimeoutMs } from '../src/record/limits.js'
import type { OpenState } from '../src/record/open-state.js'
import { start } from './helpers/clock.js'
import { referenceStore } from './helpers/reference-store.js'
import { type Tab, tabWith } from './helpers/tab.js'

/** The part that knows the open state, over a store that holds `found`. */
async function originWith(found?: OpenState) {
  const store = referenceStore(() => start)
  if (found) await store.note(found, true, 'other', null)
  const tab: Tab = tabWith()
  const house = {
    isOpen: true,
    opened: 0,
    known: 0,
    told: [] as OpenState[],
    failed: [] as unknown[],
    isLeaving: false,
    lastActive: 0,
    waits: [] as [ms: number, end: () => void][],
  }
  const origin = createOrigin({
    pageLoad: 'load',
    writer: tab.writer,
    keeper: { fail: cause => void house.failed.push(cause), ship() {}, isLeaving: () => house.isLeaving },
    database: { open: () => void house.opened++, isOpen: () => house.isOpen },
    store,
    spill: { lastActive: () => house.lastActive },
    deviceTime: () => start,
    wait: ms => new Promise(resolve => house.waits.push([ms, resolve])),
    onKnown: () => void house.known++,
    tell: state => void house.told.push(state),
  })
  const read = async (): Promise<OpenState | undefined> => {
    let state: OpenState | undefined
    await store.change('reader', function (one) {
      state = one
      return { state: one ?? tab.writer.openState(), orphan: null }
    })
    return state
  }
  return Object.assign(house, { origin, store, tab, read })
}

const signedIn = (): OpenState => tabWith().page(0).signIn(5, 'anna').writer.openState()

describe('the open state of the origin', () => {
  it('is known once the store was read, and is that of the store', async () => {
    const found = signedIn()
    const house = await originWith(found)
    expect(house.origin.isKnown()).toBe(false)
    house.origin.look()
    await house.origin.whenKnown()
    expect([house.origin.isKnown(), house.known]).toEqual([true, 1])
    expect(house.tab.writer.openState()).toEqual(found)
  })

  it('is this page’s own where nothing stands in the store', async () => {
    const house = await originWith()
    house.origin.look()
    await house.origin.whenKnown()
    expect((await house.read())?.globalVisitID).toBe(house.tab.writer.openState().globalVisitID)
  })

  it('opens the database where it is not open, and is not known before that', async () => {
    const house = await originWith()
    house.isOpen = false
    house.origin.look()
    expect([house.opened, house.origin.isKnown()]).toEqual([1, false])
  })

  it('is read anew as often as it is looked at, one after the other', async () => {
    const house = await originWith()
    house.origin.look()
    house.origin.look()
    await house.origin.whenKnown()
    await house.store.note(signedIn(), true, 'other', null)
    await Promise.resolve()
    house.origin.look()
    await house.origin.whenKnown()
    expect(house.tab.writer.openState().session).toMatchObject({ identityId: 'anna' })
  })

  it('goes on blind where the database cannot be read, and takes an open session when it can', async () => {
    const found = signedIn()
    const house = await originWith(found)
    house.isOpen = false
    house.origin.look()
    house.origin.goBlind()
    expect(house.origin.isKnown()).toBe(true)
    house.tab.page(100_000).track(100_001, 'Search')
    expect(house.tab.writer.openState().rev).toBeGreaterThan(found.rev)
    house.isOpen = true
    house.origin.look()
    await house.origin.whenKnown()
    expect(house.tab.writer.openState().session).toEqual(found.session)
  })

  it('goes on blind where the store does not answer in time, and takes what it answers later', async () => {
    const found = signedIn()
    const house = await originWith(found)
    const { change } = house.store
    let answer = (): unknown => undefined
    Object.assign(house.store, {
      change: (...all: Parameters<typeof change>) => new Promise(resolve => (answer = () => resolve(change(...all)))),
    })
    house.origin.look()
    const [ms, end] = house.waits[0] as [number, () => void]
    expect([ms, house.origin.isKnown()]).toEqual([openTimeoutMs, false])
    end()
    await house.origin.whenKnown()
    expect(house.known).toBe(1)
    answer()
    await expect.poll(() => house.tab.writer.openState().session).toEqual(found.session)
  })

  it('does not go on blind because an earlier look was long ago', async () => {
    const house = await originWith()
    house.origin.look()
    await new Promise(resolve => setTimeout(resolve))
    house.isOpen = false
    house.origin.look()
    house.waits[0]?.[1]()
    await new Promise(resolve => setTimeout(resolve))
    expect(house.origin.isKnown()).toBe(false)
    house.waits[1]?.[1]()
    await house.origin.whenKnown()
  })

  it('takes for the last activity what a page told as it went away', async () => {
    const found = signedIn()
    const house = await originWith(found)
    house.lastActive = start + 40_000
    house.origin.look()
    await house.origin.whenKnown()
    expect(house.tab.writer.openState()).toEqual({ ...found, active: start + 40_000 })
    expect((await house.read())?.active).toBe(start + 40_000)
  })

  it('takes no session of the store after a sign-out that was made blind', async () => {
    const house = await originWith(signedIn())
    house.origin.goBlind()
    house.tab.signIn(100_000, 'bert').signOut(100_001)
    house.origin.look()
    await house.origin.whenKnown()
    expect(house.tab.writer.openState()).toMatchObject({ session: null, left: true })
  })

  it('goes on blind where reading fails, and reports it', async () => {
    const house = await originWith()
    Object.assign(house.store, { change: () => Promise.reject(new Error('disk')) })
    house.origin.look()
    await house.origin.whenKnown()
    expect([house.origin.isKnown(), house.failed]).toEqual([true, [new Error('disk')]])
  })
})

describe('a note', () => {
  async function knownWith() {
    const house = await originWith()
    house.origin.look()
    await house.origin.whenKnown()
    house.told.splice(0)
    return house
  }

  it('writes and tells a change at once', async () => {
    const house = await knownWith()
    house.tab.signIn(10, 'anna')
    house.origin.note(activityMs)
    expect(house.told).toEqual([house.tab.writer.openState()])
    expect((await house.read())?.session).toMatchObject({ identityId: 'anna' })
  })

  it('writes and tells a change that is made just after the stored state was read', async () => {
    const house = await originWith()
    house.origin.look()
    await house.origin.whenKnown()
    house.tab.signIn(10, 'anna')
    house.origin.note(activityMs)
    expect(house.told.at(-1)).toEqual(house.tab.writer.openState())
    expect((await house.read())?.session).toMatchObject({ identityId: 'anna' })
  })

  it('writes and tells activity alone only after a while', async () => {
    const house = await knownWith()
    house.tab.page(10)
    house.origin.note(activityMs)
    house.told.splice(0)
    house.tab.input(10 + activityMs - 1)
    house.origin.note(activityMs)
    expect(house.told).toEqual([])
    house.tab.input(10 + activityMs)
    house.origin.note(activityMs)
    expect(house.told).toHaveLength(1)
    expect((await house.read())?.active).toBe(start + 10 + activityMs)
  })

  it('writes the orphan exit with each page, and takes it back when the page is left', async () => {
    const house = await knownWith()
    house.tab.page(10)
    house.origin.note(activityMs)
    expect((await house.store.orphans('reader')).get('load')).toMatchObject({ at: start, isFrozen: false })
    house.tab.exit(20)
    house.origin.note(activityMs)
    expect((await house.store.orphans('reader')).size).toBe(0)
  })

  it('is not written for activity alone as the page goes away, and written for a change', async () => {
    const house = await knownWith()
    house.tab.page(10)
    house.origin.note(activityMs)
    const before = await house.read()
    house.isLeaving = true
    house.tab.input(50_000).exit(60_000)
    house.origin.note(0)
    expect(await house.read()).toEqual(before)
    expect((await house.store.orphans('reader')).size).toBe(1)
    house.tab.signIn(70_000, 'anna')
    house.origin.note(activityMs)
    expect((await house.read())?.session).toMatchObject({ identityId: 'anna' })
    expect((await house.store.orphans('reader')).size).toBe(0)
  })

  it('says that the page is frozen, and no more once it looks again', async () => {
    const house = await knownWith()
    const isFrozen = async (): Promise<unknown> => (await house.store.orphans('reader')).get('load')?.isFrozen
    house.tab.page(10)
    house.origin.note(activityMs)
    house.origin.freeze()
    expect(await isFrozen()).toBe(true)
    house.origin.look()
    await house.origin.whenKnown()
    await Promise.resolve()
    expect(await isFrozen()).toBe(false)
  })

  it('enters the page of a frozen tab anew if another page has taken its exit over, and only then', async () => {
    for (const isTaken of [true, false]) {
      const house = await knownWith()
      house.tab.page(10)
      house.origin.note(activityMs)
      const pageID = house.tab.writer.page()?.pageID
      house.origin.freeze()
      if (isTaken) await house.store.removeOrphans(['load'])
      house.origin.look()
      await house.origin.whenKnown()
      expect(house.tab.writer.page()?.pageID).toBe(isTaken ? undefined : pageID)
      house.tab.track(20, 'Search').exit(30)
      const exits = house.tab.events().filter(({ eventName }) => eventName === 'PageExited')
      expect(exits).toHaveLength(1)
      expect(exits[0]?.pageID === pageID).toBe(!isTaken)
    }
  })

  it('keeps the page of a frozen tab whose database was away, because nobody can have its exit', async () => {
    const house = await knownWith()
    house.tab.page(10)
    house.isOpen = false
    house.origin.freeze()
    house.isOpen = true
    house.origin.look()
    await house.origin.whenKnown()
    expect(house.tab.writer.page()).not.toBeNull()
  })

  it('writes nothing before anything is known', async () => {
    const house = await originWith()
    house.tab.signIn(0, 'anna')
    house.origin.note(0)
    expect(house.told).toEqual([])
    expect(await house.read()).toBeUndefined()
  })
})

describe('what another tab tells', () => {
  it('is taken, and the orphan exit names nobody who has signed out', async () => {
    const found = signedIn()
    const house = await originWith(found)
    house.origin.look()
    await house.origin.whenKnown()
    house.tab.page(10)
    house.origin.note(activityMs)
    expect((await house.store.orphans('reader')).get('load')?.exit?.[1]).toContain('anna')
    house.origin.hear(tabWith().adopt(house.tab.writer.openState()).signOut(20).writer.openState())
    expect(house.tab.writer.openState().session).toBeNull()
    expect((await house.store.orphans('reader')).get('load')?.exit?.[1]).toBe('')
  })

  it('is nothing where it is older', async () => {
    const house = await originWith()
    house.tab.signIn(10, 'anna')
    house.origin.hear(undefined)
    house.origin.hear({ ...signedIn(), rev: 1, session: null })
    expect(house.tab.writer.openState().session).not.toBeNull()
  })

  it('is answered where it is older, because its tab may have written it over the newer one', async () => {
    const house = await originWith()
    house.origin.look()
    await house.origin.whenKnown()
    house.tab.page(0)
    const before = house.tab.writer.openState()
    house.tab.signIn(10, 'anna')
    house.origin.note(0)
    house.told.splice(0)
    // At the same moment another tab has signed in somebody else. It wrote last, and is heard last.
    const late = tabWith().adopt(before).signIn(9, 'bert').writer.openState()
    await house.store.note(late, true, 'late', null)
    house.origin.hear(late)
    const ours = house.tab.writer.openState()
    expect(ours.session?.identityId).toBe('anna')
    expect([house.told, await house.read()]).toEqual([[ours], ours])
    house.origin.hear(ours)
    expect(house.told).toHaveLength(1)
  })
})
