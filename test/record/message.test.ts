import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMaxMs } from '../../src/record/limits.js'
import { parseMessage } from '../../src/record/message.js'
import { tabWith } from '../helpers/tab.js'

const empty = {
  presence: undefined,
  parcels: [],
  laterMs: 0,
  isAsked: false,
  here: '',
  consent: '',
  forgotten: 0,
  isWatched: false,
  news: [],
  fate: '',
}

describe('a message of another tab', () => {
  it('is read as it was told', () => {
    const presence = tabWith().signIn(0, 'anna').writer.openState()
    expect(parseMessage({ presence })).toEqual({ ...empty, presence })
    expect(parseMessage({ parcels: [['a', { full: 2 }]] })).toEqual({ ...empty, parcels: [['a', { full: 2 }]] })
    expect(parseMessage({ laterMs: 5000 })).toEqual({ ...empty, laterMs: 5000 })
    expect(parseMessage({ isAsked: true })).toEqual({ ...empty, isAsked: true })
    expect(parseMessage({ here: 'load' })).toEqual({ ...empty, here: 'load' })
    expect(parseMessage({ consent: 'granted' })).toEqual({ ...empty, consent: 'granted' })
    expect(parseMessage({ forgotten: 5 })).toEqual({ ...empty, forgotten: 5 })
    expect(parseMessage({ isWatched: true })).toEqual({ ...empty, isWatched: true })
    expect(parseMessage({ news: ['a'], fate: 'stored' })).toEqual({ ...empty, news: ['a'], fate: 'stored' })
    // Version 0.1 tells nothing else.
    expect(parseMessage({ isDenied: true })).toEqual({ ...empty, consent: 'denied' })
  })

  it.each([
    ['an open state that is none', { presence: { rev: 1 } }],
    ['parcels that are no list', { parcels: { a: 1 } }],
    ['notes that are no notes', { parcels: ['a', null, 5, [], ['a'], ['a', 5]] }],
    [
      'parcels with counts that are none',
      {
        parcels: [
          ['a', { full: -1 }],
          ['a', { full: '1' }],
          ['a', { full: 1.5 }],
        ],
      },
    ],
    ['a wait that is a text', { laterMs: '5000' }],
    ['a wait below 0', { laterMs: -5 }],
    ['a wait without an end', { laterMs: Infinity }],
    ['a denial that is a text', { isDenied: 'true' }],
    ['a question that is a number', { isAsked: 1 }],
    ['a page load that is a number', { here: 5 }],
    ['a denial that is a number', { isDenied: 1 }],
    ['a word that is a number', { consent: 1 }],
    ['a time that is a text', { forgotten: '5' }],
    ['a watch that is a number', { isWatched: 1 }],
    ['news that are no list', { news: 'a' }],
    ['a fate that is none', { fate: 5 }],
    ['a time that no clock has', { forgotten: 2 ** 52 }],
  ])('says nothing with %s', (_what, value) => {
    expect(parseMessage(value)).toEqual(empty)
  })

  it('asks for no longer wait than a collector can', () => {
    expect(parseMessage({ laterMs: Number.MAX_SAFE_INTEGER }).laterMs).toBe(retryAfterMaxMs)
  })

  it('says nothing where any script has sent anything, and nothing throws', () => {
    fc.assert(fc.property(fc.anything({ withMap: true, withDate: true }), value => void parseMessage(value)))
    for (const value of [null, undefined, 5, 'denied', [], new Map(), () => {}])
      expect(parseMessage(value)).toEqual(empty)
  })
})
