import { describe, expect, it } from 'vitest'
import { startCounting } from '../../src/numbers/worker.js'
import type { Digested } from '../../src/store/store.js'

/** Counts the bites that are told, each 40 ms long, while commits take a share of the time. Ends with them. */
async function restsWith(bites: readonly Digested[], commitShare: number): Promise<number[]> {
  const rests: number[] = []
  const left = [...bites]
  let clock = 1000
  let committedMs = 0
  await new Promise<void>((resolve, reject) => {
    const counting = startCounting({
      store: {
        async digest() {
          const bite = left.shift()
          if (bite === undefined) {
            void counting.stop().then(resolve)
            return 'over'
          }
          clock += 40
          committedMs += 40 * commitShare
          return bite
        },
      },
      rest: async (ms, signal) => void (signal.aborted || rests.push(ms)),
      committedMs: () => committedMs,
      now: () => clock,
      onError: reject,
    })
  })
  return rests
}

describe('counting in the background', () => {
  it('goes on at once while hardly a batch is stored', async () => {
    expect(await restsWith(['more', 'more', 'more', 'over'], 0.5)).toEqual([1000])
  })

  it('leaves three quarters of the time to batches while they keep the store busy', async () => {
    expect(await restsWith(['more', 'more', 'over'], 0.6)).toEqual([120, 120, 1000])
  })

  it('rests for a while if another collector counts', async () => {
    expect(await restsWith(['busy', 'over'], 2)).toEqual([5000, 1000])
  })
})
