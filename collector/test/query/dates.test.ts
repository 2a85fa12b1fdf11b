import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayMs, toDay } from '../../src/query/dates.js'

describe('a date', () => {
  it('means the first moment of its day in UTC, from 1970 to 9999', () => {
    const last = Date.UTC(9999, 11, 31) / dayMs
    function isRead(day: number): void {
      expect(toDay(new Date(day * dayMs).toISOString().slice(0, 10))).toBe(day * dayMs)
    }
    for (const day of [0, 58, 59, 60, 11_016, 11_017, 19_782, 47_540, 47_541, last]) isRead(day)
    fc.assert(fc.property(fc.integer({ min: 0, max: last }), isRead), { numRuns: 3000 })
  })

  it.each([
    '1969-12-31',
    '2026-00-01',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '2026-04-31',
    '2026-02-29',
    '2100-02-29',
    '2024-02-30',
    '2026-1-1',
    '26-01-01',
    '12026-01-01',
    '2026-01-01T00:00Z',
    ' 2026-01-01',
    '2026-01-01\n',
    '٢٠٢٦-٠١-٠١',
    '',
  ])('is in the calendar and written in full: %j is none', text => {
    expect(toDay(text)).toBe(null)
  })
})
