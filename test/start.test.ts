import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Counts } from '../src/counts.js'
import { createForgotten } from '../src/forgotten.js'
import { parseOptions } from '../src/options.js'
import type { Call } from '../src/record/call.js'
import { maxPendingCalls, maxPendingChars, openTimeoutMs } from '../src/record/limits.js'
import { createStart, type Start } from '../src/start.js'
import { browserWith, type FakeBrowser, writeKey } from './helpers/browser.js'
import { fakeClock, start as startTime } from './helpers/clock.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

let browser: FakeBrowser
let ends: (() => void)[] = []

beforeEach(() => {
  browser = browserWith()
})
afterEach(() => {
  for (const end of ends) end()
  ends = []
  vi.unstubAllGlobals()
})

function startWith() {
  const clock = fakeClock()
  const counts: Counts = { made: 0, stored: 0, dropped: {} }
  const troubles: [string, unknown][] = []
  const start: Start = createStart({
    options: parseOptions({ collector: 'https://collector.example', key: writeKey }),
    now: clock.now,
    counts,
    trouble: (code, cause) => void troubles.push([code, cause]),
    mayRecord: () => true,
    inherited: () => null,
    forgotten: createForgotten({ key: writeKey }, () => {}),
    observers: { observe: () => () => {}, isOn: () => false, changed() {} },
    onBuild() {},
  })
  ends.push(function () {
    void start.recording().stop()
    start.end()
  })
  const track = (name: string, data = ''): void => start.submit({ verb: 'track', name }, data)
  return { start, clock, counts, troubles, track }
}

const namesOf = (calls: readonly Call[]): string[] => calls.map(one => (one.verb === 'track' ? one.name : ''))

describe('calls that wait', () => {
  it('are given in call order, with the time at which they were made', () => {
    const { start, clock, track } = startWith()
    for (const name of ['b', 'a', 'c']) {
      track(name, `{"name":"${name}"}`)
      clock.advance(5)
    }
    expect(start.waiting()).toBe(3)
    expect(start.end()).toEqual(
      ['b', 'a', 'c'].map((name, place) => ({
        verb: 'track',
        name,
        data: `{"name":"${name}"}`,
        at: startTime + 5 * place,
      })),
    )
    expect(start.waiting()).toBe(0)
  })

  it('are written and sent nowhere before the start opens', async () => {
    const { track, start } = startWith()
    track('a')
    await new Promise(resolve => setTimeout(resolve, 20))
    expect([browser.collector.attempts, itemsOf(browser.storage), await indexedDB.databases()]).toEqual([0, {}, []])
    expect(start.waiting()).toBe(1)
  })

  it('are taken no more after the end', () => {
    const { start, counts, track } = startWith()
    start.end()
    track('a')
    expect([start.waiting(), counts.made]).toEqual([0, 0])
  })

  it('are so many at the most, and what has no room is dropped and counted: for want of consent, or because it is full', () => {
    indexedDB.open = () => new IDBOpenDBRequest()
    const { start, counts, troubles, track } = startWith()
    for (let count = 0; count < maxPendingCalls; count++) track('a')
    expect(troubles).toEqual([])
    track('b')
    expect([start.waiting(), counts]).toEqual([maxPendingCalls, { made: 1, stored: 0, dropped: { consent: 1 } }])
    start.open()
    track('c')
    expect(counts).toEqual({ made: 2, stored: 0, dropped: { consent: 1, full: 1 } })
    expect(troubles).toEqual([
      ['record-dropped', 'track'],
      ['record-dropped', 'track'],
    ])
    expect(new Set(namesOf(start.end()))).toEqual(new Set(['a']))
  })

  it('have so many characters of data at the most, and a small one finds room after a large one that did not', () => {
    const { start, counts, track } = startWith()
    track('a', 'x'.repeat(maxPendingChars - 10))
    track('b', 'x'.repeat(1000))
    track('c', 'x')
    expect(namesOf(start.end())).toEqual(['a', 'c'])
    expect(counts.dropped).toEqual({ consent: 1 })
  })
})

describe('once the start is open', () => {
  async function openWith() {
    const house = startWith()
    house.start.open()
    await waitFor(() => expect(house.start.recording().state().store).toBe('indexeddb'))
    // The first call of a page asks which visit is open.
    house.track('First')
    await waitFor(() => expect(house.counts.made).toBe(2))
    return house
  }

  it('the calls that waited become records, in call order', async () => {
    const { start, counts, track } = startWith()
    for (const name of ['a', 'b']) track(name)
    start.open()
    await waitFor(() => expect(start.waiting()).toBe(0))
    expect([counts.made, (await start.recording().facts()).map(({ event }) => event.eventName)]).toEqual([
      3,
      ['VisitStarted', 'a', 'b'],
    ])
  })

  it('the calls of a task become records after it, together', async () => {
    const { start, counts, track } = await openWith()
    track('a')
    track('b')
    expect([start.waiting(), counts.made]).toEqual([2, 2])
    await Promise.resolve()
    expect([start.waiting(), counts.made]).toEqual([0, 4])
  })

  it('more calls than can wait in one task become records, because those before them can be bound', async () => {
    const { counts, track, troubles } = await openWith()
    for (let count = 0; count < maxPendingCalls + 5; count++) track('a')
    await Promise.resolve()
    expect([counts.made, counts.dropped, troubles]).toEqual([maxPendingCalls + 7, {}, []])
  })

  it('there is room for large data again when what waited is bound', async () => {
    const { counts, track } = await openWith()
    for (const name of ['a', 'b']) {
      track(name, JSON.stringify({ text: 'x'.repeat(maxPendingChars - 20) }))
      await Promise.resolve()
    }
    expect([counts.made, counts.dropped]).toEqual([4, {}])
  })

  it('a call becomes a record at once while the page goes away, because no microtask may come', async () => {
    const { start, counts, track } = await openWith()
    start.recording().leave()
    track('a')
    expect([start.waiting(), counts.made]).toEqual([0, 3])
    expect(Object.values(itemsOf(browser.storage)).join()).toContain('\\"eventName\\":\\"a\\"')
  })
})

it('a page that was frozen as its database should have been open binds no call to what was open before', async () => {
  const due: (() => void)[] = []
  const begin = setTimeout
  vi.stubGlobal('setTimeout', (run: () => void, ms: number) => (ms === openTimeoutMs ? due.push(run) : begin(run, ms)))
  const sleeper = browser.open()
  sleeper.signIn('anna')
  await sleeper.flush()
  document.dispatchEvent(new Event('freeze'))
  const other = browser.open()
  ends.push(sleeper.stop, other.stop)
  expect(await other.session()).toBeTruthy()
  other.signOut()
  expect(await other.session()).toBeFalsy()
  const slept = due.splice(0)
  document.dispatchEvent(new Event('resume'))
  sleeper.track('Late')
  // A frozen page runs no timers. It runs them as soon as it wakes.
  for (const run of slept) run()
  await waitFor(async () => {
    await sleeper.flush()
    expect(browser.collector.countOf('Late')).toBe(1)
  })
  const late = [...browser.collector.facts.values()].find(({ event }) => event.eventName === 'Late')
  expect(late?.session).toBeNull()
})
