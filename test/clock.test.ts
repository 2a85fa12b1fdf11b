import { afterEach, describe, expect, it, vi } from 'vitest'
import { every, later, wait } from '../src/browser/clock.js'

afterEach(() => vi.useRealTimers())

describe('timers', () => {
  it('keep no process alive, where timers are objects', () => {
    const timers = [later(() => {}, 60_000), every(() => {}, 60_000)] as unknown as NodeJS.Timeout[]
    expect(timers.map(timer => timer.hasRef())).toEqual([false, false])
    for (const timer of timers) clearTimeout(timer)
  })

  it('run as any timer, also where timers are numbers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout'] })
    let runs = 0
    const timer = every(() => void runs++, 100)
    later(() => void runs++, 250)
    let isOver = false
    void wait(300).then(() => {
      isOver = true
    })
    await vi.advanceTimersByTimeAsync(350)
    expect([runs, isOver]).toEqual([4, true])
    clearTimeout(timer)
    expect(vi.getTimerCount()).toBe(0)
    vi.stubGlobal('setTimeout', (run: () => void) => {
      run()
      return 7
    })
    expect(later(() => void runs++)).toBe(7)
    vi.unstubAllGlobals()
  })
})
