import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeOpenState, parseOpenState } from '../../src/record/open-state.js'
import { tabWith } from '../helpers/tab.js'

const signedIn = tabWith().page(0).signIn(5, 'anna').writer.openState()

describe('an open state', () => {
  it('has nothing open at first', () => {
    expect(makeOpenState('g')).toEqual({
      rev: 0,
      globalVisitID: 'g',
      visit: null,
      session: null,
      active: 0,
      left: false,
    })
  })

  it('is read as it was written', () => {
    const driven = tabWith({ automated: true }).page(0).writer.openState()
    for (const state of [
      makeOpenState('g'),
      makeOpenState('g', 5),
      signedIn,
      driven,
      { ...signedIn, session: null, left: true },
    ])
      expect(parseOpenState(JSON.parse(JSON.stringify(state)))).toEqual(state)
  })

  it.each([
    ['a text', 'open'],
    ['a list', [signedIn]],
    ['null', null],
    ['nothing', undefined],
    ['without a number', { ...signedIn, rev: undefined }],
    ['with a number below 0', { ...signedIn, rev: -1 }],
    ['with a number that is no number', { ...signedIn, rev: Number.NaN }],
    ['with an activity that is a text', { ...signedIn, active: '5' }],
    ['of a time that is none', { ...signedIn, forgotten: 'today' }],
    ['with a count that is none', { ...signedIn, serial: -1 }],
    ['with a revision that nothing can follow', { ...signedIn, rev: Number.MAX_SAFE_INTEGER }],
    ['with a count that nothing can follow', { ...signedIn, serial: Number.MAX_SAFE_INTEGER }],
    ['without a browser', { ...signedIn, globalVisitID: '' }],
    ['without a visit, not even null', { ...signedIn, visit: undefined }],
    ['with a visit that has no id', { ...signedIn, visit: { ...signedIn.visit, visitID: 5 } }],
    ['with a visit that has no start', { ...signedIn, visit: { ...signedIn.visit, startDate: null } }],
    [
      'with a visit whose id no collector takes',
      { ...signedIn, session: null, visit: { ...signedIn.visit, visitID: 'v'.repeat(300) } },
    ],
    [
      'with a visit of which each record would be too large',
      { ...signedIn, visit: { ...signedIn.visit, userAgent: 'x'.repeat(8193) } },
    ],
    ['with a visit that has no JSON', { ...signedIn, visit: { ...signedIn.visit, size: 5n } }],
    [
      'with a session whose identity no collector takes',
      { ...signedIn, session: { ...signedIn.session, identityId: 'a\0b' } },
    ],
    ['with a session that has no JSON', { ...signedIn, session: { ...signedIn.session, self: signedIn } }],
    ['with a session but no visit', { ...signedIn, visit: null }],
    ['with a session that has no identity', { ...signedIn, session: { ...signedIn.session, identityId: '' } }],
    ['with a session that has no start', { ...signedIn, session: { ...signedIn.session, startDate: 'now' } }],
    ['with a session of another visit', { ...signedIn, session: { ...signedIn.session, visitID: 'other' } }],
  ])('is not read where it is %s', (_what, value) => {
    expect(parseOpenState(value)).toBeUndefined()
  })

  it('is not read from anything else, and nothing throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ rev: fc.anything(), visit: fc.anything(), session: fc.anything() })),
        value => parseOpenState(value) === undefined,
      ),
    )
  })
})
