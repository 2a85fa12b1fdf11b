import { describe, expect, it } from 'vitest'
import type { Call, NewCall } from '../../src/record/call.js'
import { bindLate } from '../../src/record/late.js'
import { idleLimitMs } from '../../src/record/limits.js'
import type { OpenState } from '../../src/record/open-state.js'
import { idsOf } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { type Tab, tabWith } from '../helpers/tab.js'

const idle = idleLimitMs
let ids = 0

const call = (at: number, made: NewCall): Call => ({ id: `late${ids++}`, at: start + at, data: '', ...made })
const track = (at: number, name = 'Search'): Call => call(at, { verb: 'track', name })
const signIn = (at: number, identityId: string): Call => call(at, { verb: 'signIn', identityId })
const signOut = (at: number): Call => call(at, { verb: 'signOut' })

/** Binds late calls to the open state of the origin. */
const lateWith = (state: OpenState, ...calls: Call[]): { tab: Tab; after: OpenState } => {
  const tab = tabWith()
  return { tab, after: bindLate(calls, tab.writer, state) }
}

const nothing = (): OpenState => tabWith().writer.openState()

describe('calls whose page died before its database was open', () => {
  it('change nothing where there are none', () => {
    const state = tabWith().signIn(0, 'anna').writer.openState()
    expect(lateWith(state).after).toBe(state)
  })

  it('keep their own times and ids', () => {
    const calls = [track(5), track(9, 'Buy')]
    const { tab } = lateWith(nothing(), ...calls)
    expect(tab.said()).toEqual(['VisitStarted +5', 'Search +5', 'Buy +9'])
    expect(idsOf(tab.kept).slice(1)).toEqual(calls.map(one => one.id))
  })

  it('belong to the visit and session that were open then and still are', () => {
    const origin = tabWith().signIn(0, 'anna').track(60_000, 'Compare').writer.openState()
    const { tab, after } = lateWith(origin, track(30_000))
    expect(tab.facts()).toMatchObject([
      { visit: origin.visit, session: origin.session, event: { timestamp: start + 30_000 } },
    ])
    expect(after).toMatchObject({ visit: origin.visit, session: origin.session })
  })

  it('open a session for the origin where nothing newer has decided', () => {
    const origin = tabWith().page(0).writer.openState()
    const { tab, after } = lateWith(origin, signIn(10, 'anna'), track(20))
    expect(tab.said()).toEqual(['SignIn +10 anna', 'Search +20 anna'])
    expect(after.session).toMatchObject({ identityId: 'anna', startDate: start + 10, visitID: origin.visit?.visitID })
    expect(after.rev).toBeGreaterThan(origin.rev)
  })

  it('close the session of the origin that they were called in', () => {
    const origin = tabWith().signIn(0, 'anna').writer.openState()
    const { tab, after } = lateWith(origin, signOut(10))
    expect(tab.facts()).toMatchObject([{ event: { eventName: 'SignOut' }, session: origin.session }])
    expect(after).toMatchObject({ session: null, left: true })
  })

  it('go into no session that began after them, and leave it open', () => {
    const origin = tabWith().page(0).signIn(50, 'bert').writer.openState()
    const { tab, after } = lateWith(origin, track(10), signOut(20))
    expect(tab.facts()).toMatchObject([{ visit: origin.visit, session: null }])
    expect(after).toEqual(origin)
  })

  it('close the session that they open where a newer one has begun since', () => {
    const origin = tabWith().page(0).signIn(5000, 'bert').writer.openState()
    const { tab, after } = lateWith(origin, signIn(10, 'anna'), track(20))
    expect(tab.said()).toEqual(['SignIn +10 anna', 'Search +20 anna', 'SessionEnded +20 anna idle'])
    expect(after).toEqual(origin)
  })

  it('make a visit of their own where the open one began long after them', () => {
    const origin = tabWith()
      .signIn(2 * idle, 'bert')
      .writer.openState()
    const { tab, after } = lateWith(origin, signIn(0, 'anna'), track(20))
    expect(tab.said()).toEqual(['VisitStarted +0', 'SignIn +0 anna', 'Search +20 anna', 'SessionEnded +20 anna idle'])
    expect(tab.facts()[0]?.visit.visitID).not.toBe(origin.visit?.visitID)
    expect(after).toEqual(origin)
  })

  it('never put a record into the origin’s session after they have signed out of it', () => {
    const origin = tabWith().signIn(0, 'anna').writer.openState()
    const { tab } = lateWith(origin, signOut(10), track(20))
    expect(tab.said()).toEqual(['SignOut +10 anna', 'Search +20'])
  })

  it('end an idle stay among them at its last activity', () => {
    const { tab } = lateWith(nothing(), signIn(0, 'anna'), track(10), track(2 * idle))
    expect(tab.said()).toContain('SessionEnded +10 anna idle')
  })

  it('count from 1, in a writer of their own', () => {
    const origin = tabWith().signIn(0, 'anna')
    const { tab } = lateWith(origin.writer.openState(), track(10), track(20))
    expect(tab.kept.map(([, , , , seq]) => seq)).toEqual([1, 2])
    expect(tab.kept[0]?.[3]).not.toBe(origin.kept[0]?.[3])
  })
})
