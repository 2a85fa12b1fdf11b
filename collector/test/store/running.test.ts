import { describe, expect, it } from 'vitest'
import { stores } from '../helpers/stores.js'

describe.each(stores)('which collectors run, on %s', (_name, open) => {
  it('is told by each, and holds until its lease ends', async () => {
    const { running } = await open()
    expect(await running.count(0)).toBe(0)
    await running.stay({ place: 'a:1', start: 'one', until: 100 })
    await running.stay({ place: 'b:1', start: 'two', until: 200 })
    expect([await running.count(99), await running.count(100), await running.count(200)]).toEqual([2, 1, 0])
    await running.stay({ place: 'a:1', start: 'one', until: 300 })
    expect([await running.count(199), await running.count(200)]).toEqual([2, 1])
  })

  it('counts a place once, also if the process there was killed and another one started', async () => {
    const { running } = await open()
    await running.stay({ place: 'a:1', start: 'one', until: 100 })
    await running.stay({ place: 'a:1', start: 'two', until: 90 })
    await running.stay({ place: 'a:2', start: 'three', until: 100 })
    expect([await running.count(80), await running.count(95)]).toEqual([2, 1])
  })

  it('counts a collector no more that has left, and one that left late does not take another one along', async () => {
    const { running } = await open()
    await running.stay({ place: 'a:1', start: 'one', until: 100 })
    await running.stay({ place: 'b:1', start: 'two', until: 100 })
    await running.leave({ place: 'b:1', start: 'two' })
    expect(await running.count(0)).toBe(1)
    await running.stay({ place: 'a:1', start: 'three', until: 100 })
    await running.leave({ place: 'a:1', start: 'one' })
    await running.leave({ place: 'c:1', start: 'one' })
    expect(await running.count(0)).toBe(1)
  })

  it('forgets those that have ended long ago', async () => {
    const { running } = await open()
    await running.stay({ place: 'a:1', start: 'one', until: 100 })
    await running.stay({ place: 'b:1', start: 'two', until: 200 })
    await running.removeBefore(200)
    expect(await running.count(0)).toBe(1)
  })
})
