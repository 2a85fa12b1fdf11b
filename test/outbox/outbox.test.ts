import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutbox, type Outbox, type OutboxParts, type SettledNote } from '../../src/outbox/outbox.js'
import { createOwed, type Owed } from '../../src/outbox/owed.js'
import { bytesOf } from '../../src/record/event.js'
import {
  agedMs,
  maxBatchRecords,
  maxExitBytes,
  maxHeldChars,
  owedMaxAgeMs,
  owedMaxChars,
} from '../../src/record/limits.js'
import { charsAt, countAt, idsOf as idsIn, type Parcel, toRuns } from '../../src/record/parcel.js'
import { parseBatch } from '../../src/record/parse.js'
import type { Store } from '../../src/store/store.js'
import { type FakeClock, fakeClock, start } from '../helpers/clock.js'
import { databaseWith } from '../helpers/database.js'
import { timedIds } from '../helpers/ids.js'
import { parcelWith } from '../helpers/parcels.js'
import { referenceStore } from '../helpers/reference-store.js'
import {
  idsOf as idsInBody,
  type Scripted,
  type ScriptedTransport,
  scriptedTransport,
  stored,
} from '../helpers/transport.js'

interface House {
  readonly outbox: Outbox
  readonly owed: Owed
  readonly store: Store
  readonly transport: ScriptedTransport
  readonly clock: FakeClock
  /** Records of this page: stored, and dropped by reason. */
  readonly counts: { stored: number; dropped: Record<string, number> }
  readonly settled: SettledNote[]
  readonly troubles: [string, unknown][]
  readonly laters: number[]
  readonly release: AbortController
  /** Owes parcels as the page does: in its list, and in the store, which confirms them. */
  make(...parcels: Parcel[]): Promise<void>
}

interface More extends Partial<OutboxParts> {
  readonly copy?: (body: string) => boolean
  readonly room?: () => number
  readonly open?: () => boolean
  /** So many records were dropped, whoever has made them. */
  readonly onDropped?: (count: number) => void
}

/** An outbox over a store, whose collector plays a script. */
function outboxWith(script: readonly Scripted[], more: More = {}): House {
  const clock = fakeClock()
  const owed = createOwed()
  const store: Store = { ...referenceStore(clock.now), isOpen: more.open ?? (() => true), ...more.store }
  const transport = scriptedTransport(script, more.copy, more.room)
  const release = new AbortController()
  const counts: House['counts'] = { stored: 0, dropped: {} }
  const notes = { settled: [], troubles: [], laters: [] } as Pick<House, 'settled' | 'troubles' | 'laters'>
  const outbox = createOutbox({
    transport,
    wait: async () => {},
    claim: run => run(release.signal),
    now: clock.now,
    openPage: () => null,
    openSession: () => null,
    onGone: () => {},
    onFate: () => {},
    chance: () => 1,
    historyOf: () => '',
    owedMaxChars,
    owedMaxAgeMs,
    onStored(_count, own) {
      counts.stored += own
    },
    onDrop(count, own, reason) {
      counts.dropped[reason] = (counts.dropped[reason] ?? 0) + own
      more.onDropped?.(count)
    },
    onSettled: all => void notes.settled.push(...all),
    onLater: ms => void notes.laters.push(ms),
    trouble: (code, cause) => void notes.troubles.push([code, cause]),
    ...more,
    owed,
    store,
  })
  async function make(...parcels: Parcel[]): Promise<void> {
    const added = owed.add(parcels, clock.now())
    outbox.grow(parcels.reduce((sum, { key }) => sum + charsAt(key), 0))
    if (!store.isOpen()) return
    await store.keep(parcels)
    for (const one of added) one.kept = 'yes'
  }
  return { outbox, owed, store, transport, clock, counts, ...notes, release, make }
}

const idsOf = (...parcels: Parcel[]): string[] => parcels.flatMap(({ text }) => idsIn(toRuns(text)))
const keysIn = ({ store }: House): Promise<readonly IDBValidKey[]> => store.keys(undefined, 1000)

describe('a flush', () => {
  it('sends what this page has made, and deletes what the collector has named', async () => {
    const house = outboxWith(['stored'])
    const parcels = [parcelWith(3), parcelWith(2)]
    await house.make(...parcels)
    expect(await house.outbox.flush(true)).toEqual({ stored: 5, owed: 0 })
    expect(house.transport.sent).toEqual([idsOf(...parcels)])
    expect(await keysIn(house)).toEqual([])
    expect(house.settled).toEqual(parcels.map(({ key }) => [key, {}]))
    expect([house.owed.count(), house.counts, house.troubles]).toEqual([0, { stored: 5, dropped: {} }, []])
  })

  it('sends nothing where nothing is owed', async () => {
    const house = outboxWith(['stored'])
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 0 })
    expect(house.transport.sent).toEqual([])
  })

  it('sends what other pages have left, after its own, and counts it apart', async () => {
    const house = outboxWith(['stored'])
    const [own, left] = [parcelWith(2), parcelWith(3)]
    await house.store.keep([left])
    await house.make(own)
    expect(await house.outbox.flush(true)).toEqual({ stored: 5, owed: 0 })
    expect(house.transport.sent).toEqual([idsOf(own), idsOf(left)])
    expect(house.counts.stored).toBe(2)
    expect(await keysIn(house)).toEqual([])
  })

  it('sends its own alone while there is no database', async () => {
    const house = outboxWith(['stored'], { open: () => false })
    await house.make(parcelWith(2))
    expect(await house.outbox.flush(true)).toEqual({ stored: 2, owed: 0 })
  })

  it('sends its own that only the database holds any more', async () => {
    const house = outboxWith(['stored'])
    const data = JSON.stringify({ text: 'x'.repeat(20_000) })
    for (let count = 0; count < maxHeldChars / 20_000 + 10; count++) await house.make(parcelWith(1, { data }))
    house.outbox.grow(0)
    const all = house.owed.count()
    expect(house.owed.all().some(({ text }) => !text)).toBe(true)
    expect(await house.outbox.flush(true)).toEqual({ stored: all, owed: 0 })
    expect(house.counts.stored).toBe(all)
    expect(new Set(house.transport.sent.flat()).size).toBe(all)
  })

  it('sends more than a batch in several', async () => {
    const house = outboxWith(['stored'])
    await house.make(...Array.from({ length: 10 }, () => parcelWith(50)))
    expect(await house.outbox.flush(true)).toEqual({ stored: 500, owed: 0 })
    expect(house.transport.sent.length).toBeGreaterThan(2)
    for (const ids of house.transport.sent) expect(ids.length).toBeLessThanOrEqual(maxBatchRecords)
    expect(new Set(house.transport.sent.flat()).size).toBe(500)
  })

  it('sends what was owed when it began, and what is made meanwhile with the next', async () => {
    const house: House = outboxWith([
      ids => {
        house.clock.advance(10)
        void house.make(parcelWith(1))
        return stored(ids)
      },
    ])
    await house.make(parcelWith(3))
    expect(await house.outbox.flush(true)).toEqual({ stored: 3, owed: 1 })
    expect(house.transport.sent).toHaveLength(1)
    house.clock.advance(10)
    expect(await house.outbox.flush(true)).toEqual({ stored: 1, owed: 1 })
  })

  it('is one with all that are asked for while it waits', async () => {
    const house = outboxWith(['stored'])
    await house.make(parcelWith(3))
    const results = await Promise.all([1, 2, 3].map(() => house.outbox.flush(true)))
    expect(house.transport.sent).toHaveLength(1)
    expect(results).toEqual([results[0], results[0], results[0]])
  })

  it('is forced if one of those that are asked for is', async () => {
    const house = outboxWith(['unknown', 'stored'])
    await house.make(parcelWith(1))
    await house.outbox.flush(true)
    const results = await Promise.all([house.outbox.flush(false), house.outbox.flush(true), house.outbox.flush(false)])
    expect(results[0]).toEqual({ stored: 1, owed: 0 })
  })

  it('runs one at a time', async () => {
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
    await house.make(parcelWith(1))
    const first = house.outbox.flush(true)
    await Promise.resolve()
    await Promise.resolve()
    await Promise.all([first, house.outbox.flush(true)])
    expect(running).toBe(0)
  })

  it('sends nothing before the backoff is over, unless it is forced', async () => {
    const house = outboxWith(['unknown', 'stored'])
    await house.make(parcelWith(1))
    await house.store.keep([parcelWith(2)])
    await house.outbox.flush(false)
    expect(await house.outbox.flush(false)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toHaveLength(1)
    expect(await house.outbox.flush(true)).toEqual({ stored: 3, owed: 0 })
  })

  it('sends nothing while the collector has asked another tab to wait', async () => {
    const house = outboxWith(['stored'])
    await house.make(parcelWith(3))
    house.outbox.hold(60_000)
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toEqual([])
    house.clock.advance(60_000)
    expect(await house.outbox.flush(true)).toEqual({ stored: 3, owed: 0 })
  })

  it('sends and settles nothing without the right to send', async () => {
    const house = outboxWith(['stored'])
    await house.make(parcelWith(3))
    house.release.abort()
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 3 })
    expect(house.transport.sent).toEqual([])
  })

  it('stops after an answer that names less than half, and sends the rest with the next flush', async () => {
    const house = outboxWith([ids => stored(ids.slice(0, 1)), 'stored'])
    await house.make(parcelWith(9))
    expect(await house.outbox.flush(true)).toEqual({ stored: 1, owed: 8 })
    expect(house.transport.sent).toHaveLength(1)
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 8 })
    house.clock.advance(10)
    expect(await house.outbox.flush(true)).toEqual({ stored: 8, owed: 0 })
  })

  it('keeps the settled parcels of the open session for local queries, and none of which a record was dropped', async () => {
    const [dropped, kept, other] = [parcelWith(2), parcelWith(3), parcelWith(1, { identityId: '' })]
    const [bad] = idsOf(dropped) as [string]
    const house = outboxWith(
      [ids => ({ is: 'answered', answer: { stored: ids.filter(id => id !== bad), refused: [[bad, 'x']], gone: [] } })],
      { historyOf: text => (text.includes('"identityId":"anna"') ? 's' : '') },
    )
    await house.make(dropped, kept, other)
    await house.outbox.flush(true)
    expect((await house.store.all()).flat()).toEqual([kept.text])
  })
})

describe('a parcel that no answer ever names', () => {
  it('holds up nothing behind it', async () => {
    const [bad, left] = [parcelWith(1), parcelWith(3)]
    const house = outboxWith([ids => stored(ids.filter(id => id !== idsOf(bad)[0]))])
    await house.store.keep([left])
    await house.make(bad)
    await house.outbox.flush(true)
    house.clock.advance(1)
    for (let turn = 0; turn < 3; turn++) {
      await house.outbox.flush(true)
      house.clock.advance(0)
    }
    expect(house.owed.count()).toBe(1)
    expect(house.counts.dropped).toEqual({})
  })
})

describe('a store that fails', () => {
  const disk = (): Promise<never> => Promise.reject(new Error('disk'))

  it.each(['keys', 'remove'] as const)('is reported and never rejects a flush, where %s fails', async name => {
    const clock = fakeClock()
    const house = outboxWith(['stored'], { store: { ...referenceStore(clock.now), [name]: disk } as never })
    await house.make(parcelWith(2))
    expect(await house.outbox.flush(true)).toMatchObject({ owed: 0 })
    expect(house.troubles).toContainEqual(['store-failed', new Error('disk')])
  })

  it('deletes what is settled although it takes nothing more', async () => {
    const clock = fakeClock()
    const reference = referenceStore(clock.now)
    const house = outboxWith(['stored'], { store: { ...reference, keepSettled: disk } as never, historyOf: () => 's' })
    await house.make(parcelWith(2))
    await house.outbox.flush(true)
    expect(await keysIn(house)).toEqual([])
    expect(house.troubles).toEqual([['store-failed', new Error('disk')]])
  })

  it('is no reason for a loop where it keeps what was deleted', async () => {
    const clock = fakeClock()
    const house = outboxWith(['stored'], { store: { ...referenceStore(clock.now), remove: async () => {} } as never })
    await house.store.keep([parcelWith(2), parcelWith(1)])
    await house.outbox.flush(true)
    await house.outbox.flush(true)
    expect(house.transport.sent.flat()).toHaveLength(3)
    expect(house.outbox.state()).toMatchObject({ failures: 1, lastError: 'the store does not delete' })
  })
})

describe('the limit of what is owed', () => {
  it('drops the oldest anonymous parcels once the collector is out of reach, and tells it how many', async () => {
    const old = parcelWith(4, { identityId: '', makeId: timedIds(() => start - 1000) })
    const young = parcelWith(4)
    const house = outboxWith(['unknown', 'stored'], { owedMaxChars: charsAt(young.key) })
    await house.store.keep([old])
    await house.make(young)
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 4 })
    expect(house.settled).toEqual([[old.key, { full: 4 }]])
    await house.outbox.flush(true)
    expect(house.transport.sent.flat()).not.toContain(idsOf(old)[0])
    const { counts } = parseBatch(house.transport.bodies.at(-1) as string)
    expect(counts.reduce((sum, count) => sum + count.dropped, 0)).toBe(4)
  })

  it('is checked once for each sixteenth of it, not at each failure', async () => {
    let looks = 0
    const house = outboxWith(['unknown'], {
      owedMaxChars: 16_000,
      get store() {
        const reference = referenceStore(() => start)
        return { ...reference, isAged: async () => !looks++ && false } as never
      },
    })
    for (let turn = 0; turn < 5; turn++) await house.outbox.flush(true)
    expect(looks).toBe(0)
    await house.make(parcelWith(1))
    for (let turn = 0; turn < 5; turn++) await house.outbox.flush(true)
    expect(looks).toBe(1)
    await house.make(parcelWith(5))
    await house.outbox.flush(true)
    expect(looks).toBe(2)
  })

  const [old, young, mine] = [
    parcelWith(2, { identityId: '', makeId: timedIds(() => start - 90_000) }),
    parcelWith(2, { makeId: timedIds(() => start - 60_000) }),
    parcelWith(2),
  ]
  const droppedIn = ({ settled }: House): string[] => settled.map(([key]) => key)

  it('drops of what this page and others have left, with all their records', async () => {
    const house = outboxWith(['unknown'], { owedMaxChars: charsAt(young.key) })
    await house.store.keep([young])
    await house.make(mine, old)
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 2 })
    expect(house.settled).toEqual([
      [old.key, { full: 2 }],
      [young.key, { full: 2 }],
    ])
    expect(house.counts.dropped).toEqual({ full: 2 })
    expect(await keysIn(house)).toEqual([mine.key])
  })

  it('reads from the database what memory does not hold', async () => {
    const house = outboxWith(['unknown'], { owedMaxChars: 1 })
    await house.make(mine)
    house.owed.release(0)
    await house.outbox.flush(true)
    expect(house.settled).toEqual([[mine.key, { full: 2 }]])
  })

  it('drops nothing for its age before it was too old for a day, because the clock may be wrong', async () => {
    const late = parcelWith(2, { makeId: timedIds(() => start + agedMs) })
    const house = outboxWith(['unknown'], { owedMaxAgeMs: 30_000 })
    await house.store.keep([young, old])
    await house.make(late)
    const fail = async (): Promise<void> => {
      house.outbox.grow(owedMaxChars)
      await house.outbox.flush(true)
    }
    await fail()
    house.clock.advance(agedMs - 1)
    await fail()
    expect(droppedIn(house)).toEqual([])
    house.clock.advance(1)
    await fail()
    expect(droppedIn(house)).toEqual([old.key, young.key])
  })

  it('drops of its own list alone while there is no database', async () => {
    const house = outboxWith(['unknown'], { owedMaxChars: charsAt(mine.key), open: () => false })
    await house.store.keep([young])
    await house.make(mine, old)
    expect(await house.outbox.flush(true)).toEqual({ stored: 0, owed: 2 })
    expect(droppedIn(house)).toEqual([old.key])
  })

  it('drops nothing that can be sent', async () => {
    const house = outboxWith(['stored'], { owedMaxChars: 10, owedMaxAgeMs: 10 })
    await house.make(parcelWith(5, { makeId: timedIds(() => start - 60_000) }))
    expect(await house.outbox.flush(false)).toEqual({ stored: 5, owed: 0 })
    expect(house.counts.dropped).toEqual({})
  })
})

describe('the exit copy', () => {
  it('is of what this page owes, deletes nothing and counts nothing as stored', async () => {
    const house = outboxWith(['stored'])
    const own = parcelWith(3)
    await house.store.keep([parcelWith(2)])
    await house.make(own)
    house.outbox.copy()
    expect(house.transport.copies.map(idsInBody)).toEqual([idsOf(own)])
    expect([house.owed.count(), house.counts.stored, (await keysIn(house)).length]).toEqual([3, 0, 2])
  })

  it('is not made of nothing', () => {
    const house = outboxWith(['stored'])
    house.outbox.copy()
    expect(house.transport.copies).toEqual([])
  })

  it('never sends the same parcel twice', async () => {
    const house = outboxWith(['stored'])
    const [first, second] = [parcelWith(3), parcelWith(2)]
    await house.make(first)
    house.outbox.copy()
    house.outbox.copy()
    await house.make(second)
    house.outbox.copy()
    expect(house.transport.copies.map(idsInBody)).toEqual([idsOf(first), idsOf(second)])
  })

  it('is not sent to a collector that has asked to wait, or has rejected the page', async () => {
    for (const said of [
      { is: 'later', status: 429, retryAfterMs: 5000 },
      { is: 'rejected', status: 401 },
    ] as const) {
      const house = outboxWith([said])
      await house.make(parcelWith(3))
      await house.outbox.flush(true)
      house.outbox.copy()
      expect(house.transport.copies).toEqual([])
    }
  })

  it.each([
    ['Latin', 'x'],
    ['Chinese', '日'],
  ])('is of the newest records, and never larger than a browser lets through, in %s', async (_what, letter) => {
    const house = outboxWith(['stored'])
    const data = JSON.stringify({ text: letter.repeat(1000) })
    const parcels = Array.from({ length: 8 }, () => parcelWith(10, { data }))
    await house.make(...parcels)
    house.outbox.copy()
    const [body] = house.transport.copies
    expect(bytesOf(body as string, 0)).toBeLessThanOrEqual(maxExitBytes)
    const sent = idsInBody(body as string)
    expect(sent.length).toBeGreaterThan(8)
    expect(new Set(sent)).toEqual(new Set(idsOf(...parcels).slice(-sent.length)))
  })

  it('is as large as the requests under way leave room', async () => {
    const house = outboxWith(['stored'], { room: () => 5000 })
    await house.make(parcelWith(100))
    house.outbox.copy()
    expect(bytesOf(house.transport.copies[0] as string, 0)).toBeLessThanOrEqual(5000)
    const full = outboxWith(['stored'], { room: () => 500 })
    await full.make(parcelWith(100))
    full.outbox.copy()
    expect(full.transport.copies).toEqual([])
  })

  it('is tried with less where the browser does not take it', async () => {
    const house = outboxWith(['stored'], { copy: body => body.length < 10_000 })
    await house.make(parcelWith(200))
    house.outbox.copy()
    const { copies } = house.transport
    expect(copies.length).toBeGreaterThan(1)
    expect(copies.at(-1)?.length).toBeLessThan(10_000)
  })

  it('is not made of one record that is too large for it', async () => {
    const house = outboxWith(['stored'])
    await house.make(parcelWith(1, { data: JSON.stringify({ text: 'x'.repeat(maxExitBytes) }) }))
    house.outbox.copy()
    expect(house.transport.copies).toEqual([])
  })
})

describe('what other pages have left', () => {
  it('is noticed, and what this page has made is not taken for it', async () => {
    const house = outboxWith(['stored'])
    await house.make(parcelWith(1))
    expect(await house.outbox.hasLeftovers()).toBe(false)
    await house.store.keep([parcelWith(1)])
    expect(await house.outbox.hasLeftovers()).toBe(true)
  })
})

describe('whatever the collector says', () => {
  type Answer = (ids: string[], collected: Set<string>) => ReturnType<Extract<Scripted, (ids: string[]) => unknown>>
  const nothing: Answer = () => ({ is: 'unknown', cause: 'no network' })
  /** A collector keeps what it receives, whatever becomes of its answer. */
  const answers: Record<string, Answer> = {
    nothing,
    lost(ids, collected) {
      for (const id of ids) collected.add(id)
      return { is: 'unknown', cause: 'the answer was lost' }
    },
    stored(ids, collected) {
      for (const id of ids) collected.add(id)
      return stored(ids)
    },
    half(ids, collected) {
      const some = ids.filter((_id, place) => place % 2)
      for (const id of some) collected.add(id)
      return stored(some)
    },
    refused: ids => ({
      is: 'answered',
      answer: { stored: [], refused: ids.slice(0, 1).map(id => [id, 'x']), gone: [] },
    }),
    gone: ids => ({ is: 'answered', answer: { stored: [], refused: [], gone: ids.slice(-1) } }),
    malformed: () => ({ is: 'malformed' }),
    'too-large': () => ({ is: 'too-large', isForeign: false }),
    foreign: () => ({ is: 'too-large', isForeign: true }),
    later: () => ({ is: 'later', status: 503, retryAfterMs: 10 }),
    names: () => stored(['foreign']),
  }
  const scripts = fc.array(fc.constantFrom(...Object.keys(answers)), { maxLength: 12 })
  const pages = fc.array(fc.record({ own: fc.nat(12), others: fc.nat(4), isForced: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })

  it.each([
    ['plain memory', async () => referenceStore(() => start)],
    ['the database', async () => (await databaseWith()).store],
  ])('made = stored + owed + dropped, and nothing is lost, over %s', async (_what, openStore) => {
    await fc.assert(
      fc.asyncProperty(scripts, pages, async (script, turns) => {
        const collected = new Set<string>()
        let line = 0
        let dropped = 0
        const house = outboxWith([ids => (answers[script[line++] ?? 'stored'] as Answer)(ids, collected)], {
          store: await openStore(),
          onDropped(count) {
            dropped += count
          },
        })
        const all: Parcel[] = []
        let made = 0
        const check = (): void => {
          const own = Object.values(house.counts.dropped).reduce((sum, count) => sum + count, 0)
          expect(house.counts.stored + house.owed.count() + own).toBe(made)
        }
        for (const { own, others, isForced } of turns) {
          const left = others ? [parcelWith(others)] : []
          const mine = own ? [parcelWith(own)] : []
          await house.store.keep(left)
          await house.make(...mine)
          made += own
          all.push(...left, ...mine)
          await house.outbox.flush(isForced)
          check()
          house.clock.advance(10)
        }
        for (let turn = 0; turn < 20; turn++) {
          house.clock.advance(3_600_000)
          await house.outbox.flush(true)
        }
        check()
        expect(house.owed.count()).toBe(0)
        expect(await keysIn(house)).toEqual([])
        const lost = idsOf(...all).filter(id => !collected.has(id))
        expect(lost.length).toBeLessThanOrEqual(dropped)
        expect(new Set(house.settled.map(([key]) => key))).toEqual(new Set(all.map(({ key }) => key)))
        expect(all.reduce((sum, { key }) => sum + countAt(key), 0)).toBe(idsOf(...all).length)
      }),
      { numRuns: 60 },
    )
  })
})

describe('what can be asked of the outbox', () => {
  it('is how often it has sent, how often again after a failure, and what the last failure was', async () => {
    const house = outboxWith(['unknown', { is: 'later', status: 429, retryAfterMs: 0 }, 'stored'])
    await house.make(parcelWith(1))
    expect(house.outbox.state()).toEqual({ requests: 0, retries: 0, failures: 0, nextAttempt: 0, lastError: '' })
    await house.outbox.flush(true)
    expect(house.outbox.state()).toMatchObject({ requests: 1, retries: 0, failures: 1, lastError: 'no network' })
    await house.outbox.flush(true)
    expect(house.outbox.state()).toMatchObject({ requests: 2, retries: 1, failures: 2, lastError: '429' })
    await house.outbox.flush(true)
    expect(house.outbox.state()).toMatchObject({ requests: 3, retries: 2, failures: 0, lastError: '' })
  })
})
