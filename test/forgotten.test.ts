import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createForgotten, type Forgotten } from '../src/forgotten.js'
import { createStorage } from '../src/testing/storage.js'
import { itemsOf } from './helpers/storage.js'

const item = 'sojourn-k!'
let storage: Storage

beforeEach(() => {
  storage = createStorage()
  vi.stubGlobal('localStorage', storage)
})
afterEach(() => void vi.unstubAllGlobals())

function pageWith(): Forgotten & { news: number[] } {
  const news: number[] = []
  const page = createForgotten({ key: 'k' }, () => news.push(page.time()))
  return { ...page, news }
}

describe('when the visitor was forgotten', () => {
  it('is never at first, and nothing is written', () => {
    const page = pageWith()
    page.look()
    expect([page.time(), page.isStale(), page.news, itemsOf(storage)]).toEqual([0, false, [], {}])
  })

  it('is news once for a page that was there before, and none for a page that comes later', () => {
    const [here, there] = [pageWith(), pageWith()]
    there.look()
    here.begin(100)
    here.save(true)
    for (let times = 0; times < 2; times++) there.look()
    there.learn(100)
    const later = pageWith()
    later.look()
    expect([there.news, later.news, later.time(), here.news]).toEqual([[100], [], 100, []])
  })

  it('is later with each time, though the clock stands still or was set back', () => {
    const page = pageWith()
    page.begin(100)
    page.save(true)
    page.begin(100)
    expect(page.time()).toBe(101)
    page.save(true)
    const other = pageWith()
    other.begin(5)
    expect(other.time()).toBe(102)
    page.learn(102)
    expect(page.news).toEqual([102])
  })

  it('makes the database stale until somebody has cleared it, whichever page that is', () => {
    const page = pageWith()
    page.begin(100)
    page.save(false)
    expect(itemsOf(storage)).toEqual({ [item]: '100!' })
    const other = pageWith()
    expect([other.isStale(), other.isStale(), page.isStale()]).toEqual([true, false, false])
    expect(itemsOf(storage)).toEqual({ [item]: '100' })
    // What a page clears on the way is still news to it.
    other.look()
    storage.setItem(item, '200!')
    expect([page.isStale(), itemsOf(storage)]).toEqual([true, { [item]: '200' }])
    page.look()
    expect(page.news).toEqual([200])
  })

  it.each(['', 'soon', '-5', '{}', '9'.repeat(30), `${2 ** 52}`])('is not %j, and nothing throws', junk => {
    storage.setItem(item, junk)
    const page = pageWith()
    page.look()
    page.look()
    expect([page.time(), page.news]).toEqual([0, []])
    page.begin(100)
    expect(page.time()).toBe(100)
  })

  it('stays known where the site clears its localStorage, or there is none', () => {
    const page = pageWith()
    page.begin(100)
    page.save(false)
    storage.removeItem(item)
    page.look()
    vi.stubGlobal('localStorage', undefined)
    page.look()
    expect([page.time(), page.news, page.isStale(), page.isStale()]).toEqual([100, [], true, false])
  })
})
