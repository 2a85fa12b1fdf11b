import { describe, expect, it } from 'vitest'
import { isInParts, maxVisitParts, type Span, toParts } from '../../src/store/parts.js'

const own = (startDate: number, until: number): Span => ({ startDate, until, isOwn: true })
const other = (startDate: number, until: number): Span => ({ startDate, until, isOwn: false })

describe('the parts of a visit that belong to a person', () => {
  it('begin with the visit or after the session of somebody else, and end with the last own session', () => {
    expect(toParts([])).toEqual([])
    expect(toParts([other(1, 9)])).toEqual([])
    expect(toParts([own(20, 30), own(40, 50), other(60, 70), own(80, 90), other(95, 99)])).toEqual([
      { from: 0, until: 50 },
      { from: 70, until: 90 },
    ])
    // In whatever order they come; and one that began while somebody else was signed in begins by itself.
    expect(toParts([own(15, 30), other(10, 20), other(2, 5)])).toEqual([{ from: 15, until: 30 }])
    // Of two that began at the same moment, the own one counts as the first.
    for (const order of [
      [own(20, 30), other(20, 40)],
      [other(20, 40), own(20, 30)],
    ])
      expect(toParts(order)).toEqual([{ from: 0, until: 30 }])
    const parts = toParts([own(20, 30), other(60, 70), own(80, 90)])
    expect([0, 30, 31, 69, 70, 90, 91].map(time => isInParts(time, parts))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
    ])
  })

  it('are not more than a browser makes, and still cover all own sessions of a forged visit', () => {
    const forged = Array.from({ length: 3 * maxVisitParts }, (_, n) => [
      own(10 * n, 10 * n + 3),
      other(10 * n + 5, 10 * n + 6),
    ])
    const parts = toParts(forged.flat())
    expect(parts).toHaveLength(maxVisitParts)
    for (const [{ startDate, until }] of forged as [Span, Span][])
      expect([startDate, until].every(time => isInParts(time, parts))).toBe(true)
    // The first ones are as exact as ever.
    expect(parts.slice(0, -1)).toEqual(toParts(forged.flat().slice(0, 2 * maxVisitParts)).slice(0, -1))
  })
})
