import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../src/outbox/backoff.js'
import { backoffBaseMs, backoffMaxMs } from '../../src/record/limits.js'

describe('backoff', () => {
  it('is drawn from 0 to a bound that doubles with each failure', () => {
    for (let failures = 0; failures < 5; failures++) {
      expect(backoffMs(failures, 0)).toBe(0)
      expect(backoffMs(failures, 0.5)).toBe((backoffBaseMs * 2 ** failures) / 2)
      expect(backoffMs(failures, 1)).toBe(backoffBaseMs * 2 ** failures)
    }
  })

  it('is never more than its greatest, however often it failed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
        const ms = backoffMs(failures, chance)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(backoffMaxMs)
      }),
    )
    expect(backoffMs(1e6, 1)).toBe(backoffMaxMs)
  })
})
