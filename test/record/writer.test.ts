import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewCall } from '../../src/record/call.js'
import { type Fact, inOrder } from '../../src/record/event.js'
import { idleLimitMs } from '../../src/record/limits.js'
import { foldBy, joinSession } from '../../src/record/merge.js'
import { idsOf, type Run } from '../../src/record/parcel.js'
import { type Session, sessionOf } from '../../src/record/session.js'
import { start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { factsOf, type Tab, tabWith } from '../helpers/tab.js'

const idle = idleLimitMs

const sessionsOf = (...tabs: Tab[]): Session[] =>
  foldBy(
    tabs.flatMap(tab => tab.facts().map(sessionOf)),
    one => one.sessionID,
    joinSession,
  )

/** A tab of the same origin that is loaded then, and reads the open state. */
const nextPage = (before: Tab): Tab => tabWith().adopt(before.writer.openState())

describe('sign-in and sign-out', () => {
  it('makes a session at sign-in and closes it at sign-out', () => {
    const tab = tabWith().signIn(0, 'anna').track(1000, 'Search').signOut(2500)
    expect(tab.said()).toEqual(['VisitStarted +0', 'SignIn +0 anna', 'Search +1000 anna', 'SignOut +2500 anna'])
    expect(sessionsOf(tab)).toMatchObject([
      { identityId: 'anna', startDate: start, endDate: start + 2500, duration: 2 },
    ])
    expect(tab.writer.openState()).toMatchObject({ session: null, left: true })
  })

  it('goes on with the same session when the same identity signs in again', () => {
    const tab = tabWith().signIn(0, 'anna').signIn(10, 'anna').track(20, 'Search')
    expect(tab.said()).toEqual(['VisitStarted +0', 'SignIn +0 anna', 'Search +20 anna'])
    expect(sessionsOf(tab)).toHaveLength(1)
  })

  it('ends the open session as replaced when another identity signs in, and starts one of its own', () => {
    const tab = tabWith().signIn(0, 'anna').signIn(700, 'bert').track(800, 'Search')
    expect(tab.said()).toEqual([
      'VisitStarted +0',
      'SignIn +0 anna',
      'SessionEnded +700 anna replaced',
      'SignIn +700 bert',
      'Search +800 bert',
    ])
    const [first, second] = sessionsOf(tab)
    expect(first).toMatchObject({ identityId: 'anna', endDate: start + 700 })
    expect(second).toMatchObject({ identityId: 'bert', endDate: 0, visitID: first?.visitID })
  })

  it('records nothing at a stray sign-out', () => {
    const tab = tabWith().page(0).signOut(10)
    expect(tab.said()).toEqual(['VisitStarted +0', 'PageEntered +0'])
  })

  it('starts no visit for a stray sign-out', () => {
    expect(tabWith().signOut(0).said()).toEqual([])
  })

  it('starts a new session in the same visit at a sign-in after a sign-out', () => {
    const tab = tabWith().signIn(0, 'anna').signOut(10).signIn(20, 'anna')
    const [first, second] = sessionsOf(tab)
    expect(first?.sessionID).not.toBe(second?.sessionID)
    expect(first?.visitID).toBe(second?.visitID)
    expect(tab.said().slice(2)).toEqual(['SignOut +10 anna', 'SignIn +20 anna'])
  })

  it('closes a session once, however often it is signed out', () => {
    const tab = tabWith().signIn(0, 'anna').signOut(10).signOut(20)
    expect(tab.said().filter(line => line.startsWith('SignOut'))).toEqual(['SignOut +10 anna'])
  })

  it('never puts a record into a closed session', () => {
    const tab = tabWith().page(0).signIn(0, 'anna').signOut(10).track(10, 'Search').page(20).exit(30)
    const closed = sessionsOf(tab)[0]?.sessionID
    const after = tab.events().slice(tab.events().findIndex(event => event.eventName === 'SignOut') + 1)
    expect(after.length).toBeGreaterThan(2)
    expect(after.filter(event => event.sessionID === closed)).toEqual([])
  })

  it('keeps the data that it is called with', () => {
    const tab = tabWith()
      .signIn(0, 'anna', '{"name":"Anna"}')
      .userInfo(1, '{"plan":"free"}')
      .track(2, 'Search', '{"q":"tea"}')
    expect(tab.events().map(event => event.data)).toEqual([null, { name: 'Anna' }, { plan: 'free' }, { q: 'tea' }])
  })

  it('calls GWE’s names system events and every other a business event', () => {
    const tab = tabWith().page(0).signIn(1, 'anna').userInfo(2, '{}').track(3, 'Search').exit(4).signOut(5)
    expect(
      tab
        .events()
        .filter(event => event.eventType === 'BUSINESS')
        .map(event => event.eventName),
    ).toEqual(['Search'])
    expect(tab.events().filter(event => event.eventType === 'SYSTEM')).toHaveLength(6)
  })
})

describe('idle', () => {
  it('ends a session at its last activity, not at the moment when somebody looks', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .track(5000, 'Search')
      .look(5000 + 10 * idle)
    expect(tab.said().at(-1)).toBe('SessionEnded +5000 anna idle')
    expect(sessionsOf(tab)).toMatchObject([{ endDate: start + 5000, duration: 5 }])
    expect(tab.writer.openState()).toMatchObject({ session: null, visit: null, left: false })
  })

  it('takes input for activity', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .input(60_000)
      .look(idle + 59_999)
    expect(tab.writer.openState().session).not.toBeNull()
    expect(
      tab
        .look(idle + 60_000)
        .said()
        .at(-1),
    ).toBe('SessionEnded +60000 anna idle')
  })

  it('does not take looking for activity', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .look(idle - 1)
      .look(idle)
    expect(tab.said().at(-1)).toBe('SessionEnded +0 anna idle')
  })

  it('goes on with the session one moment before the limit', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .track(idle - 1, 'Search')
    expect(sessionsOf(tab)).toMatchObject([{ endDate: 0 }])
  })

  it('starts a resumed session of the same identity in a page that still believes it is signed in', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .track(2 * idle, 'Search')
    expect(tab.said()).toEqual([
      'VisitStarted +0',
      'SignIn +0 anna',
      'SessionEnded +0 anna idle',
      `VisitStarted +${2 * idle}`,
      `SignIn +${2 * idle} anna resumed`,
      `Search +${2 * idle} anna`,
    ])
    const [first, second] = sessionsOf(tab)
    expect(first?.visitID).not.toBe(second?.visitID)
  })

  it('starts a resumed session also when a timer has noticed the end first', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .look(idle)
      .track(2 * idle, 'Search')
    expect(tab.said().slice(-2)).toEqual([`SignIn +${2 * idle} anna resumed`, `Search +${2 * idle} anna`])
  })

  it('starts a resumed session in every page that was told of the sign-in while it was open', () => {
    const here = tabWith().page(0)
    const there = tabWith().adopt(here.writer.openState()).page(0)
    here.signIn(10, 'anna')
    there
      .adopt(here.writer.openState())
      .track(20, 'Search')
      .track(2 * idle, 'Compare')
    expect(there.said().slice(-3)).toEqual([
      `SignIn +${2 * idle} anna resumed`,
      `PageEntered +${2 * idle} anna`,
      `Compare +${2 * idle} anna`,
    ])
  })

  it('resumes nothing on a fresh page load: who comes back after the idle limit has not signed in', () => {
    const before = tabWith().signIn(0, 'anna')
    const after = nextPage(before).page(2 * idle)
    expect(after.said()).toEqual(['SessionEnded +0 anna idle', `VisitStarted +${2 * idle}`, `PageEntered +${2 * idle}`])
  })

  it('starts a resumed session in a fresh page that has found the session still open', () => {
    const before = tabWith().signIn(0, 'anna')
    const after = nextPage(before)
      .page(10)
      .track(2 * idle, 'Search')
    expect(after.said()).toContain(`SignIn +${2 * idle} anna resumed`)
  })

  it('resumes nothing on a fresh page load after another page has closed the idle session', () => {
    const before = tabWith().signIn(0, 'anna').look(idle)
    const after = nextPage(before).page(2 * idle)
    expect(after.said()).toEqual([`VisitStarted +${2 * idle}`, `PageEntered +${2 * idle}`])
  })

  it('starts an unreasoned session when somebody signs in after the idle end', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .signIn(2 * idle, 'bert')
    expect(tab.said().slice(2)).toEqual([
      'SessionEnded +0 anna idle',
      `VisitStarted +${2 * idle}`,
      `SignIn +${2 * idle} bert`,
    ])
  })

  it('signs out to nothing after the idle end, and resumes nothing then', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .signOut(2 * idle)
      .track(2 * idle + 1, 'Search')
    expect(tab.said().slice(2)).toEqual([
      'SessionEnded +0 anna idle',
      `VisitStarted +${2 * idle + 1}`,
      `Search +${2 * idle + 1}`,
    ])
  })

  it('leaves the page at the last activity and enters it again with the new visit', () => {
    const tab = tabWith()
      .page(0, 'https://shop.example/tea')
      .track(10, 'Search')
      .track(2 * idle, 'Compare')
    expect(tab.said().slice(3)).toEqual([
      'PageExited +10',
      `VisitStarted +${2 * idle}`,
      `PageEntered +${2 * idle}`,
      `Compare +${2 * idle}`,
    ])
    const pages = new Set(tab.facts().map(fact => fact.page?.pageID))
    expect([...pages].filter(Boolean)).toHaveLength(2)
  })

  it('ends itself at the last activity when its page closes long after', () => {
    const tab = tabWith()
      .signIn(0, 'anna')
      .page(10)
      .exit(3 * idle)
    expect(tab.said().at(-1)).toBe('PageExited +10 anna')
  })
})

describe('several tabs', () => {
  it('puts the records of every tab into the one session', () => {
    const here = tabWith().signIn(0, 'anna')
    const there = nextPage(here).page(10).track(20, 'Search')
    expect(there.said()).toEqual(['PageEntered +10 anna', 'Search +20 anna'])
    expect(sessionsOf(here, there)).toHaveLength(1)
  })

  it('stops believing when another tab signs out', () => {
    const here = tabWith().signIn(0, 'anna')
    const there = nextPage(here).track(10, 'Search')
    here.signOut(20)
    there
      .adopt(here.writer.openState())
      .track(30, 'Search')
      .track(2 * idle, 'Compare')
    expect(there.said()).toEqual(['Search +10 anna', 'Search +30', `VisitStarted +${2 * idle}`, `Compare +${2 * idle}`])
  })

  it('stops believing when another tab signs out after the idle end', () => {
    const here = tabWith().signIn(0, 'anna')
    const there = nextPage(here).track(10, 'Search')
    here.adopt(there.writer.openState()).signOut(2 * idle)
    there.adopt(here.writer.openState()).track(2 * idle + 10, 'Compare')
    expect(there.said().at(-1)).toBe(`Compare +${2 * idle + 10}`)
  })

  it('goes over to the session of another tab, and believes in that', () => {
    const here = tabWith().signIn(0, 'anna')
    const there = nextPage(here).signIn(10, 'bert')
    here
      .adopt(there.writer.openState())
      .track(20, 'Search')
      .track(2 * idle, 'Compare')
    expect(here.said().slice(2)).toEqual([
      'Search +20 bert',
      'SessionEnded +20 bert idle',
      `VisitStarted +${2 * idle}`,
      `SignIn +${2 * idle} bert resumed`,
      `Compare +${2 * idle} bert`,
    ])
  })

  it('resumes nobody whose session another tab has replaced while it slept', () => {
    const here = tabWith().signIn(0, 'anna')
    const there = nextPage(here).signIn(10, 'bert')
    here.adopt(there.writer.openState()).track(2 * idle, 'Search')
    expect(here.said().filter(line => line.includes(`+${2 * idle} anna`))).toEqual([])
  })

  it('takes the later activity of another tab, so that a busy tab keeps a quiet one from ending the session', () => {
    const busy = tabWith().signIn(0, 'anna')
    const quiet = nextPage(busy)
    busy.track(idle - 10, 'Search')
    quiet.adopt(busy.writer.openState()).look(idle + 10)
    expect(quiet.said()).toEqual([])
    expect(quiet.writer.openState().session).not.toBeNull()
  })

  it('takes nothing older than what it knows, and nothing where there is nothing', () => {
    const tab = tabWith().signIn(0, 'anna')
    const old = tab.writer.openState()
    tab.signOut(10).adopt(old).adopt(undefined)
    expect(tab.writer.openState().session).toBeNull()
  })
})

describe('before sign-in', () => {
  it('records pages and events of the visit without a session', () => {
    const tab = tabWith().page(0).track(10, 'Search').signIn(20, 'anna').track(30, 'Search')
    expect(tab.said()).toEqual([
      'VisitStarted +0',
      'PageEntered +0',
      'Search +10',
      'SignIn +20 anna',
      'Search +30 anna',
    ])
    expect(tab.events()[2]).toMatchObject({ sessionID: null })
    expect(tab.facts()[2]?.page?.sessionID).toBeNull()
  })

  it('records nothing of anybody who is not signed in, when told so', () => {
    const tab = tabWith({ anonymous: false }).page(0).track(10, 'Search').input(20)
    expect(tab.said()).toEqual([])
    expect(tab.signIn(30, 'anna').track(40, 'Search').signOut(50).track(60, 'Search').said()).toEqual([
      'SignIn +30 anna',
      'Search +40 anna',
      'SignOut +50 anna',
    ])
    expect(tab.kept.map(([, , , , seq]) => seq)).toEqual([1, 2, 3])
  })
})

describe('a visit', () => {
  it('says that a program drives the browser, and says nothing of it where none does', () => {
    const visitOf = (tab: Tab): object | null => tab.page(0).writer.openState().visit
    expect(visitOf(tabWith({ automated: true }))).toMatchObject({ automated: true })
    expect(visitOf(tabWith())).not.toHaveProperty('automated')
  })
})

describe('the orphan exit of a page', () => {
  it('is its exit at the last activity, in a writer of its own', () => {
    const tab = tabWith().page(0).signIn(0, 'anna').track(10, 'Search').input(20_000)
    const made = tab.kept.length
    const exit = tab.writer.orphanExit() as Run
    expect(factsOf(exit)[0]).toMatchObject({
      event: { eventName: 'PageExited', timestamp: start + 20_000, pageID: tab.writer.page()?.pageID, seq: 1 },
      session: { identityId: 'anna' },
    })
    expect(exit[3]).not.toBe(tab.kept[0]?.[3])
    expect(tab.kept).toHaveLength(made)
    tab.track(20_001, 'Buy')
    expect(tab.kept.at(-1)?.[4]).toBe(made + 1)
  })

  it('has another id each time, because an earlier one may be owed by now', () => {
    const tab = tabWith().page(0)
    const [one, other] = [tab.writer.orphanExit(), tab.writer.orphanExit()] as [Run, Run]
    expect(idsOf([one])).not.toEqual(idsOf([other]))
  })

  it('is null where there is no page to leave', () => {
    expect(tabWith().writer.orphanExit()).toBeNull()
    expect(tabWith().page(0).exit(10).writer.orphanExit()).toBeNull()
    expect(tabWith({ anonymous: false }).page(0).writer.orphanExit()).toBeNull()
  })
})

describe('pages', () => {
  it('leaves the page before when the next is entered', () => {
    const tab = tabWith().page(0, 'https://shop.example/a').page(100, 'https://shop.example/b').exit(200)
    expect(
      tab
        .events()
        .slice(1)
        .map(event => `${event.eventName} ${event.url} ${event.timestamp - start}`),
    ).toEqual([
      'PageEntered https://shop.example/a 0',
      'PageExited https://shop.example/a 100',
      'PageEntered https://shop.example/b 100',
      'PageExited https://shop.example/b 200',
    ])
  })

  it('makes a new page of the same address', () => {
    const tab = tabWith().page(0, 'https://shop.example/a').page(10, 'https://shop.example/a')
    const entered = tab.events().filter(event => event.eventName === 'PageEntered')
    expect(entered[0]?.pageID).not.toBe(entered[1]?.pageID)
  })

  it('leaves a page once', () => {
    expect(
      tabWith()
        .page(0)
        .exit(10)
        .exit(20)
        .said()
        .filter(line => line.startsWith('PageExited')),
    ).toEqual(['PageExited +10'])
  })

  it('has what is recorded as it goes away, until its visit is over or another page is entered', () => {
    const tab = tabWith().page(0, 'https://shop.example/a').exit(10).track(11, 'FormAbandoned')
    expect(tab.writer.page()).toBeNull()
    expect(tab.writer.orphanExit()).toBeNull()
    tab
      .page(20, 'https://shop.example/b')
      .track(21, 'Search')
      .exit(30)
      .track(30 + idleLimitMs, 'Late')
    expect(
      tab
        .events()
        .filter(({ eventType }) => eventType === 'BUSINESS')
        .map(({ eventName, url }) => `${eventName} ${url}`),
    ).toEqual(['FormAbandoned https://shop.example/a', 'Search https://shop.example/b', 'Late '])
  })

  it('says which session was open as the page was entered, whoever signs in on it', () => {
    const tab = tabWith().page(0).signIn(10, 'anna').track(20, 'Search')
    expect(tab.facts().at(-1)).toMatchObject({ page: { sessionID: null }, session: { identityId: 'anna' } })
  })
})

describe('time and order', () => {
  it('never records before the last activity, though the clock is behind it', () => {
    const before = tabWith().track(60_000, 'Search')
    const after = nextPage(before).track(10, 'Compare').track(20, 'Buy')
    expect(after.said()).toEqual(['Compare +60001', 'Buy +60001'])
  })

  it('keeps the order of two page loads between which the clock was set back, though ids sort by that clock', () => {
    const before = tabWith({ makeId: timedIds(() => start + 3_600_000) })
      .page(3_600_000)
      .exit(3_600_010)
    const after = tabWith({ makeId: timedIds(() => start) })
      .adopt(before.writer.openState())
      .page(20)
    const events = [...after.events(), ...before.events()].sort(inOrder)
    expect(events.map(({ eventName }) => eventName)).toEqual([
      'VisitStarted',
      'PageEntered',
      'PageExited',
      'PageEntered',
    ])
  })

  it('believes the clock again when the last activity lies more than a day ahead of it', () => {
    const before = tabWith().track(25 * 3_600_000, 'Search')
    const after = nextPage(before).track(0, 'Compare').track(10, 'Buy')
    expect(after.said()).toEqual(['Compare +0', 'Buy +10'])
  })

  it('ends what is idle by the clock that it believes again', () => {
    const before = tabWith().signIn(48 * 3_600_000, 'anna')
    const after = nextPage(before).track(0, 'Compare').look(idle)
    expect(after.said()).toEqual(['Compare +0 anna', `SessionEnded +0 anna idle`])
  })

  it('never lets a session end before it starts, though the clock was set back by days', () => {
    const tab = tabWith()
      .signIn(48 * 3_600_000, 'anna')
      .signOut(0)
    expect(sessionsOf(tab)).toMatchObject([
      { startDate: start + 48 * 3_600_000, endDate: start + 48 * 3_600_000, duration: 0 },
    ])
    expect(tab.kept.at(-1)?.[5]).toBe(start + 48 * 3_600_000)
  })

  it('keeps the order of records of the same moment by their count', () => {
    const tab = tabWith()
    for (const name of ['A', 'B', 'C']) tab.track(5, name)
    expect(tab.events().map(event => [event.eventName, event.timestamp - start, event.seq])).toEqual([
      ['VisitStarted', 5, 1],
      ['A', 5, 2],
      ['B', 5, 3],
      ['C', 5, 4],
    ])
  })

  it('counts each visit with a writer of its own, from 1', () => {
    const tab = tabWith()
      .track(0, 'Search')
      .track(2 * idle, 'Compare')
    const [first, , third] = tab.events()
    expect(tab.events().map(event => event.seq)).toEqual([1, 2, 1, 2])
    expect(first?.writer).not.toBe(third?.writer)
    expect(first?.visitID).not.toBe(third?.visitID)
  })

  it('counts a visit that another tab has begun with a writer of its own, from 1', () => {
    const here = tabWith().page(0)
    const there = nextPage(here).track(10, 'Search')
    here.adopt(there.writer.openState()).track(2 * idle, 'Compare')
    there.adopt(here.writer.openState()).track(2 * idle + 10, 'Buy')
    const [before, after] = [there.events()[0], there.events().at(-1)]
    expect(after?.visitID).toBe(here.events().at(-1)?.visitID)
    expect(after?.writer).not.toBe(before?.writer)
    expect(after?.seq).toBe(1)
  })

  it('gives ids that sort in the order of the calls', () => {
    const tab = tabWith()
    for (let i = 0; i < 100; i++) tab.track(i, 'Search')
    const ids = idsOf(tab.kept).slice(1)
    expect([...ids].sort()).toEqual(ids)
  })

  it('gives a record the id that its call was given', () => {
    const tab = tabWith()
    const id = tab.writer.nextId()
    tab.writer.bind({ id, at: start, data: '', verb: 'track', name: 'Search' })
    expect(tab.events().at(-1)).toMatchObject({ eventID: id, eventName: 'Search' })
  })
})

describe('tabs that sign in at the same moment', () => {
  /** Tabs that know one open visit, and have not heard of each other since. */
  const tabsOf = (count: number): Tab[] => {
    const first = tabWith().page(0)
    return [first, ...Array.from({ length: count - 1 }, () => nextPage(first).page(1))]
  }
  const tellAll = (tabs: readonly Tab[]): void => {
    const states = tabs.map(tab => tab.writer.openState())
    for (const tab of tabs) for (const state of states) tab.adopt(state)
  }

  it('make one session of the same identity, which starts with the first', () => {
    const tabs = tabsOf(3)
    for (const [n, tab] of tabs.entries()) tab.signIn(10 + n, 'anna').track(20 + n, 'Search')
    tellAll(tabs)
    for (const [n, tab] of tabs.entries()) tab.track(30 + n, 'Buy')
    tabs[1]?.signOut(50)
    expect(sessionsOf(...tabs)).toMatchObject([{ identityId: 'anna', startDate: start + 10, endDate: start + 50 }])
  })

  it('make another session after a sign-out, also of the same identity', () => {
    const tabs = tabsOf(2)
    for (const [n, tab] of tabs.entries()) tab.signIn(10 + n, 'anna')
    tellAll(tabs)
    tabs[0]?.signOut(20)
    tellAll(tabs)
    for (const [n, tab] of tabs.entries()) tab.signIn(30 + n, 'anna')
    expect(sessionsOf(...tabs)).toMatchObject([{ endDate: start + 20 }, { endDate: 0 }])
  })

  it('keep one of two identities, and end the session of the other as replaced', () => {
    const tabs = tabsOf(2)
    tabs[0]?.signIn(10, 'anna')
    tabs[1]?.signIn(12, 'bert')
    tellAll(tabs)
    tabs[0]?.track(20, 'Search')
    expect(sessionsOf(...tabs)).toMatchObject([
      { identityId: 'anna', startDate: start + 10, endDate: start + 12 },
      { identityId: 'bert', startDate: start + 12, endDate: 0 },
    ])
    expect(tabs[0]?.said().slice(-2)).toEqual(['SessionEnded +12 anna replaced', 'Search +20 bert'])
  })

  it('keep a sign-in beside a sign-out of a tab that did not know of it', () => {
    const tabs = tabsOf(2)
    tabs[0]?.signIn(10, 'anna')
    tabs[1]?.signOut(12)
    for (let turn = 0; turn < 2; turn++) tellAll(tabs)
    for (const tab of tabs) expect(tab.writer.openState().session?.identityId).toBe('anna')
    tabs[1]?.track(20, 'Search').signOut(30)
    tellAll(tabs)
    expect(sessionsOf(...tabs)).toMatchObject([{ identityId: 'anna', endDate: start + 30 }])
    for (const tab of tabs) expect(tab.writer.openState().session).toBeNull()
  })

  it('keep who signs in as another tab signs out', () => {
    const tabs = tabsOf(2)
    tabs[0]?.signIn(5, 'anna')
    tellAll(tabs)
    tabs[1]?.signIn(20, 'bert')
    tabs[0]?.signOut(21)
    for (let turn = 0; turn < 2; turn++) tellAll(tabs)
    for (const tab of tabs) expect(tab.writer.openState().session?.identityId).toBe('bert')
    const [first, second] = sessionsOf(...tabs)
    expect(first?.endDate).toBeGreaterThan(0)
    expect(second).toMatchObject({ identityId: 'bert', endDate: 0 })
  })

  it('make one session where one identity replaces another in all of them', () => {
    const tabs = tabsOf(3)
    tabs[0]?.signIn(5, 'anna')
    tellAll(tabs)
    for (const [n, tab] of tabs.entries()) tab.signIn(10 + n, 'bert')
    tellAll(tabs)
    expect(sessionsOf(...tabs)).toMatchObject([{ identityId: 'anna' }, { identityId: 'bert', endDate: 0 }])
  })
})

describe('what a sign-in tells of the identity', () => {
  const told = (tab: Tab): string[] =>
    tab.events().flatMap(({ eventName, data }) => (data ? [`${eventName} ${JSON.stringify(data)}`] : []))

  it('is recorded once, however often the same is told', () => {
    const tab = tabWith().signIn(0, 'anna', '{"name":"Anna"}').signIn(1, 'anna', '{"name":"Anna"}').signIn(2, 'anna')
    expect(told(tab)).toEqual(['SignIn {"name":"Anna"}'])
    expect(told(nextPage(tab).signIn(3, 'anna', '{"name":"Anna"}'))).toEqual([])
  })

  it('is recorded when the same identity signs in again with more', () => {
    const tab = tabWith().signIn(0, 'anna').signIn(1, 'anna', '{"name":"Anna"}')
    expect(told(tab)).toEqual(['UserInfo {"name":"Anna"}'])
    expect(sessionsOf(tab)).toHaveLength(1)
  })
})

describe('the proof of a sign-in', () => {
  const proofOf = (tab: Tab): unknown => tab.writer.openState().session?.proof

  it('stays with the session: in other tabs, and when it is resumed', () => {
    const other = tabWith().page(0)
    const tab = nextPage(other).signIn(1, 'anna', '', 'one')
    other.adopt(tab.writer.openState())
    for (const one of [other, nextPage(tab)]) expect(proofOf(one)).toBe('one')
    for (const one of [tab, other]) {
      one.track(2 * idle, 'Later')
      expect(one.said()).toContain(`SignIn +${2 * idle} anna resumed`)
      expect(proofOf(one)).toBe('one')
    }
  })

  it('is replaced by a newer one without a record, and not by none', () => {
    const tab = tabWith().signIn(0, 'anna', '', 'one')
    const { sessionID } = tab.writer.openState().session ?? {}
    const other = nextPage(tab)
    tab.signIn(1, 'anna', '', 'two').signIn(2, 'anna')
    expect(tab.said()).toEqual(['VisitStarted +0', 'SignIn +0 anna'])
    expect(tab.writer.openState().session).toMatchObject({ sessionID, proof: 'two' })
    expect(proofOf(other.adopt(tab.writer.openState()))).toBe('two')
  })

  it('is not given to another identity', () => {
    expect(proofOf(tabWith().signIn(0, 'anna', '', 'one').signIn(1, 'bert'))).toBeUndefined()
  })
})

describe('a session that the collector has erased', () => {
  const textOf = (tab: Tab): string => JSON.stringify(tab.writer.openState().session)

  it('ends without a record, and nothing that comes later names it', () => {
    const tab = tabWith().signIn(0, 'anna', '{"name":"Anna"}', 'pr.oo_f').page(1).track(2, 'A')
    const { sessionID } = tab.writer.openState().session ?? {}
    const before = tab.kept.length
    expect(tab.writer.erase(['', textOf(tab)], start + 3)).toBe(true)
    expect(tab.kept).toHaveLength(before)
    expect([tab.writer.openState(), tab.writer.orphanExit()]).toMatchObject([{ session: null, told: '' }, null])
    tab.track(4, 'B').exit(5)
    expect(tab.said().slice(before)).toEqual(['PageEntered +4', 'B +4', 'PageExited +5'])
    expect(JSON.stringify(tab.kept.slice(before))).not.toMatch(new RegExp(`anna|Anna|pr.oo_f|${sessionID}`))
    expect(new Set(tab.events().map(({ visitID }) => visitID)).size).toBe(1)
  })

  it('is followed by a new one with the next sign-in, also of the same identity', () => {
    const tab = tabWith().signIn(0, 'anna')
    const erased = textOf(tab)
    tab.writer.erase([erased], start + 1)
    tab.signIn(2, 'anna')
    const [first, second] = tab.facts().flatMap(({ session }) => (session ? [session.sessionID] : []))
    expect(second).not.toBe(first)
    expect(tab.writer.erase([erased], start + 3)).toBe(false)
    expect(tab.writer.openState().session).toMatchObject({ sessionID: second })
  })

  it('is not resumed after an idle end', () => {
    const tab = tabWith().signIn(0, 'anna')
    const erased = textOf(tab)
    tab.look(2 * idle)
    expect(tab.writer.erase([erased], start + 2 * idle)).toBe(true)
    tab.track(2 * idle + 1, 'Later')
    expect(tab.said().at(-1)).toBe(`Later +${2 * idle + 1}`)
  })

  it('ends in every tab, and their pages do not name it either', () => {
    const tab = tabWith().signIn(0, 'anna')
    const { sessionID } = tab.writer.openState().session ?? {}
    const other = nextPage(tab).page(1)
    tab.adopt(other.writer.openState()).writer.erase([textOf(tab)], start + 2)
    other.adopt(tab.writer.openState()).track(3, 'A').adopt(tab.track(4, 'B').writer.openState()).track(5, 'C')
    expect(other.said().slice(1)).toEqual(['PageEntered +3', 'A +3', 'C +5'])
    expect(JSON.stringify(other.kept.slice(1))).not.toContain(sessionID)
  })

  it('changes nothing where it is another', () => {
    const tab = tabWith().page(0).signIn(1, 'anna')
    const before = tab.writer.openState()
    expect(tab.writer.erase(['', '{"sessionID":"other"}'], start + 2)).toBe(false)
    expect(tabWith().page(0).writer.erase(['{"sessionID":"other"}'], start)).toBe(false)
    expect(tab.writer.openState()).toBe(before)
  })
})

describe('the open state of a visitor who was forgotten', () => {
  it('is not adopted, however new it is, and that of the next visitor is, however old', () => {
    const before = tabWith().signIn(1000, 'anna').writer.openState()
    const tab = tabWith({ forgottenAt: start }).page(0)
    const { visit, forgotten } = tab.writer.openState()
    expect(forgotten).toBe(start)
    expect(tab.adopt(before).writer.openState()).toMatchObject({ visit, session: null, active: start })
    const unaware = tabWith().signIn(1000, 'anna').adopt(tab.writer.openState())
    expect(unaware.writer.openState()).toMatchObject({ visit, session: null, forgotten })
  })
})

describe('the longest session', () => {
  const limit = 2 * idle
  /** A kiosk: something happens once in ten minutes. */
  const kiosk = (until: number): Tab => {
    const tab = tabWith({ sessionLimitMs: limit }).page(0).signIn(0, 'anna')
    for (let at = 600_000; at <= until; at += 600_000) tab.track(at, 'Sell')
    return tab
  }

  it('ends with the reason limit, at the limit, and goes on as a resumed one', () => {
    const tab = kiosk(limit + 600_000)
    expect(tab.said().slice(-5)).toEqual([
      `Sell +${limit - 600_000} anna`,
      `SessionEnded +${limit} anna limit`,
      `SignIn +${limit} anna resumed`,
      `Sell +${limit} anna`,
      `Sell +${limit + 600_000} anna`,
    ])
    expect(sessionsOf(tab)).toMatchObject([{ endDate: start + limit }, { endDate: 0, startDate: start + limit }])
    expect(
      new Set(
        tab
          .facts()
          .map(({ page }) => page?.pageID)
          .filter(Boolean),
      ).size,
    ).toBe(1)
  })

  it('is resumed by a page load that finds it over', () => {
    expect(
      tabWith({ sessionLimitMs: limit })
        .adopt(kiosk(limit - 1).writer.openState())
        .track(limit, 'Sell')
        .said(),
    ).toEqual([`SessionEnded +${limit} anna limit`, `SignIn +${limit} anna resumed`, `Sell +${limit} anna`])
  })

  it('is one in all tabs that find it over at the same moment', () => {
    const first = kiosk(limit - 600_000)
    const second = tabWith({ sessionLimitMs: limit }).adopt(first.writer.openState())
    first.track(limit + 1, 'Sell')
    second.track(limit + 2, 'Sell')
    expect(sessionsOf(first, second)).toHaveLength(2)
  })

  it('ends also while nobody does anything, and is then resumed with the next activity', () => {
    const tab = kiosk(limit - 600_000).look(limit + 1)
    expect(tab.said().at(-1)).toBe(`SessionEnded +${limit} anna limit`)
    expect(
      tab
        .track(limit + 9, 'Sell')
        .said()
        .slice(-2),
    ).toEqual([`SignIn +${limit + 9} anna resumed`, `Sell +${limit + 9} anna`])
  })
})

describe('a page at the borders of a visit', () => {
  const pagesOf = (tab: Tab): (string | undefined)[] => tab.facts().map(({ page }) => page?.pageID)

  it('is entered anew by the first event after an idle end that somebody has noticed', () => {
    const tab = tabWith()
      .page(0)
      .look(idle)
      .track(idle + 5, 'Search')
    expect(tab.said().slice(2)).toEqual([
      'PageExited +0',
      `VisitStarted +${idle + 5}`,
      `PageEntered +${idle + 5}`,
      `Search +${idle + 5}`,
    ])
    expect(new Set(pagesOf(tab).filter(Boolean)).size).toBe(2)
    expect(tab.facts().at(-1)?.page?.url).toBe('https://shop.example/')
  })

  it('spans no pause in a tab that only hears of it', () => {
    const here = tabWith().page(0, 'https://shop.example/here')
    const there = nextPage(here).page(10, 'https://shop.example/there')
    here.adopt(there.writer.openState())
    there.track(idle + 100, 'Search')
    here.adopt(there.writer.openState())
    expect(here.said().at(-1)).toBe('PageExited +10')
    here.input(idle + 200)
    expect(here.said().at(-1)).toBe(`PageEntered +${idle + 200}`)
    expect(here.facts().at(-1)?.visit.visitID).toBe(there.facts().at(-1)?.visit.visitID)
  })

  it('is not entered anew where it was left', () => {
    const tab = tabWith()
      .page(0)
      .exit(5)
      .look(idle + 5)
      .track(2 * idle, 'Search')
    expect(tab.facts().at(-1)?.page).toBeNull()
  })

  it('has a sign-in after the pause', () => {
    const tab = tabWith()
      .page(0)
      .look(idle)
      .signIn(idle + 5, 'anna')
    expect(tab.said().slice(-3)).toEqual([
      `VisitStarted +${idle + 5}`,
      `PageEntered +${idle + 5}`,
      `SignIn +${idle + 5} anna`,
    ])
    expect(tab.facts().at(-1)?.page).not.toBeNull()
  })
})

describe('what no person has done', () => {
  const passive = (tab: Tab, at: number, call: NewCall): Tab => {
    tab.writer.bind({ ...call, data: '', at: start + at, passive: true })
    return tab
  }
  const beat = (tab: Tab, at: number): Tab => passive(tab, at, { verb: 'track', name: 'Beat' })
  const view = { url: 'https://shop.example/next', title: 'Next', referrer: '', category: '' }
  const enter = (tab: Tab, at: number): Tab => passive(tab, at, { verb: 'page', view })

  it('keeps no session open, and says so', () => {
    const tab = tabWith().signIn(0, 'anna')
    for (let at = 60_000; at < idle; at += 60_000) beat(tab, at)
    expect(tab.events().at(-1)).toMatchObject({ eventName: 'Beat', activity: false })
    expect(tab.look(idle).said().at(-1)).toBe('SessionEnded +0 anna idle')
  })

  it('ends no page before it was entered, however the page ends', () => {
    const entered = (): Tab => enter(tabWith().page(0), 5000)
    expect(factsOf(entered().writer.orphanExit() as Run)[0]?.event.timestamp).toBe(start + 5000)
    expect(entered().look(idle).said().at(-1)).toBe('PageExited +5000')
    expect(
      entered()
        .exit(idle + 10)
        .said()
        .at(-1),
    ).toBe('PageExited +5000')
  })

  it('ends no session before it began', () => {
    const tab = passive(tabWith().page(0), 5000, { verb: 'signIn', identityId: 'anna' })
    expect(tab.look(idle + 5000).said()).toEqual([
      'VisitStarted +0',
      'PageEntered +0',
      'SignIn +5000 anna',
      'PageExited +5000 anna',
      'SessionEnded +5000 anna idle',
    ])
  })

  it('leaves a page that was entered after the end of the visit', () => {
    const tab = enter(tabWith().page(0).look(idle), idle + 100).exit(idle + 200)
    expect(tab.said().slice(-2)).toEqual([`PageEntered +${idle + 100}`, `PageExited +${idle + 200}`])
    expect(tab.events().at(-1)).toMatchObject({ activity: false })
    expect(new Set(tab.facts().map(({ visit }) => visit.visitID)).size).toBe(1)
    expect(tab.writer.openState().visit).toBeNull()
  })

  it('is kept after the end, in the visit before, and begins none', () => {
    const tab = beat(tabWith().page(0).signIn(0, 'anna'), idle + 5)
    const visits = new Set(tab.facts().map(({ visit }) => visit.visitID))
    expect(visits.size).toBe(1)
    expect(tab.said().at(-1)).toBe(`Beat +${idle + 5}`)
    expect(tab.writer.openState().visit).toBeNull()
    expect(
      tab
        .track(idle + 50, 'Search')
        .said()
        .slice(-4),
    ).toEqual([
      `VisitStarted +${idle + 50}`,
      `SignIn +${idle + 50} anna resumed`,
      `PageEntered +${idle + 50} anna`,
      `Search +${idle + 50} anna`,
    ])
  })

  it('is of the page that the end of the visit has closed, until another visit begins', () => {
    const tab = beat(tabWith().page(0).look(idle), idle + 5)
    const [, entered, , late] = tab.facts()
    expect(late?.event).toMatchObject({ eventName: 'Beat', pageID: entered?.event.pageID, activity: false })
    const begun = tab
      .track(idle + 50, 'Search')
      .facts()
      .slice(4)
    expect(begun.map(({ event }) => [event.eventName, event.pageID === entered?.event.pageID])).toEqual([
      ['VisitStarted', false],
      ['PageEntered', false],
      ['Search', false],
    ])
    expect(begun[0]?.page).toBeNull()
  })

  it('is of no page that was left before its visit ended', () => {
    const tab = tabWith()
      .page(0)
      .look(idle)
      .exit(idle + 1)
    expect(
      tab
        .track(idle + 2, 'Search')
        .facts()
        .at(-2),
    ).toMatchObject({ event: { eventName: 'VisitStarted' }, page: null })
  })

  it('is of the visit before also after another tab has told that it is over', () => {
    const tab = tabWith().page(0).look(idle)
    const state = tab.writer.openState()
    expect(
      beat(tab.adopt({ ...state, rev: state.rev + 1 }), idle + 5)
        .said()
        .slice(3),
    ).toEqual([`Beat +${idle + 5}`])
  })

  it('is of no page that was erased, also after the end of the visit', () => {
    const tab = tabWith().page(0).signIn(0, 'anna')
    tab.writer.erase([JSON.stringify(tab.writer.openState().session)], start + 5)
    expect(
      beat(tab.look(idle + 5), idle + 6)
        .facts()
        .at(-1)?.page,
    ).toBeNull()
  })

  it('leaves a page that was entered after the end of the visit as the next one begins, here or in another tab', () => {
    const entered = (): Tab => enter(tabWith().page(0).look(idle), idle + 100)
    const other = tabWith().page(idle + 200)
    const next = { ...other.writer.openState(), rev: start + 2 * idle }
    for (const tab of [
      entered().track(idle + 200, 'Search'),
      entered()
        .adopt(next)
        .track(idle + 300, 'Search'),
    ]) {
      const onPages = tab.facts().filter(({ page }) => page)
      const visits = new Map(onPages.map(({ page, visit }) => [page?.pageID, visit.visitID]))
      for (const { page, visit } of onPages) expect(visits.get(page?.pageID)).toBe(visit.visitID)
      const exit = tab.events().findLast(({ eventName }) => eventName === 'PageExited')
      expect(exit).toMatchObject({ timestamp: start + idle + 100, activity: false })
      expect(tab.said().slice(-2)[0]).toMatch('PageEntered')
    }
  })

  it('begins a visit where there is none to belong to', () => {
    expect(beat(tabWith(), 5).said()).toEqual(['VisitStarted +5', 'Beat +5'])
    expect(beat(beat(tabWith(), 5), 10).said()).toHaveLength(3)
  })
})

describe('whatever is called, in whatever order', () => {
  const verbs = ['page', 'track', 'signIn', 'signOut', 'exit', 'input', 'look', 'userInfo'] as const
  type Script = { verb: (typeof verbs)[number]; tab: number; identityId: string; after: number }[]
  const calls: fc.Arbitrary<Script> = fc.array(
    fc.record({
      verb: fc.constantFrom(...verbs),
      tab: fc.nat(1),
      identityId: fc.constantFrom('anna', 'bert'),
      after: fc.oneof(fc.nat(3), fc.nat(60_000), fc.constantFrom(idle - 1, idle, idle + 1, 3 * idle)),
    }),
    { maxLength: 60 },
  )

  /** Plays a script on two tabs that tell each other everything at once, and gives what both recorded, in order. */
  const play = (script: Script, anonymous: boolean): Fact[] => {
    const order: Run[] = []
    const makeTab = (): Tab => tabWith({ anonymous, keep: record => void order.push(record) })
    const tabs = [makeTab(), makeTab()]
    let at = 0
    for (const { verb, tab: index, identityId, after } of script) {
      at += after
      const tab = tabs[index] as Tab
      if (verb === 'track') tab.track(at, 'Search')
      else if (verb === 'signIn') tab.signIn(at, identityId)
      else if (verb === 'userInfo') tab.userInfo(at, '{}')
      else tab[verb](at)
      tabs[1 - index]?.adopt(tab.writer.openState())
    }
    return order.flatMap(factsOf)
  }

  it('makes unique ids, and gapless counts of each writer within one visit', () => {
    fc.assert(
      fc.property(calls, fc.boolean(), (script, anonymous) => {
        const all = play(script, anonymous)
        expect(new Set(all.map(({ event }) => event.eventID)).size).toBe(all.length)
        const counts = new Map<string, number>()
        for (const { event } of all) {
          const where = `${event.writer} in ${event.visitID}`
          expect(event.seq).toBe((counts.get(where) ?? 0) + 1)
          counts.set(where, event.seq)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('makes sessions that take nothing after their end, and that do not overlap', () => {
    fc.assert(
      fc.property(calls, fc.boolean(), (script, anonymous) => {
        const all = play(script, anonymous)
        const ended = new Map<string, number>()
        for (const { event, session } of all) {
          if (!session) continue
          // A tab that hears that the visit is over notes then that its page was left. That was not after the end.
          const end = ended.get(session.sessionID)
          if (end !== undefined) expect([event.eventName, event.timestamp <= end]).toEqual(['PageExited', true])
          expect(event.timestamp).toBeGreaterThanOrEqual(session.startDate)
          if (event.eventName === 'SignOut' || event.eventName === 'SessionEnded')
            ended.set(session.sessionID, event.timestamp)
        }
        const sessions = foldBy(all.map(sessionOf), one => one.sessionID, joinSession)
        for (const [index, one] of sessions.entries()) {
          const next = sessions[index + 1]
          if (next) {
            expect(one.endDate).toBeGreaterThan(0)
            expect(next.startDate).toBeGreaterThanOrEqual(one.endDate)
          }
          expect(one.lastActivity).toBeGreaterThanOrEqual(one.startDate)
          if (one.endDate) expect(one.lastActivity).toBeLessThanOrEqual(one.endDate)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('records each call at its own time, and only in its visit', () => {
    fc.assert(
      fc.property(calls, script => {
        const all = play(script, true)
        for (const { event, visit, page } of all) {
          expect(event.timestamp).toBeGreaterThanOrEqual(visit.startDate)
          if (page) expect(event.timestamp).toBeGreaterThanOrEqual(page.startDate)
        }
      }),
      { numRuns: 300 },
    )
  })
})
