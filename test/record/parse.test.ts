import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  charsPerRow,
  maxBodyRecords,
  maxBodyRows,
  maxIdentityLength,
  maxIdLength,
  maxNameLength,
  maxProofLength,
  maxRecordBytes,
  maxTextLength,
} from '../../src/record/limits.js'
import { BatchError, parseBatch } from '../../src/record/parse.js'

const visit = { visitID: 'v', startDate: 1000, globalVisitID: 'g', languageCode: 'de', userAgent: 'a browser' }
const session = { sessionID: 's', identityId: 'anna', visitID: 'v', startDate: 1000, endDate: 0, duration: 0 }
const event = { eventID: 'e', eventType: 'BUSINESS', eventName: 'Search', timestamp: 1500, writer: 'w', seq: 1 }

const batchWith = ({ events = [], pages = [], ...more }: Record<string, unknown> = {}): string =>
  JSON.stringify({ v: 1, sentAt: 2000, visits: [visit], sessions: [{ ...session, pages, events }], ...more })

const errorOf = (text: string): BatchError => {
  try {
    parseBatch(text)
  } catch (error) {
    expect(error).toBeInstanceOf(BatchError)
    return error as BatchError
  }
  throw new Error('taken')
}

/** So many lists in each other, as text. */
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('what is not a batch', () => {
  it.each([
    ['', 'malformed', 400],
    ['<html>', 'malformed', 400],
    ['[]', 'malformed', 400],
    ['"v"', 'malformed', 400],
    ['null', 'malformed', 400],
    ['{"v":1,"visits":{}}', 'malformed', 400],
    ['{"v":1,"sessions":"all"}', 'malformed', 400],
    ['{}', 'unknown-version', 400],
    ['{"v":2}', 'unknown-version', 400],
    ['{"v":"1"}', 'unknown-version', 400],
  ])('refuses %j as %s', (text, code, status) => {
    expect(errorOf(text)).toMatchObject({ code, status })
  })

  it('refuses more records than one request may bear', () => {
    const events = Array.from({ length: maxBodyRecords + 1 }, (_, seq) => ({ ...event, eventID: `e${seq}`, seq }))
    expect(errorOf(batchWith({ events }))).toMatchObject({ code: 'too-many-records', status: 413 })
    expect(parseBatch(batchWith({ events: events.slice(1) })).facts).toHaveLength(maxBodyRecords)
  })

  it('refuses more rows than one request may cause, of whatever kind they are', () => {
    const list = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
    const counts = (count: number) => Object.fromEntries(list(count, n => [`w${n}`, 1]))
    const visitWith = (more: object) => JSON.stringify({ v: 1, visits: [{ visitID: 'v', startDate: 1, ...more }] })
    const made: Record<string, (count: number) => string> = {
      visits: count => JSON.stringify({ v: 1, visits: list(count, n => ({ visitID: `v${n}`, startDate: 1 })) }),
      'visits that are not valid': count => JSON.stringify({ v: 1, visits: list(count, () => 0) }),
      sessions: count => JSON.stringify({ v: 1, sessions: list(count, n => ({ ...session, sessionID: `s${n}` })) }),
      pages: count => visitWith({ pages: list(count - 1, n => ({ pageID: `p${n}` })) }),
      written: count => visitWith({ written: counts(count - 1) }),
      dropped: count => visitWith({ dropped: counts(count - 1) }),
      'all of them': count =>
        JSON.stringify({
          v: 1,
          visits: [
            { visitID: 'v', startDate: 1, written: counts(500), dropped: counts(400), events: list(300, () => 0) },
          ],
          sessions: [{ ...session, pages: list(count - 1902, n => ({ pageID: `p${n}` })), events: list(700, () => 0) }],
        }),
    }
    for (const [what, textOf] of Object.entries(made)) {
      const long = (count: number): string =>
        textOf(count).replace('{', `{"pad":"${' '.repeat(charsPerRow * maxBodyRows)}",`)
      expect([what, errorOf(long(maxBodyRows + 1))]).toMatchObject([what, { code: 'too-many-records', status: 413 }])
      expect(() => parseBatch(long(maxBodyRows)), what).not.toThrow()
    }
  })

  it('refuses more rows than a short body can pay for', () => {
    const written = (count: number, entry: string): string =>
      `{"v":1,"visits":[{"visitID":"v","startDate":1,"written":{${Array.from({ length: count }, (_, n) => `"${n}${entry}":1`).join()}}}]}`
    expect(errorOf(written(2000, ''))).toMatchObject({ code: 'too-many-records', status: 413 })
    expect(parseBatch(written(2000, '-writer')).counts).toHaveLength(2000)
    expect(parseBatch(written(40, '')).counts).toHaveLength(40)
  })

  it('throws nothing but BatchError, whatever it is given', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ visits: fc.jsonValue(), sessions: fc.jsonValue(), sentAt: fc.jsonValue() })
        .map(body => JSON.stringify({ v: 1, ...body })),
      fc
        .array(fc.dictionary(fc.constantFrom(...Object.keys({ ...session, events: 0, pages: 0 })), fc.jsonValue()))
        .map(sessions => JSON.stringify({ v: 1, sessions })),
      fc
        .array(fc.dictionary(fc.constantFrom(...Object.keys(event), 'data', 'pageID', 'url'), fc.jsonValue()))
        .map(events => batchWith({ events })),
    )
    fc.assert(
      fc.property(anything, text => {
        try {
          const { facts, refused } = parseBatch(text)
          expect(facts.every(fact => typeof fact.event.eventID === 'string')).toBe(true)
          expect(refused.every(one => typeof one.code === 'string')).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(BatchError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['the version', `{"v":${deep(100_000)}}`],
    ['an unknown field', batchWith({ events: [{ ...event, more: 'HERE' }] }).replace('"HERE"', deep(100_000))],
    ['the data', batchWith({ events: [{ ...event, data: { deep: 'HERE' } }] }).replace('"HERE"', deep(100_000))],
    ['a page', batchWith({ pages: [{ pageID: 'p', url: 'HERE' }] }).replace('"HERE"', deep(100_000))],
  ])('throws nothing but BatchError when %s is nested absurdly deep', (_what, text) => {
    try {
      parseBatch(text)
    } catch (error) {
      expect(error).toBeInstanceOf(BatchError)
    }
  })
})

describe('a bad record', () => {
  const long = 'x'.repeat(maxNameLength + 1)
  it.each([
    [{ eventID: '' }, 'id-invalid'],
    [{ eventID: 7 }, 'id-invalid'],
    [{ eventID: 'x'.repeat(maxIdLength + 1) }, 'id-invalid'],
    [{ eventID: 'a\0b' }, 'id-invalid'],
    [{ eventID: 'a\ud800b' }, 'id-invalid'],
    [{ eventID: '.' }, 'id-invalid'],
    [{ eventID: '..' }, 'id-invalid'],
    [{ pageID: '..' }, 'page-invalid'],
    [{ eventName: undefined }, 'name-invalid'],
    [{ eventName: '' }, 'name-invalid'],
    [{ eventName: long }, 'name-invalid'],
    [{ timestamp: -1 }, 'timestamp-invalid'],
    [{ timestamp: 1.5 }, 'timestamp-invalid'],
    [{ timestamp: '1500' }, 'timestamp-invalid'],
    [{ timestamp: 2 ** 60 }, 'timestamp-invalid'],
    [{ writer: null }, 'writer-invalid'],
    [{ seq: -1 }, 'writer-invalid'],
    [{ seq: 1.5 }, 'writer-invalid'],
    [{ pageID: 5 }, 'page-invalid'],
    [{ data: 'text' }, 'data-invalid'],
    [{ data: [1] }, 'data-invalid'],
    [{ data: { text: 'x'.repeat(maxRecordBytes) } }, 'too-large'],
    [{ data: { text: '日'.repeat(maxRecordBytes / 2) } }, 'too-large'],
  ])('%o is refused as %s, and the good ones beside it are taken', (wrong, code) => {
    const bad = { ...event, eventID: 'bad', ...wrong }
    const { facts, refused } = parseBatch(
      batchWith({ events: [{ ...event, eventID: 'a' }, bad, { ...event, eventID: 'b' }] }),
    )
    expect(facts.map(fact => fact.event.eventID)).toEqual(['a', 'b'])
    expect(refused).toMatchObject([{ eventID: code === 'id-invalid' ? '' : 'bad', code, visitID: 'v' }])
  })

  it.each([[null], [7], ['event'], [[event]]])('is refused without an id where it is %j', wrong => {
    expect(parseBatch(batchWith({ events: [wrong, event] }))).toMatchObject({
      facts: [{ event: { eventID: 'e' } }],
      refused: [{ eventID: '', code: 'event-invalid' }],
    })
  })

  it.each([
    [{ sessionID: undefined }],
    [{ identityId: '' }],
    [{ identityId: 5 }],
    [{ identityId: '.' }],
    [{ identityId: '..' }],
    [{ sessionID: '..' }],
    [{ visitID: '.' }],
    [{ identityId: 'x'.repeat(maxIdentityLength + 1) }],
    [{ visitID: undefined }],
    [{ startDate: 'today' }],
    [{ endDate: -5 }],
  ])('is what stands in a session with %o; other sessions are taken', wrong => {
    const text = JSON.stringify({
      v: 1,
      visits: [visit],
      sessions: [
        { ...session, ...wrong, events: [{ ...event, eventID: 'bad' }] },
        { ...session, sessionID: 't', events: [event] },
      ],
    })
    expect(parseBatch(text)).toMatchObject({
      facts: [{ event: { eventID: 'e' }, session: { sessionID: 't' } }],
      refused: [{ eventID: 'bad', code: 'session-invalid' }],
    })
  })

  it('is what stands in a visit without an id or a start', () => {
    const text = JSON.stringify({ v: 1, visits: [{ ...visit, startDate: null, events: [event] }], sessions: [] })
    expect(parseBatch(text)).toMatchObject({
      facts: [],
      visits: [],
      refused: [{ eventID: 'e', code: 'visit-invalid', visitID: null }],
    })
  })
})

describe('a good batch', () => {
  it.each(['...', '.a', '%2e', '%2E%2e', './', '/..'])('may have %j as an id and as an identity', id => {
    const text = JSON.stringify({
      v: 1,
      sessions: [{ ...session, sessionID: id, identityId: id, visitID: id, events: [{ ...event, eventID: id }] }],
    })
    expect(parseBatch(text)).toMatchObject({ sessions: [{ identityId: id }], facts: [{ event: { eventID: id } }] })
  })

  it('takes sessionId for sessionID', () => {
    const { sessionID, ...rest } = session
    const text = JSON.stringify({
      v: 1,
      visits: [visit],
      sessions: [{ ...rest, sessionId: sessionID, events: [event] }],
    })
    expect(parseBatch(text)).toMatchObject({ sessions: [{ sessionID: 's' }], facts: [{ event: { sessionID: 's' } }] })
  })

  it('ignores what it does not know, and what readers derive', () => {
    const text = JSON.stringify({
      v: 1,
      future: true,
      visits: [{ ...visit, future: 1 }],
      sessions: [
        {
          ...session,
          eventIds: ['x'],
          pageIds: ['y'],
          duration: 99,
          events: [{ ...event, future: 1, eventType: 'SYSTEM' }],
        },
      ],
    })
    const { facts, sessions, refused } = parseBatch(text)
    expect(refused).toEqual([])
    expect(sessions).toMatchObject([{ duration: 0, endDate: 0 }])
    expect(facts[0]?.event).toMatchObject({ eventType: 'BUSINESS' })
    expect(facts[0]?.event).not.toHaveProperty('future')
  })

  it('takes a session without its visit, and knows of that visit that it had begun', () => {
    const text = JSON.stringify({ v: 1, sessions: [{ ...session, events: [event] }] })
    expect(parseBatch(text)).toMatchObject({
      visits: [{ visitID: 'v', startDate: 1000, globalVisitID: '', userAgent: '' }],
      facts: [{ visit: { visitID: 'v' } }],
    })
  })

  it('takes a batch without records: only births and counts', () => {
    const text = JSON.stringify({ v: 1, visits: [{ ...visit, written: { w: 3 }, dropped: { w: 1, x: 2 } }] })
    expect(parseBatch(text)).toMatchObject({
      facts: [],
      visits: [{ visitID: 'v' }],
      counts: [
        { visitID: 'v', writer: 'w', written: 3, dropped: 1 },
        { visitID: 'v', writer: 'x', written: 0, dropped: 2 },
      ],
    })
  })

  it('counts nothing where a count is none', () => {
    const text = JSON.stringify({ v: 1, visits: [{ ...visit, written: { a: -1, b: 1.5, c: '3' }, dropped: 7 }] })
    expect(parseBatch(text).counts.map(({ written, dropped }) => written + dropped)).toEqual([0, 0, 0])
  })

  it('counts an end before the start as the start', () => {
    const text = JSON.stringify({ v: 1, visits: [visit], sessions: [{ ...session, endDate: 400 }] })
    expect(parseBatch(text).sessions).toMatchObject([{ startDate: 1000, endDate: 1000, duration: 0 }])
  })

  it('knows by the page whose session it was entered in, wherever it stands', () => {
    const page = { pageID: 'p', url: 'https://shop.example/', sessionID: null, startDate: 900 }
    const events = [{ ...event, pageID: 'p' }]
    expect(parseBatch(batchWith({ pages: [page], events }))).toMatchObject({
      pages: [{ page: { pageID: 'p', sessionID: null }, visitID: 'v', identityId: null }],
      facts: [{ event: { pageID: 'p', url: '' }, page: { startDate: 900, url: 'https://shop.example/' } }],
    })
  })

  it('takes an event of a page that it does not describe', () => {
    expect(parseBatch(batchWith({ events: [{ ...event, pageID: 'p' }] }))).toMatchObject({
      facts: [{ event: { pageID: 'p', url: '' }, page: null }],
      refused: [],
    })
  })

  it('takes the idle limit of a visit if it is a time above 0', () => {
    const limitOf = (idleLimitMs: unknown) =>
      parseBatch(batchWith({ visits: [{ ...visit, idleLimitMs }] })).visits[0]?.idleLimitMs
    expect(limitOf(10_000)).toBe(10_000)
    for (const wrong of [0, -1, 1.5, '10000', null, [9], 2 ** 60])
      expect([wrong, limitOf(wrong)]).toEqual([wrong, undefined])
  })

  it('marks a visit as automated only if it says true', () => {
    const markOf = (automated: unknown) =>
      parseBatch(batchWith({ visits: [{ ...visit, automated }] })).visits[0]?.automated
    expect([true, false, 1, 'true', null, undefined].map(markOf)).toEqual([true, ...Array(5).fill(undefined)])
  })

  it('cuts a long text, and no character of it in two', () => {
    const most = 'x'.repeat(maxTextLength - 1)
    const texts = [`${most}🛒`, `${most}\ud83d`, '\ud83d']
    const events = texts.map((category, seq) => ({ ...event, eventID: `e${seq}`, seq, category }))
    const { facts } = parseBatch(batchWith({ events }))
    expect(facts.map(fact => fact.event.category)).toEqual([most, `${most}\ufffd`, '\ufffd'])
  })

  it('marks an event as no activity only if it says false', () => {
    const events = [false, true, null, 0, 'false'].map((activity, seq) => ({ ...event, eventID: `e${seq}`, activity }))
    const kept = parseBatch(batchWith({ events })).facts.map(one => one.event)
    expect(kept.map(one => one.activity)).toEqual([false, undefined, undefined, undefined, undefined])
    expect(kept.map(one => 'activity' in one)).toEqual([true, false, false, false, false])
  })

  it('keeps every copy of a page, and gives its events the one that was corrected last, in whatever order', () => {
    const copies = [
      { pageID: 'p', url: '/search', title: '' },
      { pageID: 'p', url: '/search?q=lantern', title: 'Lanterns', viewedAt: 9 },
      { pageID: 'p', url: '/search?q=l', title: 'Shop', viewedAt: 5 },
    ]
    for (const pages of [copies, copies.toReversed()]) {
      const batch = parseBatch(batchWith({ pages, events: [{ ...event, pageID: 'p' }] }))
      expect(batch.pages.map(({ page }) => page.title).sort()).toEqual(['', 'Lanterns', 'Shop'])
      expect(batch.facts[0]).toMatchObject({ page: { url: '/search?q=lantern', title: 'Lanterns' } })
    }
  })

  it('does not give an event the page of another visit with the same id', () => {
    const other = { ...visit, visitID: 'other', pages: [{ pageID: 'p', url: '/other' }], events: [] }
    const pages = [{ pageID: 'p', url: '/' }]
    const text = batchWith({
      visits: [visit, other],
      sessions: [{ ...session, pages, events: [{ ...event, pageID: 'p' }] }],
    })
    expect(parseBatch(text).facts[0]?.page?.url).toBe('/')
  })

  it('does not know when it was sent where it does not say so', () => {
    expect(parseBatch('{"v":1}').sentAt).toBeNull()
    expect(parseBatch('{"v":1,"sentAt":"now"}').sentAt).toBeNull()
    expect(parseBatch('{"v":1,"sentAt":5}').sentAt).toBe(5)
  })
})

describe('the proof of a session', () => {
  const proofsOf = (proof: unknown) => parseBatch(batchWith({ sessions: [{ ...session, proof }] })).proofs

  it('is carried with the session to which it belongs, and is no part of it', () => {
    const { proofs, sessions } = parseBatch(batchWith({ sessions: [{ ...session, proof: 'a.b-c_d' }, session] }))
    const { endDate: _, duration: __, ...birth } = session
    expect(proofs).toEqual([{ session: birth, proof: 'a.b-c_d' }])
    expect(JSON.stringify(sessions)).not.toContain('a.b-c_d')
  })

  it('is ignored if it can be none', () => {
    for (const wrong of ['', 7, null, {}, 'a b', 'ä', 'x'.repeat(maxProofLength + 1)])
      expect(proofsOf(wrong)).toEqual([])
    expect(proofsOf('x'.repeat(maxProofLength))).toHaveLength(1)
    expect(parseBatch(batchWith({ sessions: [{ proof: 'x' }] })).proofs).toEqual([])
  })
})
