import { describe, expect, it } from 'vitest'
import { createOwed, type Owed } from '../../src/outbox/owed.js'
import { createPace, type Pace } from '../../src/outbox/pace.js'
import { createSender, type Item, type Sender } from '../../src/outbox/sender.js'
import { maxBatchNotes, maxExitBytes } from '../../src/record/limits.js'
import { idsOf as idsIn, type Parcel, toRuns } from '../../src/record/parcel.js'
import { parseBatch } from '../../src/record/parse.js'
import { type FakeClock, fakeClock, start } from '../helpers/clock.js'
import { parcelWith } from '../helpers/parcels.js'
import { type Scripted, type ScriptedTransport, scriptedTransport, stored } from '../helpers/transport.js'

interface House {
  readonly sender: Sender
  readonly owed: Owed
  readonly pace: Pace
  readonly transport: ScriptedTransport
  readonly clock: FakeClock
  /** Keys of the parcels that are settled in all their records, with what was dropped of them. */
  readonly removed: [string, Record<string, number>][]
  readonly stored: [count: number, own: number][]
  readonly drops: [count: number, own: number, reason: string][]
  readonly gone: (readonly string[])[]
  readonly fates: [ids: string[], fate: string][]
  readonly laters: number[]
  readonly troubles: [string, unknown][]
  readonly stop: AbortController
  /** Sends these. Those that this page owes count as its own. */
  send(...parcels: Parcel[]): Promise<boolean>
  items(...parcels: Parcel[]): Item[]
}

function senderWith(...script: Scripted[]): House {
  const clock = fakeClock()
  const owed = createOwed()
  const pace = createPace(clock.now, () => 1)
  const transport = scriptedTransport(script)
  const stop = new AbortController()
  const notes = { removed: [], stored: [], drops: [], gone: [], fates: [], laters: [], troubles: [] } as Pick<
    House,
    'removed' | 'stored' | 'drops' | 'gone' | 'fates' | 'laters' | 'troubles'
  >
  const sender = createSender({
    owed,
    transport,
    pace,
    now: clock.now,
    openPage: () => null,
    openSession: () => null,
    onGone: sessions => void notes.gone.push(sessions),
    onFate: (ids, fate) => void notes.fates.push([[...ids], fate]),
    async remove(items) {
      notes.removed.push(...items.map(({ key, dropped }) => [key, dropped] as [string, Record<string, number>]))
    },
    onStored: (...said) => void notes.stored.push(said),
    onDrop: (...said) => void notes.drops.push(said),
    onLater: ms => void notes.laters.push(ms),
    trouble: (...said) => void notes.troubles.push(said),
  })
  const items = (...parcels: Parcel[]): Item[] =>
    parcels.map(({ key, text }) => ({ key, text, runs: toRuns(text), dropped: {} }))
  const send = (...parcels: Parcel[]): Promise<boolean> => sender.send(items(...parcels), stop.signal)
  return { ...notes, sender, owed, pace, transport, clock, stop, send, items }
}

/** How many records of each writer were dropped, as a body tells it. */
const droppedIn = (body = ''): number[] =>
  parseBatch(body)
    .counts.map(({ dropped }) => dropped)
    .filter(Boolean)
const idsOf = (...parcels: Parcel[]): string[] => parcels.flatMap(({ text }) => idsIn(toRuns(text)))

describe('an answer', () => {
  it('says of each record that it is in flight, owed again, and what became of it', async () => {
    const house = senderWith(ids => ({
      is: 'answered',
      answer: { stored: ids.slice(0, 1), refused: [[ids[1] as string, 'too-large']], gone: [] },
    }))
    const parcel = parcelWith(3)
    house.owed.add([parcel], start)
    await house.send(parcel)
    const [one, two] = idsOf(parcel) as [string, string]
    expect(house.fates).toEqual([
      [idsOf(parcel), 'in-flight'],
      [idsOf(parcel), 'owed'],
      [[one], 'stored'],
      [[two], 'refused:too-large'],
    ])
  })

  it('settles what it names as stored, and removes parcels that are settled whole', async () => {
    const house = senderWith('stored')
    const [own, other] = [parcelWith(3), parcelWith(2)]
    house.owed.add([own], start)
    expect(await house.send(own, other)).toBe(true)
    expect(house.transport.sent).toEqual([idsOf(own, other)])
    expect(house.stored).toEqual([[5, 3]])
    expect(house.removed).toEqual([
      [own.key, {}],
      [other.key, {}],
    ])
    expect(house.owed.count()).toBe(0)
    expect(house.pace.state()).toEqual({ requests: 1, retries: 0, failures: 0, nextAttempt: 0, lastError: '' })
  })

  it('leaves owed what it does not name, from now on', async () => {
    const house = senderWith(ids => stored(ids.slice(0, 2)))
    const own = parcelWith(3)
    house.owed.add([own], start)
    house.clock.advance(500)
    expect(await house.send(own)).toBe(true)
    expect(house.removed).toEqual([])
    expect(house.owed.count()).toBe(1)
    expect(house.owed.get(own.key)?.at).toBeGreaterThan(start + 500)
    expect(idsIn(toRuns(house.owed.get(own.key)?.text ?? ''))).toEqual(idsOf(own).slice(2))
  })

  it('drops what it refuses by its code and what is gone, and the parcel says so', async () => {
    const house = senderWith(([a, b, c, d]) => ({
      is: 'answered',
      answer: {
        stored: [a as string],
        refused: [
          [b as string, 'data-invalid'],
          [c as string, 'too-large'],
        ],
        gone: [d as string],
      },
    }))
    const own = parcelWith(4)
    house.owed.add([own], start)
    expect(await house.send(own)).toBe(true)
    expect(house.drops).toEqual([
      [1, 1, 'refused:data-invalid'],
      [1, 1, 'refused:too-large'],
      [1, 1, 'gone'],
    ])
    expect(house.gone.filter(sessions => sessions[0])).toEqual([[own.text.split('\n')[1]]])
    expect(house.removed).toEqual([[own.key, { 'refused:data-invalid': 1, 'refused:too-large': 1, gone: 1 }]])
    expect(house.owed.count()).toBe(0)
  })

  it('counts each record once, though it is named twice and under several heads', async () => {
    const house = senderWith(ids => ({
      is: 'answered',
      answer: { stored: [...ids, ...ids], refused: [[ids[0] as string, 'x']], gone: ids },
    }))
    await house.send(parcelWith(2))
    expect(house.stored).toEqual([[2, 0]])
    expect(house.drops).toEqual([])
  })

  it('settles nothing that was not sent in its request', async () => {
    const foreign = parcelWith(2)
    const house = senderWith(ids => ({
      is: 'answered',
      answer: { stored: [...idsOf(foreign), ids[0] as string], refused: [['foreign', 'x']], gone: ['', 'gone'] },
    }))
    house.owed.add([foreign], start)
    await house.send(parcelWith(2))
    expect(house.stored).toEqual([[1, 0]])
    expect(house.drops).toEqual([])
    expect(house.owed.count()).toBe(2)
  })

  it('is a failure where it names nothing, so that it is not asked for in a loop', async () => {
    for (const ids of [[], ['foreign']]) {
      const house = senderWith(stored(ids))
      expect(await house.send(parcelWith(2))).toBe(false)
      expect(house.pace.state().failures).toBe(1)
      expect(house.troubles).toEqual([['collector-unreachable', 'an answer that names nothing']])
      expect(house.drops).toEqual([])
    }
  })

  it.each([
    [5, true],
    [4, false],
    [1, false],
  ])('that names %i of 10 lets the next batch follow at once: %s', async (count, isFine) => {
    const house = senderWith(ids => stored(ids.slice(0, count)))
    expect(await house.send(parcelWith(10))).toBe(isFine)
    expect(house.pace.state().failures).toBe(0)
  })

  it('settles nothing once the right to send is gone', async () => {
    const house: House = senderWith(ids => {
      house.stop.abort()
      return stored(ids)
    })
    expect(await house.send(parcelWith(2))).toBe(false)
    expect([house.stored, house.removed, house.troubles]).toEqual([[], [], []])
  })

  it('is refused under the empty id too, where a record has none', async () => {
    const house = senderWith(() => ({
      is: 'answered',
      answer: { stored: [], refused: [['', 'id-invalid']], gone: [] },
    }))
    const parcel = parcelWith(1)
    const text = parcel.text.replace(/"eventID":"\w+"/, '"eventID":""')
    await house.send({ ...parcel, text })
    expect(house.drops).toEqual([[1, 0, 'refused:id-invalid']])
    expect(house.removed).toHaveLength(1)
  })
})

describe('what the collector cannot read', () => {
  it('is found by halves, and costs itself alone', async () => {
    const parcels = [parcelWith(6), parcelWith(4)]
    const bad = idsOf(...parcels)[7] as string
    const house = senderWith(ids => (ids.includes(bad) ? { is: 'malformed' } : stored(ids)))
    house.owed.add(parcels, start)
    expect(await house.send(...parcels)).toBe(true)
    expect(house.stored.reduce((sum, [, own]) => sum + own, 0)).toBe(9)
    expect(house.drops).toEqual([[1, 1, 'refused:malformed']])
    expect(house.removed.map(([, dropped]) => dropped)).toEqual([{}, { 'refused:malformed': 1 }])
    expect(house.transport.sent.length).toBeLessThan(12)
  })

  it('is halved where it is too large, until it fits', async () => {
    const house = senderWith(ids => (ids.length > 3 ? { is: 'too-large', isForeign: false } : stored(ids)))
    expect(await house.send(parcelWith(10))).toBe(true)
    expect(house.stored.reduce((sum, [count]) => sum + count, 0)).toBe(10)
    expect(house.drops).toEqual([])
  })

  it('is dropped where it is too large by itself', async () => {
    const house = senderWith('too-large')
    expect(await house.send(parcelWith(1))).toBe(true)
    expect(house.drops).toEqual([[1, 0, 'refused:too-large']])
  })

  it('costs no record where a proxy says 413 to everything', async () => {
    const house = senderWith({ is: 'too-large', isForeign: true })
    const own = parcelWith(4)
    house.owed.add([own], start)
    expect(await house.send(own)).toBe(false)
    expect(house.transport.sent.map(ids => ids.length)).toEqual([4, 2, 1])
    expect([house.drops, house.owed.count(), house.pace.state().failures]).toEqual([[], 4, 1])
  })

  it('is dropped where a proxy has no room for one large record, which would hold up everything behind it', async () => {
    const house = senderWith({ is: 'too-large', isForeign: true })
    expect(await house.send(parcelWith(1, { data: JSON.stringify({ text: 'x'.repeat(maxExitBytes) }) }))).toBe(true)
    expect(house.drops).toEqual([[1, 0, 'refused:too-large']])
  })

  it('is looked for no further once the collector is out of reach', async () => {
    const house = senderWith('malformed', 'stored', 'unknown')
    expect(await house.send(parcelWith(8))).toBe(false)
    expect(house.transport.sent.map(ids => ids.length)).toEqual([8, 4, 4])
    expect(house.stored).toEqual([[4, 0]])
    expect(house.drops).toEqual([])
  })
})

describe('a failure', () => {
  it('keeps everything, and is reported once in a row', async () => {
    const house = senderWith('unknown', 'unknown', 'stored', 'unknown')
    const own = parcelWith(3)
    house.owed.add([own], start)
    for (const isFine of [false, false]) expect(await house.send(own)).toBe(isFine)
    expect(house.troubles).toEqual([['collector-unreachable', 'no network']])
    expect(house.owed.count()).toBe(3)
    await house.send(own)
    await house.send(parcelWith(1))
    expect(house.troubles).toHaveLength(2)
    expect(house.drops).toEqual([])
  })

  it('tells how long the collector wants to hear nothing, if it says so', async () => {
    const house = senderWith({ is: 'later', status: 429, retryAfterMs: 6000 }, 'later')
    await house.send(parcelWith(1))
    await house.send(parcelWith(1))
    expect(house.laters).toEqual([6000])
    expect(house.pace.state()).toMatchObject({ failures: 2, lastError: '503' })
  })

  it('is for good where the collector rejects the page, and keeps everything', async () => {
    const house = senderWith({ is: 'rejected', status: 403 })
    const own = parcelWith(3)
    house.owed.add([own], start)
    expect(await house.send(own)).toBe(false)
    expect(house.troubles).toEqual([['collector-rejects', 403]])
    expect([house.owed.count(), house.pace.state().nextAttempt]).toEqual([3, Infinity])
  })

  it('makes the next request one that is sent again', async () => {
    const house = senderWith('unknown', 'later', 'stored', 'stored')
    for (let count = 0; count < 4; count++) await house.send(parcelWith(1))
    expect(house.pace.state()).toMatchObject({ requests: 4, retries: 2 })
  })
})

describe('what this device has dropped', () => {
  it('is dropped with a reason, counted, and removed', async () => {
    const house = senderWith('stored')
    const [own, other] = [parcelWith(3), parcelWith(2)]
    house.owed.add([own], start)
    await house.sender.drop(house.items(own, other), 'full')
    expect(house.drops).toEqual([[5, 3, 'full']])
    expect(house.removed).toEqual([
      [own.key, { full: 3 }],
      [other.key, { full: 2 }],
    ])
    expect(house.transport.sent).toEqual([])
  })

  it('is told to the collector with each batch from then on', async () => {
    const house = senderWith(ids => (ids.length === 1 ? { is: 'malformed' } : stored(ids)))
    const lost = parcelWith(1)
    await house.send(lost)
    await house.sender.drop(house.items(parcelWith(2)), 'full')
    for (let turn = 0; turn < 2; turn++) {
      await house.send(parcelWith(2))
      expect(droppedIn(house.transport.bodies.at(-1))).toEqual([1, 2])
    }
  })

  it('is told over several batches where it is of many writers, so that each batch fits into a request', async () => {
    const house = senderWith('stored')
    const lost = Array.from({ length: maxBatchNotes + 50 }, () => parcelWith(1))
    await house.sender.drop(house.items(...lost), 'full')
    const told = new Set<string>()
    for (const atMost of [maxBatchNotes, maxBatchNotes]) {
      await house.send(parcelWith(1))
      const dropped = parseBatch(house.transport.bodies.at(-1) ?? '').counts.filter(one => one.dropped)
      expect(dropped).toHaveLength(atMost)
      for (const { writer } of dropped) told.add(writer)
    }
    expect(told.size).toBe(lost.length)
  })

  it('is not told where the collector has refused it, because the collector counts that', async () => {
    const house = senderWith(ids => ({
      is: 'answered',
      answer: { stored: [], refused: [[ids[0] as string, 'x']], gone: [] },
    }))
    await house.send(parcelWith(1))
    await house.send(parcelWith(2))
    expect(droppedIn(house.transport.bodies.at(-1))).toEqual([])
  })
})
