import { describe, expect, it } from 'vitest'
import { presenceKeepMs, presenceLeaseMs, presenceRenewMs } from '../../src/ops/limits.js'
import { startPresence } from '../../src/ops/presence.js'
import { createMemoryRunning } from '../../src/store/running.js'
import { noon } from '../helpers/collector.js'

/** A database that several collectors use, and a clock that the test moves. */
function scene() {
  const store = createMemoryRunning()
  const clock = { now: noon }
  const errors: unknown[] = []
  const tasks = new Set<() => void>()
  const start = (place: string, id: string, over = store) =>
    startPresence({
      store: over,
      place,
      start: id,
      now: () => clock.now,
      every(task, ms) {
        expect(ms).toBe(presenceRenewMs)
        tasks.add(task)
        return () => tasks.delete(task)
      },
      onError: cause => errors.push(cause),
    })
  /** Lets time pass. @param isAlive whether the collectors live meanwhile. */
  async function pass(ms: number, isAlive = true): Promise<void> {
    for (const end = clock.now + ms; clock.now < end; ) {
      clock.now = Math.min(end, clock.now + presenceRenewMs)
      if (isAlive) for (const task of tasks) task()
      await new Promise(setImmediate)
    }
  }
  return { store, errors, start, pass, tasks, count: () => store.count(clock.now) }
}

describe('a collector', () => {
  it('counts from its start until it ends, however long nothing is sent to it', async () => {
    const { start, pass, count } = scene()
    const [one] = [start('a:1', 'one'), start('b:1', 'two')]
    await pass(1)
    expect(await count()).toBe(2)
    await pass(2 * presenceKeepMs)
    expect(await count()).toBe(2)
    await one.stop()
    expect(await count()).toBe(1)
  })

  it('that was killed counts until its lease ends, and is forgotten later', async () => {
    const { start, pass, count, store, tasks } = scene()
    start('a:1', 'killed')
    await pass(1)
    tasks.clear()
    await pass(presenceLeaseMs - 2, false)
    expect(await count()).toBe(1)
    await pass(2, false)
    expect(await count()).toBe(0)
    expect(await store.count(0)).toBe(1)
    await pass(presenceKeepMs, false)
    start('b:1', 'other')
    await pass(1)
    expect(await store.count(0)).toBe(1)
  })

  it('that was killed and started again is one', async () => {
    const { start, pass, count, tasks } = scene()
    start('a:1', 'killed')
    await pass(1)
    tasks.clear()
    start('a:1', 'again')
    await pass(1)
    expect(await count()).toBe(1)
  })

  it('whose database does not answer reports it once, and says it as soon as it can', async () => {
    const { start, pass, count, store, errors } = scene()
    let isDown = true
    const failing = {
      ...store,
      stay: async (one: Parameters<typeof store.stay>[0]) => {
        if (isDown) throw new Error('down')
        await store.stay(one)
      },
    }
    start('a:1', 'one', failing)
    await pass(5 * presenceRenewMs)
    expect([errors.length, await count()]).toEqual([1, 0])
    isDown = false
    await pass(presenceRenewMs)
    expect([errors.length, await count()]).toEqual([1, 1])
  })
})
