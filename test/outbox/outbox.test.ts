import { describe, expect, it } from 'vitest'
import { createOutbox, type Outbox, type OutboxParts } from '../../src/outbox/outbox.js'
import { bytesOf, type KeptRecord } from '../../src/record/event.js'
import {
  maxBatchRecords,
  maxExitBytes,
  maxTailChars,
  owedMaxAgeMs,
  owedMaxChars,
  segmentMs,
} from '../../src/record/limits.js'
import { parseBatch } from '../../src/record/parse.js'
import { createMemory } from '../../src/store/memory.js'
import type { Store } from '../../src/store/store.js'
import { type FakeClock, fakeClock, start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { recordsWith } from '../helpers/tab.js'
import { idsOf, type Scripted, type ScriptedTransport, scriptedTransport, stored } from '../helpers/transport.js'

interface House {
  readonly outbox: Outbox
  readonly store: Store
  readonly transport: ScriptedTransport
  readonly clock: FakeClock
  readonly stored: string[]
  /** How many of each settlement this page has made. */
  readonly own: number[]
  readonly drops: [string, string][]
  readonly troubles: [string, unknown][]
  readonly laters: number[]
  readonly release: AbortController
  /** Keeps records as the page does: in the store and in the outbox. */
  keep(records: readonly KeptRecord[]): void
}

/** An outbox over a memory store, whose collector plays a script. */
function outboxWith(script: readonly Scripted[], more: Partial<OutboxParts> & { copy?: () => boolean } = {}): House {
  const store = createMemory()
  const transport = scriptedTransport(script, more.copy)
  const clock = fakeClock()
  const release = new AbortController()
  const house: Omit<House, 'outbox' | 'keep'> = {
    store,
    transport,
    clock,
    stored: [],
    own: [],
    drops: [],
    troubles: [],
    laters: [],
    release,
  }
  const outbox = createOutbox({
    store,
    transport,
    wait: async () => {},
    claim: run => run(release.signal),
    now: clock.now,
    chance: () => 1,
    isHistory: () => false,
    maxChars: owedMaxChars,
    maxAgeMs: owedMaxAgeMs,
    onStored(ids, count) {
      house.stored.push(...ids)
      house.own.push(count)
    },
    onDrop: (ids, _own, reason) => void house.drops.push(...ids.map(id => [id, reason] as [string, string])),
    onLater: ms => void house.laters.push(ms),
    onTrouble: (code, cause) => void house.troubles.push([code, cause]),
    ...more,
  })
  const keep = (records: readonly KeptRecord[]): void => {
    records.forEach(store.keep)
    records.forEach(outbox.add)
  }
  return { ...house, outbox, keep }
}

const idsIn = (records: readonly KeptRecord[]): string[] => records.map(record => record.id)
const owedIn = async ({ store }: House): Promise<string[]> => idsIn(await store.owed())

describe.each([
  ['what this page has just kept', true],
  ['what lies in the store', false],
])('a flush of %s', (_what, isEager) => {
  it('sends it all, and forgets what the collector has named as stored', async () => {
    const house = outboxWith(['stored'])
    const records = recordsWith(3)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 3, owed: 0 })
    expect(house.transport.sent).toEqual([idsIn(records)])
    expect(house.stored).toEqual(idsIn(records))
    expect(await owedIn(house)).toEqual([])
    expect(house.outbox.own()).toEqual([])
    expect(house.troubles).toEqual([])
  })

  it('sends nothing where nothing is owed', async () => {
    const house = outboxWith(['stored'])
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 0 })
    expect(house.transport.sent).toEqual([])
  })

  it('forgets only the records that the answer names, and sends the few others at once', async () => {
    const house = outboxWith([ids => stored(ids.slice(0, 2)), 'stored'])
    const records = recordsWith(3)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 3, owed: 0 })
    expect(house.transport.sent).toEqual([idsIn(records), idsIn(records.slice(2))])
    expect(house.stored).toEqual(idsIn(records))
  })

  it('sends what a niggardly answer has left with the next flush, not at once', async () => {
    const house = outboxWith([ids => stored(ids.slice(0, 1)), 'stored'])
    const records = recordsWith(9)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 1, owed: 8 })
    expect(house.transport.sent).toHaveLength(1)
    expect(house.outbox.state()).toMatchObject({ failures: 0, nextAttempt: 0 })
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 8, owed: 0 })
  })

  it('takes nothing for stored that it has not sent in this request', async () => {
    const [kept, foreign] = [recordsWith(2), recordsWith(2)]
    const house: House = outboxWith([
      ids => {
        foreign.forEach(house.store.keep)
        return stored([...idsIn(foreign), 'nonsense', ids[0] as string])
      },
      'unknown',
    ])
    house.keep(kept)
    await house.outbox.flush(isEager, true)
    expect(house.stored).toEqual([kept[0]?.id])
    expect(await owedIn(house)).toEqual([kept[1]?.id, ...idsIn(foreign)])
  })

  it('counts a record once that the answer names twice, or under two heads', async () => {
    const house = outboxWith([
      ids => ({ is: 'answered', answer: { stored: [...ids, ...ids], refused: [[ids[0] as string, 'x']], gone: ids } }),
    ])
    house.keep(recordsWith(2))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 2, owed: 0 })
    expect(house.stored).toHaveLength(2)
    expect(house.drops).toEqual([])
  })

  it('keeps everything when the answer is no answer', async () => {
    const house = outboxWith(['unknown'])
    const records = recordsWith(3)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 3 })
    expect(await owedIn(house)).toEqual(idsIn(records))
    expect(house.drops).toEqual([])
    expect(house.transport.sent).toHaveLength(1)
    expect(house.troubles).toEqual([['collector-unreachable', 'no network']])
  })

  it('tells that the collector is out of reach once, not at each failure', async () => {
    const house = outboxWith(['unknown', 'unknown', 'stored', 'unknown'])
    house.keep(recordsWith(3))
    await house.outbox.flush(isEager, true)
    await house.outbox.flush(isEager, true)
    expect(house.outbox.state().failures).toBe(2)
    expect(house.troubles).toHaveLength(1)
    await house.outbox.flush(isEager, true)
    expect(house.outbox.state()).toMatchObject({ failures: 0, nextAttempt: expect.toSatisfy(at => at <= start) })
    house.keep(recordsWith(1))
    await house.outbox.flush(isEager, true)
    expect(house.troubles).toHaveLength(2)
  })

  it('does not loop on an answer that names nothing', async () => {
    const house = outboxWith([stored([])])
    house.keep(recordsWith(3))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toHaveLength(1)
    expect(house.outbox.state().nextAttempt).toBeGreaterThan(start)
  })

  it('waits as long as the collector asks for, even when a person asks', async () => {
    const house = outboxWith([{ is: 'later', status: 503, retryAfterMs: 60_000 }, 'stored'])
    house.keep(recordsWith(3))
    await house.outbox.flush(isEager, true)
    expect(house.outbox.state().nextAttempt).toBe(start + 60_000)
    house.clock.advance(59_999)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toHaveLength(1)
    house.clock.advance(1)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 3, owed: 0 })
  })

  it('waits as long as the collector has asked another tab for, and tells the others what it was asked for', async () => {
    const house = outboxWith(['stored'])
    house.keep(recordsWith(3))
    house.outbox.hold(60_000)
    house.outbox.hold(10)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toEqual([])
    const asked = outboxWith([{ is: 'later', status: 429, retryAfterMs: 6000 }, 'later'])
    asked.keep(recordsWith(1))
    await asked.outbox.flush(isEager, true)
    asked.clock.advance(6000)
    await asked.outbox.flush(isEager, true)
    expect(asked.laters).toEqual([6000])
  })

  it('waits at least its backoff where the collector asks for less', async () => {
    const house = outboxWith([{ is: 'later', status: 503, retryAfterMs: 10 }])
    house.keep(recordsWith(1))
    await house.outbox.flush(isEager, true)
    expect(house.outbox.state().nextAttempt).toBe(start + 1000)
  })

  it('backs off further with each failure, and may be overruled', async () => {
    const house = outboxWith(['unknown'])
    house.keep(recordsWith(1))
    const waits: number[] = []
    for (let i = 0; i < 4; i++) {
      await house.outbox.flush(isEager, true)
      waits.push(house.outbox.state().nextAttempt - start)
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000])
    expect(house.transport.sent).toHaveLength(4)
  })

  it('sends nothing before its backoff is over, unless it is forced', async () => {
    const house = outboxWith(['unknown', 'stored'])
    house.keep(recordsWith(1))
    await house.outbox.flush(isEager, false)
    expect(await house.outbox.flush(isEager, false)).toEqual({ stored: 0, owed: 1 })
    expect(house.transport.sent).toHaveLength(1)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 1, owed: 0 })
  })

  it('finds the one record that the collector cannot read by halves, and stores the others', async () => {
    const records = recordsWith(10)
    const bad = records[6]?.id as string
    const house = outboxWith([ids => (ids.includes(bad) ? { is: 'malformed' } : stored(ids))])
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 9, owed: 0 })
    expect(house.drops).toEqual([[bad, 'refused:malformed']])
    expect(new Set(house.stored)).toEqual(new Set(idsIn(records).filter(id => id !== bad)))
    expect(await owedIn(house)).toEqual([])
    const requests = house.transport.sent.length
    await house.outbox.flush(isEager, true)
    expect(house.transport.sent).toHaveLength(requests)
  })

  it('halves what is too large, until it fits', async () => {
    const house = outboxWith([ids => (ids.length > 3 ? { is: 'too-large', isForeign: false } : stored(ids))])
    const records = recordsWith(10)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 10, owed: 0 })
    expect(house.transport.sent.filter(ids => ids.length > 3).length).toBeLessThanOrEqual(3)
    expect(house.drops).toEqual([])
  })

  it('drops one record that is too large by itself', async () => {
    const house = outboxWith(['too-large'])
    const records = recordsWith(1)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 0 })
    expect(house.drops).toEqual([[records[0]?.id, 'refused:too-large']])
  })

  it('drops no record because a proxy says of everything that it is too large', async () => {
    const house = outboxWith([{ is: 'too-large', isForeign: true }])
    const records = recordsWith(4)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 4 })
    expect(house.drops).toEqual([])
    expect(house.transport.sent.map(ids => ids.length)).toEqual([4, 2, 1])
    expect(house.outbox.state().failures).toBe(1)
  })

  it('drops one large record for which a proxy has no room, for it would keep all behind it', async () => {
    const house = outboxWith([{ is: 'too-large', isForeign: true }])
    house.keep(recordsWith(1, { data: JSON.stringify({ text: 'x'.repeat(maxExitBytes) }) }))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 0 })
    expect(house.drops).toMatchObject([[expect.any(String), 'refused:too-large']])
  })

  it('stops halving as soon as the collector is out of reach, and keeps what was not answered', async () => {
    const house = outboxWith(['malformed', 'stored', 'unknown'])
    house.keep(recordsWith(8))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 4, owed: 4 })
    expect(house.transport.sent.map(ids => ids.length)).toEqual([8, 4, 4])
  })

  it('stops for this page when the collector rejects it, keeps everything, and tells', async () => {
    const house = outboxWith([{ is: 'rejected', status: 401 }])
    house.keep(recordsWith(3))
    await house.outbox.flush(isEager, true)
    house.clock.advance(1e9)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toHaveLength(1)
    expect(house.outbox.state().nextAttempt).toBe(Infinity)
    expect(house.troubles).toEqual([['collector-rejects', 401]])
    expect(house.drops).toEqual([])
  })

  it('drops what the collector refuses or knows as gone, each with its reason', async () => {
    const house = outboxWith([
      ([a, b, c]) => ({
        is: 'answered',
        answer: {
          stored: [a!],
          refused: [
            [b!, 'too-large'],
            ['foreign', 'x'],
          ],
          gone: [c!, 'foreign'],
        },
      }),
      'unknown',
    ])
    const records = recordsWith(4)
    house.keep(records)
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 1, owed: 1 })
    expect(house.drops).toEqual([
      [records[1]?.id, 'refused:too-large'],
      [records[2]?.id, 'gone'],
    ])
    expect(await owedIn(house)).toEqual([records[3]?.id])
  })

  it('settles nothing when its right to send was taken away meanwhile', async () => {
    const house = outboxWith([
      ids => {
        house.release.abort()
        return stored(ids)
      },
    ])
    house.keep(recordsWith(3))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: 0, owed: 3 })
    expect(house.stored).toEqual([])
    expect(house.transport.sent).toHaveLength(1)
  })

  it('sends nothing under a right that is gone already', async () => {
    const house = outboxWith(['stored'])
    house.keep(recordsWith(3))
    house.release.abort()
    await house.outbox.flush(isEager, true)
    expect(house.transport.sent).toEqual([])
  })

  it('sends more than a batch in several', async () => {
    const house = outboxWith(['stored'])
    house.keep(recordsWith(maxBatchRecords + 50))
    expect(await house.outbox.flush(isEager, true)).toEqual({ stored: maxBatchRecords + 50, owed: 0 })
    expect(house.transport.sent.length).toBeGreaterThan(1)
    for (const ids of house.transport.sent) expect(ids.length).toBeLessThanOrEqual(maxBatchRecords)
    expect(new Set(house.transport.sent.flat()).size).toBe(maxBatchRecords + 50)
  })

  it('tells of a store that fails, and does not reject', async () => {
    const broken = { ...createMemory(), settle: () => Promise.reject(new Error('disk')) }
    const house = outboxWith(['stored'], { store: broken })
    const records = recordsWith(2)
    records.forEach(broken.keep)
    records.forEach(house.outbox.add)
    await house.outbox.flush(isEager, true)
    expect(house.troubles).toEqual([['store-failed', new Error('disk')]])
  })
})

describe('the outbox', () => {
  it('sends also what other pages have left in the store', async () => {
    const house = outboxWith(['stored'])
    const [own, others] = [recordsWith(2), recordsWith(3)]
    house.keep(own)
    others.forEach(house.store.keep)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 5, owed: 0 })
    expect(house.transport.sent).toEqual([idsIn(own), idsIn(others)])
  })

  it('makes one flush of those that are asked for while one is waiting', async () => {
    const house = outboxWith(['stored'])
    house.keep(recordsWith(3))
    const results = await Promise.all([
      house.outbox.flush(false, true),
      house.outbox.flush(true, true),
      house.outbox.flush(false, true),
    ])
    expect(house.transport.sent).toHaveLength(1)
    expect(results).toEqual([results[0], results[0], results[0]])
  })

  it('sends what is kept during a flush with the next, and nothing twice', async () => {
    const later = recordsWith(2)
    let second: Promise<unknown> | undefined
    const house = outboxWith([
      ids => {
        if (!second) {
          house.keep(later)
          second = house.outbox.flush(true, true)
        }
        return stored(ids)
      },
    ])
    house.keep(recordsWith(3))
    await house.outbox.flush(true, true)
    await second
    const sent = house.transport.sent.flat()
    expect(sent).toHaveLength(5)
    expect(new Set(sent).size).toBe(5)
  })

  it('runs one flush at a time', async () => {
    let running = 0
    const house = outboxWith(['stored'], {
      async claim(run) {
        expect(++running).toBe(1)
        await Promise.resolve()
        const result = await run(new AbortController().signal)
        running--
        return result
      },
    })
    house.keep(recordsWith(1))
    const first = house.outbox.flush(true, true)
    await Promise.resolve()
    await Promise.resolve()
    await Promise.all([first, house.outbox.flush(true, true)])
    expect(running).toBe(0)
  })

  it('keeps history of what is stored, and sweeps what is none any more', async () => {
    let isOpen = true
    const house = outboxWith(['stored'], { isHistory: () => isOpen })
    house.keep(recordsWith(2))
    await house.outbox.flush(true, true)
    expect(await house.store.all()).toHaveLength(2)
    isOpen = false
    await house.outbox.flush(true, true)
    expect(await house.store.all()).toEqual([])
  })

  it('tells the collector how many it had to drop, with each batch from then on', async () => {
    const records = recordsWith(3)
    const bad = records[1]?.id as string
    const house = outboxWith([ids => (ids.includes(bad) ? { is: 'malformed' } : stored(ids))])
    house.keep(records)
    await house.outbox.flush(true, true)
    house.keep(recordsWith(1))
    await house.outbox.flush(true, true)
    const { counts } = parseBatch(house.transport.bodies.at(-1) as string)
    expect(counts.find(({ writer }) => writer === records[0]?.writer)).toMatchObject({ dropped: 1 })
  })

  it('leaves it to the collector to count what it has refused itself', async () => {
    const house = outboxWith([
      ([id]) => ({ is: 'answered', answer: { stored: [], refused: [[id!, 'x']], gone: [] } }),
      'stored',
    ])
    house.keep(recordsWith(1))
    await house.outbox.flush(true, true)
    house.keep(recordsWith(1))
    await house.outbox.flush(true, true)
    expect(parseBatch(house.transport.bodies.at(-1) as string).counts.every(({ dropped }) => dropped === 0)).toBe(true)
  })

  it('sends no more of what other tabs have stored', async () => {
    const house = outboxWith(['stored'])
    const records = recordsWith(3)
    records.forEach(house.outbox.add)
    house.outbox.forget(idsIn(records.slice(0, 2)))
    expect(house.outbox.own()).toEqual(records.slice(2))
    await house.outbox.flush(true, true)
    expect(house.transport.sent).toEqual([idsIn(records.slice(2))])
  })

  it('counts each of its own once, whoever tells that it is stored', async () => {
    const house = outboxWith(['stored'])
    const [own, others] = [recordsWith(3), recordsWith(2)]
    house.keep(own)
    others.forEach(house.store.keep)
    expect(house.outbox.forget(idsIn([...own.slice(0, 1), ...others]))).toBe(1)
    expect(house.outbox.forget(idsIn(own.slice(0, 1)))).toBe(0)
    await house.outbox.flush(true, true)
    expect(house.own.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(house.stored).toHaveLength(5)
  })

  it('counts its own also where they have left its memory', async () => {
    const house = outboxWith(['stored'])
    const data = JSON.stringify({ text: 'x'.repeat(10_000) })
    house.keep(recordsWith(20, { data }))
    house.clock.advance(segmentMs)
    house.keep(recordsWith(1))
    expect(house.outbox.own().length).toBeLessThan(20)
    await house.outbox.flush(true, true)
    expect(house.own.reduce((sum, count) => sum + count, 0)).toBe(21)
  })

  it('holds in memory what is young, and little of what lies at rest on disk', () => {
    const house = outboxWith(['stored'])
    const data = JSON.stringify({ text: 'x'.repeat(10_000) })
    const [old, young] = [recordsWith(20, { data }), recordsWith(20, { data })]
    house.keep(old)
    expect(house.outbox.own()).toHaveLength(20)
    house.clock.advance(segmentMs)
    house.keep(young)
    const own = house.outbox.own()
    expect(own).toEqual(young)
    expect(20 * 10_000).toBeGreaterThan(maxTailChars)
  })
})

describe('the bound of what is owed', () => {
  it('drops the oldest once the collector is out of reach, each as full, and tells how many', async () => {
    const old = recordsWith(4, { identityId: '', makeId: timedIds(() => start - 1000) })
    const young = recordsWith(4)
    const room = 4 * 700
    const house = outboxWith(['unknown', 'stored'], { maxChars: room })
    house.keep([...young, ...old])
    const { owed } = await house.outbox.flush(true, true)
    expect(owed).toBe(8 - house.drops.length)
    expect(house.drops.length).toBeGreaterThan(0)
    expect(house.drops.every(([, reason]) => reason === 'full')).toBe(true)
    const dropped = house.drops.map(([id]) => id)
    expect(dropped.slice(0, 4)).toEqual(idsIn(old).slice(0, dropped.length))
    await house.outbox.flush(true, true)
    expect(house.transport.sent.at(-1)?.filter(id => dropped.includes(id))).toEqual([])
    const { counts } = parseBatch(house.transport.bodies.at(-1) as string)
    expect(counts.reduce((sum, count) => sum + count.dropped, 0)).toBe(house.drops.length)
  })

  it('drops what is too old, once the collector is out of reach', async () => {
    const house = outboxWith(['unknown'], { maxAgeMs: 60_000 })
    const [old, young] = [recordsWith(2), recordsWith(2)]
    house.keep([...old, ...young])
    const asked: number[][] = []
    Object.assign(house.store, {
      trim: async (...args: number[]) => {
        asked.push(args)
        return old
      },
    })
    await house.outbox.flush(true, true)
    expect(asked).toEqual([[owedMaxChars, start - 60_000]])
    expect(house.drops).toEqual(idsIn(old).map(id => [id, 'full']))
    expect(house.outbox.own()).toEqual(young)
  })

  it('is looked at by the sixteenth of it, not at each failure', async () => {
    let looks = 0
    const house = outboxWith(['unknown'], { maxChars: 16_000 })
    const { trim } = house.store
    Object.assign(house.store, {
      trim: (...args: Parameters<typeof trim>) => {
        looks++
        return trim(...args)
      },
    })
    for (let i = 0; i < 10; i++) await house.outbox.flush(true, true)
    expect(looks).toBe(0)
    house.keep(recordsWith(1))
    for (let i = 0; i < 10; i++) await house.outbox.flush(true, true)
    expect(looks).toBe(1)
    house.keep(recordsWith(4))
    await house.outbox.flush(true, true)
    expect(looks).toBe(2)
  })

  it('drops nothing that can be sent', async () => {
    const house = outboxWith(['stored'], { maxChars: 10, maxAgeMs: 10 })
    house.keep(recordsWith(5, { makeId: timedIds(() => start - 60_000) }))
    expect(await house.outbox.flush(false, true)).toEqual({ stored: 5, owed: 0 })
    expect(house.drops).toEqual([])
  })
})

describe('a page that never pauses', () => {
  it('has sent what it had made when the flush began, and the rest with the next one', async () => {
    const house: House = outboxWith([
      ids => {
        house.clock.advance(10)
        house.keep(recordsWith(1))
        return stored(ids)
      },
    ])
    house.keep(recordsWith(3))
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 3, owed: 1 })
    expect(house.transport.sent).toHaveLength(1)
    expect(await house.outbox.flush(true, true)).toEqual({ stored: 1, owed: 1 })
  })
})

describe('a record that no answer ever names', () => {
  it('keeps nothing behind it: what earlier pages have left is sent all the same', async () => {
    const [bad, left] = [recordsWith(1), recordsWith(3)]
    const house = outboxWith([ids => stored(ids.filter(id => id !== bad[0]?.id))])
    house.keep(bad)
    left.forEach(house.store.keep)
    house.clock.advance(10 * segmentMs)
    await house.outbox.flush(false, true)
    expect(house.stored).toEqual([])
    await house.outbox.flush(false, true)
    expect(house.stored).toEqual(idsIn(left))
    expect(house.drops).toEqual([])
  })
})

describe('what can be asked of the outbox', () => {
  it('is how often it has sent, how often again after a failure, and what the last failure was', async () => {
    const later: Scripted = { is: 'later', status: 429, retryAfterMs: 0 }
    const house = outboxWith(['unknown', later, 'stored', 'stored'])
    house.keep(recordsWith(1))
    expect(house.outbox.state()).toEqual({ requests: 0, retries: 0, failures: 0, nextAttempt: 0, lastError: '' })
    await house.outbox.flush(true, true)
    expect(house.outbox.state()).toMatchObject({ requests: 1, retries: 0, failures: 1, lastError: 'no network' })
    await house.outbox.flush(true, true)
    expect(house.outbox.state()).toMatchObject({ requests: 2, retries: 1, failures: 2, lastError: '429' })
    await house.outbox.flush(true, true)
    house.keep(recordsWith(1))
    await house.outbox.flush(true, true)
    expect(house.outbox.state()).toMatchObject({ requests: 4, retries: 2, failures: 0, lastError: '' })
  })

  it('is how many of its own were on disk alone, once the site’s data is cleared', () => {
    const house = outboxWith(['stored'])
    const data = JSON.stringify({ text: 'x'.repeat(10_000) })
    house.keep(recordsWith(20, { data }))
    house.clock.advance(segmentMs)
    house.keep(recordsWith(1))
    expect(house.outbox.lose()).toBe(21 - house.outbox.own().length)
    expect(house.outbox.lose()).toBe(0)
  })
})

describe('the exit copy', () => {
  it('sends this page’s own tail, deletes nothing and counts nothing as stored', async () => {
    const house = outboxWith(['stored'])
    const records = recordsWith(3)
    house.keep(records)
    recordsWith(2).forEach(house.store.keep)
    house.outbox.copy()
    expect(house.transport.copies.map(idsOf)).toEqual([idsIn(records)])
    expect(house.outbox.own()).toEqual(records)
    expect(await house.store.count()).toBe(5)
    expect(house.stored).toEqual([])
  })

  it('is not sent to a collector that has asked to wait, or has rejected the page', async () => {
    for (const said of [
      { is: 'later', status: 429, retryAfterMs: 5000 },
      { is: 'rejected', status: 401 },
    ] as const) {
      const house = outboxWith([said])
      house.keep(recordsWith(3))
      await house.outbox.flush(true, true)
      house.outbox.copy()
      expect(house.transport.copies).toEqual([])
    }
  })

  it('is not made of nothing', () => {
    const house = outboxWith(['stored'])
    house.outbox.copy()
    expect(house.transport.copies).toEqual([])
  })

  it('never sends the same record twice', () => {
    const house = outboxWith(['stored'])
    const [first, second] = [recordsWith(3), recordsWith(2)]
    house.keep(first)
    house.outbox.copy()
    house.outbox.copy()
    house.keep(second)
    house.outbox.copy()
    expect(house.transport.copies.map(idsOf)).toEqual([idsIn(first), idsIn(second)])
  })

  it('sends again what the browser would not take', () => {
    let isTaken = false
    const house = outboxWith(['stored'], { copy: () => isTaken })
    const records = recordsWith(3)
    house.keep(records)
    house.outbox.copy()
    isTaken = true
    house.outbox.copy()
    house.outbox.copy()
    expect(house.transport.copies.map(idsOf)).toEqual([idsIn(records), idsIn(records)])
  })

  it.each([
    ['Latin', 'x'],
    ['Chinese', '日'],
  ])('is of the newest records, and never greater than a browser lets through, in %s', (_what, letter) => {
    const house = outboxWith(['stored'])
    const records = recordsWith(80, { data: JSON.stringify({ text: letter.repeat(1000) }) })
    house.keep(records)
    house.outbox.copy()
    const [body] = house.transport.copies
    expect(bytesOf(body as string, 0)).toBeLessThanOrEqual(maxExitBytes)
    const sent = idsOf(body as string)
    expect(sent.length).toBeGreaterThan(8)
    expect(sent).toEqual(idsIn(records.slice(-sent.length)))
  })

  it('is not made of one record that is too great for it', () => {
    const house = outboxWith(['stored'])
    house.keep(recordsWith(1, { data: JSON.stringify({ text: 'x'.repeat(maxExitBytes) }) }))
    house.outbox.copy()
    expect(house.transport.copies).toEqual([])
  })

  it('leaves out what is stored', async () => {
    const house = outboxWith([ids => stored(ids.slice(0, 2)), 'unknown'])
    const records = recordsWith(3)
    house.keep(records)
    await house.outbox.flush(true, true)
    house.outbox.copy()
    expect(house.transport.copies.map(idsOf)).toEqual([[records[2]?.id]])
  })
})
