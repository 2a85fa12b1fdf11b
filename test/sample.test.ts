import { nanoid } from 'nanoid'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { idleLimitMs } from '../src/record/limits.js'
import type { Run } from '../src/record/parcel.js'
import { isSampled } from '../src/record/visit.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { timedIds } from './helpers/ids.js'
import { tabWith } from './helpers/tab.js'
import { waitFor } from './helpers/wait.js'

const visitOfRun = ([visit]: Run): string => (JSON.parse(visit) as { visitID: string }).visitID

describe('a verdict', () => {
  it('takes about the share that was asked for, of ids as they are made', () => {
    const ids = Array.from({ length: 20_000 }, () => `0mwy4q9k4${nanoid(12)}`)
    for (const sample of [0.01, 0.1, 0.5, 0.9]) {
      const share = ids.filter(id => isSampled(id, sample)).length / ids.length
      expect(Math.abs(share - sample)).toBeLessThan(0.02)
    }
  })

  it('takes all at 1 and none at 0, and what a smaller share takes a greater one takes too', () => {
    const makeId = timedIds()
    for (const id of Array.from({ length: 1000 }, () => makeId())) {
      expect([isSampled(id, 1), isSampled(id, 0)]).toEqual([true, false])
      if (isSampled(id, 0.2)) expect(isSampled(id, 0.3)).toBe(true)
    }
  })
})

describe('a writer that samples', () => {
  /** Visits of one browser, each with a sign-in, seen by two tabs. */
  function play(sample: number, visits: number) {
    const runs: Run[] = []
    const keep = (run: Run): void => void runs.push(run)
    const one = tabWith({ sample, keep })
    const all: string[] = []
    for (let visit = 0; visit < visits; visit++) {
      const at = visit * 3 * idleLimitMs
      one
        .page(at)
        .track(at + 1, 'Before')
        .signIn(at + 2, 'anna')
      const two = tabWith({ sample, keep }).adopt(one.writer.openState())
      two
        .page(at + 3)
        .track(at + 4, 'Beside')
        .exit(at + 5)
      one.adopt(two.writer.openState())
      one.track(at + 6, 'After').signOut(at + 7)
      all.push(one.writer.openState().visit?.visitID ?? '')
      expect(!!one.writer.orphanExit()).toBe(isSampled(all.at(-1) as string, sample))
    }
    return { runs, all }
  }

  it('records a visit in all tabs, with what was done before and after a sign-in, or nothing of it', () => {
    const { runs, all } = play(0.5, 60)
    const recorded = new Set(runs.map(visitOfRun))
    expect([...recorded]).toEqual(all.filter(id => isSampled(id, 0.5)))
    expect(recorded.size).toBeGreaterThan(5)
    expect(recorded.size).toBeLessThan(55)
    const whole = play(1, 1).runs.length
    for (const id of recorded) expect(runs.filter(run => visitOfRun(run) === id).length).toBeGreaterThanOrEqual(whole)
  })

  it('records nothing at 0', () => {
    expect(play(0, 3).runs).toEqual([])
  })
})

describe('a tracker that samples nothing', () => {
  let browser: FakeBrowser
  let tracker: Tracker | undefined
  beforeEach(() => {
    browser = browserWith()
  })
  afterEach(() => {
    tracker?.stop()
    vi.unstubAllGlobals()
  })

  it('counts, keeps and sends nothing, and still says who is signed in', async () => {
    tracker = browser.open({ sample: 0 })
    tracker.page()
    tracker.signIn('anna')
    tracker.track('Search')
    await waitFor(() => expect(tracker?.status().identityId).toBe('anna'))
    expect(await tracker.flush()).toEqual({ stored: 0, owed: 0 })
    expect(tracker.status()).toMatchObject({ made: 0, stored: 0, owed: 0, dropped: {}, errors: {}, requests: 0 })
    browser.leave()
    expect([browser.collector.attempts, await tracker.records()]).toEqual([0, []])
  })
})
