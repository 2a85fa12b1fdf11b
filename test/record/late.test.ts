import { describe, expect, it } from 'vitest'
import { bindLate } from '../../src/record/late.js'
import { idleLimitMs } from '../../src/record/limits.js'
import type { Call, Presence } from '../../src/record/writer.js'
import { start } from '../helpers/clock.js'
import { type Tab, tabWith } from '../helpers/tab.js'

const idle = idleLimitMs
let ids = 0

type Said = Call extends infer One ? (One extends Call ? Omit<One, 'id' | 'at' | 'data'> : never) : never
const call = (at: number, said: Said): Call => ({ id: `late${ids++}`, at: start + at, data: '', ...said }) as Call
const track = (at: number, name = 'Search'): Call => call(at, { verb: 'track', name, category: '' })
const signIn = (at: number, identityId: string): Call => call(at, { verb: 'signIn', identityId })
const signOut = (at: number): Call => call(at, { verb: 'signOut' })

/** Binds late calls to what the origin knows. */
const lateWith = (presence: Presence, ...calls: Call[]): { tab: Tab; after: Presence } => {
  const tab = tabWith()
  return { tab, after: bindLate(calls, tab.writer, presence) }
}

const nothing = (): Presence => tabWith().writer.presence()

describe('calls whose page died before its store was open', () => {
  it('change nothing where there are none', () => {
    const presence = tabWith().signIn(0, 'anna').writer.presence()
    expect(lateWith(presence).after).toBe(presence)
  })

  it('keep their own times and ids', () => {
    const calls = [track(5), track(9, 'Buy')]
    const { tab } = lateWith(nothing(), ...calls)
    expect(tab.said()).toEqual(['VisitStarted +5', 'Search +5', 'Buy +9'])
    expect(tab.kept.slice(1).map(record => record.id)).toEqual(calls.map(one => one.id))
  })

  it('belong to the visit and session that were open then and still are', () => {
    const origin = tabWith().signIn(0, 'anna').track(60_000, 'Compare').writer.presence()
    const { tab, after } = lateWith(origin, track(30_000))
    expect(tab.facts()).toMatchObject([
      { visit: origin.visit, session: origin.session, event: { timestamp: start + 30_000 } },
    ])
    expect(after).toMatchObject({ visit: origin.visit, session: origin.session })
  })

  it('open a session for the origin where nothing newer has decided', () => {
    const origin = tabWith().page(0).writer.presence()
    const { tab, after } = lateWith(origin, signIn(10, 'anna'), track(20))
    expect(tab.said()).toEqual(['SignIn +10 anna', 'Search +20 anna'])
    expect(after.session).toMatchObject({ identityId: 'anna', startDate: start + 10, visitID: origin.visit?.visitID })
    expect(after.rev).toBeGreaterThan(origin.rev)
  })

  it('close the session of the origin that they were called in', () => {
    const origin = tabWith().signIn(0, 'anna').writer.presence()
    const { tab, after } = lateWith(origin, signOut(10))
    expect(tab.facts()).toMatchObject([{ event: { eventName: 'SignOut' }, session: origin.session }])
    expect(after).toMatchObject({ session: null, left: true })
  })

  it('go into no session that began after them, and leave it open', () => {
    const origin = tabWith().page(0).signIn(50, 'bert').writer.presence()
    const { tab, after } = lateWith(origin, track(10), signOut(20))
    expect(tab.facts()).toMatchObject([{ visit: origin.visit, session: null }])
    expect(after).toEqual(origin)
  })

  it('close the session that they open where a newer one has begun since', () => {
    const origin = tabWith().page(0).signIn(5000, 'bert').writer.presence()
    const { tab, after } = lateWith(origin, signIn(10, 'anna'), track(20))
    expect(tab.said()).toEqual(['SignIn +10 anna', 'Search +20 anna', 'SessionEnded +20 anna idle'])
    expect(after).toEqual(origin)
  })

  it('make a visit of their own where the open one began long after them', () => {
    const origin = tabWith()
      .signIn(2 * idle, 'bert')
      .writer.presence()
    const { tab, after } = lateWith(origin, signIn(0, 'anna'), track(20))
    expect(tab.said()).toEqual(['VisitStarted +0', 'SignIn +0 anna', 'Search +20 anna', 'SessionEnded +20 anna idle'])
    expect(tab.facts()[0]?.visit.visitID).not.toBe(origin.visit?.visitID)
    expect(after).toEqual(origin)
  })

  it('never put a record into the origin’s session after they have signed out of it', () => {
    const origin = tabWith().signIn(0, 'anna').writer.presence()
    const { tab } = lateWith(origin, signOut(10), track(20))
    expect(tab.said()).toEqual(['SignOut +10 anna', 'Search +20'])
  })

  it('end an idle stay among them at its last activity', () => {
    const { tab } = lateWith(nothing(), signIn(0, 'anna'), track(10), track(2 * idle))
    expect(tab.said()).toContain('SessionEnded +10 anna idle')
  })

  it('count from 1, in a writer of their own', () => {
    const origin = tabWith().signIn(0, 'anna')
    const { tab } = lateWith(origin.writer.presence(), track(10), track(20))
    expect(tab.kept.map(record => record.seq)).toEqual([1, 2])
    expect(tab.kept[0]?.writer).not.toBe(origin.kept[0]?.writer)
  })
})
