import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  type Event,
  eventMeanings,
  inOrder,
  meaningOf,
  systemEvents,
  toEventType,
} from '../../src/record/event.js'
import { idsOf, type Run } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { factsOf, tabWith } from '../helpers/tab.js'

describe('bytesOf', () => {
  it('counts UTF-8 exactly where it could pass the limit', () => {
    for (const text of ['plain', 'größer', '日本語', '🍵🍵', ''])
      expect(bytesOf(text, 1)).toBe(new TextEncoder().encode(text).length)
  })

  it('never tells less than the limit of a text that is over it', () => {
    for (const length of [33, 34, 50, 99, 100, 101]) {
      const text = '日'.repeat(length)
      expect(bytesOf(text, 100) > 100).toBe(length * 3 > 100)
    }
  })
})

describe('a record', () => {
  it('gives back the whole event from its texts', () => {
    const tab = tabWith().page(0, 'https://shop.example/tea').signIn(5, 'anna').track(9, 'Search', '{"q":"tea"}')
    const fact = tab.facts().at(-1)
    expect(fact?.event).toEqual({
      eventID: idsOf(tab.kept).at(-1),
      eventType: 'BUSINESS',
      eventName: 'Search',
      category: '',
      timestamp: start + 9,
      writer: tab.kept.at(-1)?.[3],
      seq: 4,
      url: 'https://shop.example/tea',
      data: { q: 'tea' },
      visitID: fact?.visit.visitID,
      sessionID: fact?.session?.sessionID,
      pageID: fact?.page?.pageID,
    })
    expect(fact?.session).toMatchObject({ identityId: 'anna', startDate: start + 5, visitID: fact?.visit.visitID })
    expect(fact?.visit).toMatchObject({ startDate: start, languageCode: 'de', userAgent: 'a browser' })
  })

  it('belongs to no session and no page where there was none', () => {
    const [record] = tabWith().track(0, 'Search').kept
    expect(factsOf(record as Run)[0]).toMatchObject({
      session: null,
      page: null,
      event: { sessionID: null, pageID: null, url: '', data: null },
    })
  })

  it('tells when it ends its session, and 0 for every other', () => {
    const tab = tabWith().signIn(0, 'anna').track(5, 'Search').signOut(10)
    expect(tab.kept.map(([, , , , , ends]) => ends)).toEqual([0, 0, 0, start + 10])
  })
})

describe('the table of event meanings', () => {
  it('names the events of GWE and the end of a session that nobody signed out of', () => {
    expect(systemEvents).toEqual([
      'VisitStarted',
      'PageEntered',
      'PageExited',
      'SignIn',
      'SignOut',
      'UserInfo',
      'SessionEnded',
    ])
    expect(systemEvents).toEqual(Object.keys(eventMeanings))
  })

  it('says which events end a session, end a page, and tell of an identity', () => {
    const that = (name: keyof ReturnType<typeof meaningOf>) => systemEvents.filter(one => meaningOf(one)[name])
    expect(that('endsSession')).toEqual(['SignOut', 'SessionEnded'])
    expect(that('endsPage')).toEqual(['PageExited'])
    expect(that('tellsIdentity')).toEqual(['SignIn', 'UserInfo'])
  })

  it.each(['Search', 'signout', 'constructor', '__proto__', 'toString', ''])(
    'calls %j a business event that means nothing',
    name => {
      expect(meaningOf(name)).toEqual({})
      expect(toEventType(name)).toBe('BUSINESS')
    },
  )

  it('calls every name that it holds a system event', () => {
    expect(new Set(systemEvents.map(toEventType))).toEqual(new Set(['SYSTEM']))
  })
})

describe('order', () => {
  const at = (timestamp: number, writer: string, seq: number): Event => ({ timestamp, writer, seq }) as Event

  it('goes by time, then writer, then the count of the writer', () => {
    const sorted = [at(1, 'a', 9), at(2, 'a', 1), at(2, 'a', 2), at(2, 'b', 1), at(3, 'a', 3)]
    for (let turn = 0; turn < sorted.length; turn++) {
      const turned = [...sorted.slice(turn), ...sorted.slice(0, turn)]
      expect(turned.reverse().sort(inOrder)).toEqual(sorted)
    }
  })
})
