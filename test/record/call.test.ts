import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Call, isCall, type NewCall, takeExit } from '../../src/record/call.js'
import { toJson } from '../../src/record/json.js'
import { start } from '../helpers/clock.js'

const view = { url: 'https://shop.example/', title: 'A shop', referrer: '', category: '' }
const calls: NewCall[] = [
  { verb: 'page', view },
  { verb: 'view', view },
  { verb: 'track', name: 'Search' },
  { verb: 'signIn', identityId: 'anna' },
  { verb: 'signIn', identityId: 'anna', proof: 'eyJ0.e_-.x~+/=' },
  { verb: 'signOut' },
  { verb: 'exit' },
  { verb: 'userInfo' },
  { verb: 'input' },
]
const written = { id: 'a', at: start, data: '' }

describe('a call that was written down', () => {
  it.each(calls.map(call => [call.verb, call] as const))('is a call of %s', (_verb, call) => {
    expect(isCall({ ...written, ...call })).toBe(true)
  })

  it('is a call with data as the tracker freezes it', () => {
    const data = toJson({ text: 'a\n\f\u2028"b', list: [1, 2.5e-7], none: null })
    expect(isCall({ ...written, data, verb: 'track', name: 'Search' })).toBe(true)
    expect(isCall({ ...written, data: '{}', verb: 'userInfo' })).toBe(true)
  })

  it.each([
    ['without a time', { at: undefined }],
    ['with a time as text', { at: '5' }],
    ['with a time before 1970', { at: -1 }],
    ['with a time that no open state can follow', { at: Number.MAX_SAFE_INTEGER }],
    ['without an id', { id: '' }],
    ['with an id that is a number', { id: 5 }],
    ['with an id that a record cannot have', { id: 'a"b' }],
    ['with an id of two lines', { id: 'a\nb' }],
    ['with an id that no collector takes', { id: 'x'.repeat(257) }],
    ['with data that is no text', { data: {} }],
    ['with data that is no JSON', { data: '{"a"' }],
    ['with data that is no object', { data: '[1]' }],
    ['with data of two lines', { data: '{\n}' }],
    ['with data that a form feed divides', { data: '{}\f{}' }],
    ['without a verb', { verb: undefined }],
    ['of a verb that nobody knows', { verb: 'steal' }],
    ['of a verb that every object has', { verb: 'constructor' }],
    ['of a verb that is a list', { verb: ['track'] }],
    ['of track without a name', { name: '' }],
    ['of track with a name that is a number', { name: 5 }],
    ['of track with a name that no collector takes', { name: 'x'.repeat(1025) }],
    ['of signIn without an identity', { verb: 'signIn' }],
    ['of signIn with an identity that no collector takes', { verb: 'signIn', identityId: 'x'.repeat(513) }],
    ['of signIn with an identity that no database takes', { verb: 'signIn', identityId: 'a\0b' }],
    ['of signIn with a proof that is no text', { verb: 'signIn', identityId: 'anna', proof: 5 }],
    ['of signIn with a proof that is too long', { verb: 'signIn', identityId: 'anna', proof: 'x'.repeat(2049) }],
    ['of signIn with a proof that a token cannot be', { verb: 'signIn', identityId: 'anna', proof: 'a"b' }],
    ['of page without a view', { verb: 'page' }],
    ['of page with half a view', { verb: 'page', view: { url: '' } }],
    ['of page with a view that is a list', { verb: 'page', view: [] }],
  ])('is not one %s', (_what, wrong) => {
    expect(isCall({ ...written, verb: 'track', name: 'Search', ...wrong })).toBe(false)
  })

  it('is not anything else, and nothing throws', () => {
    fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), value => !isCall(value)))
  })
})

describe('the exit among calls that wait', () => {
  const call = (verb: 'exit' | 'input' | 'page'): Call =>
    verb === 'page'
      ? { verb, view: { url: '', title: '', referrer: '', category: '' }, at: 1, data: '' }
      : { verb, at: 1, data: '' }

  it('is taken out alone', () => {
    const calls = [call('input'), call('exit')]
    expect(takeExit(calls)?.verb).toBe('exit')
    expect(calls.map(({ verb }) => verb)).toEqual(['input'])
    expect(takeExit(calls)).toBeUndefined()
  })

  it('stays with the page that it leaves', () => {
    const calls = [call('page'), call('exit')]
    expect(takeExit(calls)).toBeUndefined()
    expect(calls).toHaveLength(2)
  })
})
