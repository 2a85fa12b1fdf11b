import { describe, expect, it } from 'vitest'
import { askEvent, askText } from '../src/hooks.js'
import type { NewCall, NewEvent } from '../src/record/call.js'

const view = { url: 'https://shop.example/', title: 'A shop', referrer: '', category: '' }
const track: NewCall = { verb: 'track', name: 'Search' }

function asked(hook: ((event: NewEvent) => unknown) | undefined, call: NewCall = track, text = '{"n":1}') {
  const troubles: string[] = []
  return { result: askEvent(hook, call, text, code => troubles.push(code)), troubles }
}

describe('beforeRecord', () => {
  it.each<[NewCall, object]>([
    [track, { eventName: 'Search' }],
    [
      { verb: 'page', view },
      { eventName: 'PageEntered', view },
    ],
    [
      { verb: 'view', view },
      { eventName: 'PageEntered', view },
    ],
    [
      { verb: 'signIn', identityId: 'anna' },
      { eventName: 'SignIn', identityId: 'anna' },
    ],
    [{ verb: 'signOut' }, { eventName: 'SignOut' }],
    [{ verb: 'userInfo' }, { eventName: 'UserInfo' }],
  ])('sees the call %o as an event', (call, event) => {
    const events: NewEvent[] = []
    const { result, troubles } = asked(one => (events.push(one), one), call)
    expect(events).toEqual([{ ...event, data: { n: 1 } }])
    expect(result).toEqual([call, '{"n":1}'])
    expect(troubles).toEqual([])
  })

  it.each<NewCall>([{ verb: 'exit' }, { verb: 'input' }, { verb: 'look' }])('is not asked about %o', call => {
    expect(asked(() => null, call).result).toEqual([call, '{"n":1}'])
  })

  it('changes name, data, view and identity', () => {
    expect(asked(one => ({ ...one, eventName: 'Found', data: { n: 2 } })).result).toEqual([
      { verb: 'track', name: 'Found' },
      '{"n":2}',
    ])
    const other = { ...view, title: 'Another' }
    expect(asked(one => ({ ...one, view: other }), { verb: 'page', view }).result?.[0]).toEqual({
      verb: 'page',
      view: other,
    })
    expect(asked(one => ({ ...one, identityId: 'id' }), { verb: 'signIn', identityId: 'anna' }).result?.[0]).toEqual({
      verb: 'signIn',
      identityId: 'id',
    })
    expect(asked(one => ({ ...one, data: null })).result).toEqual([track, ''])
  })

  it('leaves an event out with null', () => {
    expect(asked(() => null)).toEqual({ result: null, troubles: [] })
  })

  it.each<[string, (event: NewEvent) => unknown]>([
    ['nothing', () => undefined],
    ['a promise', async one => one],
    ['a text', () => 'Search'],
    ['an event without a name', one => ({ ...one, eventName: '' })],
    ['data that is no object', one => ({ ...one, data: 5 })],
  ])('that gives %s is reported, and the event stays as it was', (_what, hook) => {
    expect(asked(hook)).toEqual({ result: [track, '{"n":1}'], troubles: ['hook-failed'] })
  })

  it.each<[string, NewCall, (event: NewEvent) => unknown]>([
    ['another name for a sign-in', { verb: 'signIn', identityId: 'anna' }, one => ({ ...one, eventName: 'Login' })],
    ['an empty identity', { verb: 'signIn', identityId: 'anna' }, one => ({ ...one, identityId: '' })],
    ['a view without a title', { verb: 'page', view }, one => ({ ...one, view: { url: '/' } })],
  ])('that gives %s is reported, and the event stays as it was', (_what, call, hook) => {
    expect(asked(hook, call)).toEqual({ result: [call, '{"n":1}'], troubles: ['hook-failed'] })
  })

  it('that throws after it has changed its copy changes nothing', () => {
    const hook = (event: NewEvent): never => {
      Object.assign(event.data ?? {}, { n: 9 })
      throw new Error('broken')
    }
    expect(asked(hook)).toEqual({ result: [track, '{"n":1}'], troubles: ['hook-failed'] })
    const call: NewCall = { verb: 'page', view: { ...view } }
    asked(one => Object.assign(one.view ?? {}, { title: 'changed' }) && null, call)
    expect(call.view.title).toBe('A shop')
  })
})

describe('an option that is asked about an address', () => {
  it('answers with a text, and anything else is reported and counts as no answer', () => {
    const troubles: unknown[] = []
    const trouble = (code: string, cause?: unknown): void => void troubles.push([code, cause])
    expect(askText(url => url.toUpperCase(), '/a', trouble)).toBe('/A')
    expect(askText(undefined, '/a', trouble)).toBeUndefined()
    expect(troubles).toEqual([])
    expect(askText(() => 5, '/a', trouble)).toBeUndefined()
    expect(askText(url => (url as unknown as { no: () => string }).no(), '/a', trouble)).toBeUndefined()
    expect(troubles).toEqual([
      ['hook-failed', 5],
      ['hook-failed', expect.any(TypeError)],
    ])
  })
})
