import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { maxListeners, watchMs } from '../../src/live/limits.js'
import type { SiteNow } from '../../src/live/now.js'
import { createWatch, type Listener } from '../../src/live/watch.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Makes a watch over a present that a test changes, and counts how often it is read. */
function watchWith() {
  const state = { events: 0, now: 0, looks: [] as string[], fails: false }
  const errors: unknown[] = []
  const watch = createWatch(
    async site => {
      state.looks.push(site)
      if (state.fails) throw new Error('the database is down')
      return { now: ++state.now, collectors: state.events } as unknown as SiteNow
    },
    cause => errors.push(cause),
  )
  /** Listens, and notes what it gets. */
  function listen(site = 'shop', more: Partial<Listener> = {}) {
    const got: number[] = []
    const heard = { got, ended: 0, isAllowed: true }
    const leave = watch.listen(site, {
      take(text) {
        got.push((JSON.parse(text) as SiteNow).collectors)
        return true
      },
      isAllowed: () => heard.isAllowed,
      end: () => void heard.ended++,
      ...more,
    })
    return { ...heard, heard, leave }
  }
  return { state, errors, watch, listen }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a watch', () => {
  it('tells a listener at once, and then only of a change, at most once in a second', async () => {
    const { state, listen } = watchWith()
    const { got } = listen()
    await pass(0)
    expect(got).toEqual([0])
    await pass(10 * watchMs)
    expect(got).toEqual([0])
    state.events = 1
    state.events = 2
    await pass(watchMs)
    expect(got).toEqual([0, 2])
  })

  it('looks only while somebody listens, and once for all who do', async () => {
    const { state, listen } = watchWith()
    await pass(5 * watchMs)
    expect(state.looks).toEqual([])
    const [one, other] = [listen(), listen()]
    await pass(0)
    expect([state.looks.length, one.got, other.got]).toEqual([1, [0], [0]])
    state.events = 1
    await pass(watchMs)
    expect([state.looks.length, one.got, other.got]).toEqual([2, [0, 1], [0, 1]])
    one.leave?.()
    one.leave?.()
    other.leave?.()
    await pass(5 * watchMs)
    expect([state.looks.length, vi.getTimerCount()]).toEqual([2, 0])
    listen()
    await pass(0)
    expect(state.looks.length).toBe(3)
  })

  it('tells one who comes later what the last look has found, without another look', async () => {
    const { state, listen } = watchWith()
    listen()
    await pass(watchMs / 2)
    const { got } = listen()
    expect([got, state.looks.length]).toEqual([[0], 1])
  })

  it('makes one look at a time of a site, however often somebody comes and leaves', async () => {
    const opened = Promise.withResolvers<void>()
    let under = 0
    const watch = createWatch(
      async () => {
        under++
        await opened.promise
        return { now: 0, collectors: 1 } as unknown as SiteNow
      },
      () => undefined,
    )
    const take = vi.fn(() => true)
    const listen = () => watch.listen('shop', { take, isAllowed: () => true, end: () => undefined })
    for (let n = 0; n < 100; n++) listen()?.()
    const last = listen()
    expect(under).toBe(1)
    opened.resolve()
    await pass(0)
    expect(take).toHaveBeenCalledTimes(1)
    last?.()
  })

  it('gives the readers of each site a share, however many listen to one', async () => {
    const { listen } = watchWith()
    const many = Array.from({ length: maxListeners }, () => listen('shop'))
    expect(listen('shop').leave).toBe(null)
    const blog = Array.from({ length: maxListeners }, () => listen('blog'))
    const isIn = ({ leave, heard }: (typeof many)[number]): boolean => leave !== null && !heard.ended
    expect([many.filter(isIn).length, blog.filter(isIn).length]).toEqual([maxListeners / 2, maxListeners / 2])
    // The first listener of a site is the last to be ended.
    expect([isIn(many[0] as (typeof many)[number]), listen('shop').leave]).toEqual([true, null])
  })

  it('keeps sites apart', async () => {
    const { state, listen } = watchWith()
    listen('shop')
    listen('blog')
    await pass(0)
    expect(state.looks).toEqual(['shop', 'blog'])
  })

  it('tells a slow listener the newest state when it can take it, and none twice', async () => {
    const { state, listen } = watchWith()
    const taken: number[] = []
    let isSlow = true
    listen('shop', {
      take(text) {
        if (!isSlow) taken.push((JSON.parse(text) as SiteNow).collectors)
        return !isSlow
      },
    })
    await pass(0)
    state.events = 1
    await pass(watchMs)
    isSlow = false
    await pass(3 * watchMs)
    expect(taken).toEqual([1])
  })

  it('ends a listener within a second after it may listen no more', async () => {
    const { listen, state } = watchWith()
    const { heard, got } = listen()
    await pass(0)
    heard.isAllowed = false
    state.events = 1
    await pass(watchMs)
    expect([heard.ended, got]).toEqual([1, [0]])
    await pass(5 * watchMs)
    expect([heard.ended, state.looks.length]).toEqual([1, 1])
  })

  it('takes a bounded number of listeners, and another one after one has left', async () => {
    const { listen } = watchWith()
    const all = Array.from({ length: maxListeners }, (_, n) => listen(`site-${n % 3}`))
    expect(all.every(({ leave }) => leave !== null)).toBe(true)
    expect(listen('site-0').leave).toBeNull()
    all[0]?.leave?.()
    expect(listen('site-0').leave).not.toBeNull()
  })

  it('goes on after a look has failed, and reports that once', async () => {
    const { state, errors, listen } = watchWith()
    state.fails = true
    const { got } = listen()
    await pass(3 * watchMs)
    expect([errors.length, got]).toEqual([1, []])
    state.fails = false
    await pass(watchMs)
    expect(got).toEqual([0])
    state.fails = true
    await pass(watchMs)
    expect(errors.length).toBe(2)
  })

  it('ends all listeners when it stops, and takes no more', async () => {
    const { watch, listen } = watchWith()
    const [one, other] = [listen('shop'), listen('blog')]
    await pass(0)
    watch.stop()
    expect([one.heard.ended, other.heard.ended, listen().leave, vi.getTimerCount()]).toEqual([1, 1, null, 0])
  })

  it('reads once for all who ask at the same moment', async () => {
    const { state, watch } = watchWith()
    const texts = await Promise.all([watch.read('shop'), watch.read('shop'), watch.read('blog')])
    expect([state.looks, texts[0] === texts[1]]).toEqual([['shop', 'blog'], true])
    await watch.read('shop')
    expect(state.looks.length).toBe(3)
  })
})
