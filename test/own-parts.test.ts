import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import type { Outcome, Transport } from '../src/transport/transport.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { idsOf, scriptedTransport, stored } from './helpers/transport.js'

let browser: FakeBrowser
const opened: Tracker[] = []

beforeEach(() => {
  browser = browserWith()
})
afterEach(() => {
  for (const tracker of opened.splice(0)) tracker.stop()
  vi.unstubAllGlobals()
})

function openWith(transport: Transport): Tracker {
  const tracker = browser.open({ transport, flushEveryMs: 60_000 })
  opened.push(tracker)
  return tracker
}

/** A transport that sends as told, and copies nothing. */
const sending = (send: (body: string) => Outcome | Promise<Outcome>): Transport => ({
  send: async body => send(body),
  copy: () => false,
  room: () => 0,
})

describe('a tracker with an own transport', () => {
  it('sends through it alone, and deletes what its answers name', async () => {
    const own = scriptedTransport(['stored'])
    const tracker = openWith(own)
    tracker.track('Search')
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect([own.sent.flat().length, browser.collector.attempts]).toEqual([2, 0])
  })

  it('copies through it as the page leaves', async () => {
    const own = scriptedTransport(['unknown'])
    const tracker = openWith(own)
    tracker.track('Search')
    await tracker.flush()
    browser.leave()
    expect(own.copies.length).toBe(1)
    expect(idsOf(own.copies[0] as string)).toHaveLength(2)
  })

  it('loses nothing by one that throws, gives junk or says of other records that they are stored', async () => {
    const wrongs: ((body: string) => Outcome)[] = [
      () => {
        throw new Error('no bridge')
      },
      () => 'stored' as never,
      () => stored(['somebody-elses', 'somebody-elses', '']),
      () => ({ is: 'unknown', cause: Object.create(null) }),
    ]
    let wrong = wrongs[0]
    const tracker = openWith(sending(body => (wrong ? wrong(body) : stored(idsOf(body)))))
    tracker.track('Search')
    for (wrong of wrongs) expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
    wrong = undefined
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect(tracker.status()).toMatchObject({ made: 2, stored: 2, dropped: {} })
    expect(browser.errors).toEqual([
      'transport-failed: Error: no bridge',
      'collector-unreachable: Error: no bridge',
      'transport-failed: TypeError: no outcome',
    ])
  })
})
