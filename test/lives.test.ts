import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from './lives/judge.js'
import { live, type Plan, plans, type Step } from './lives/life.js'

/** A plan with the least of everything else. */
function planOf(...ops: readonly Step['op'][]): [Plan] {
  const traits = { hasLocks: false, isSlow: false, seed: 0 }
  return [{ traits, steps: ops.map(op => ({ op, choice: 0, gapMs: 300 })) }]
}

/** Plans in which something was wrong once. */
const found = [
  // Who had signed in while the page went away was forgotten, if the next page died before it had looked at everything.
  planOf('freeze', 'inAndAway', 'crash'),
]

describe('whatever happens to the tabs of a visitor', () => {
  it('each call counts once, for its person, and visits, sessions and pages keep their borders', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async plan => {
        const life = await live(plan)
        // The log shows what happened.
        expect({ problems: judge(life), log: life.log }).toEqual({ problems: [], log: life.log })
      }),
      { numRuns: process.env.SOJOURN_LONG ? 3000 : 60, seed: 1, examples: found },
    )
  })
})
