import { describe, expect, it } from 'vitest'
import { stores } from '../helpers/stores.js'

describe.each(stores)('pieces of scripts, on %s', (_name, open) => {
  it('are found by their release, and stay as they were kept first', async () => {
    const { scripts } = await open()
    expect([await scripts.find('one'), await scripts.releases()]).toEqual([null, []])
    const large = `"'${'é'.repeat(100_000)}\\`
    await scripts.keep('one', large)
    await scripts.keep('two', '[]')
    await scripts.keep('one', 'other')
    expect([await scripts.find('one'), await scripts.find('two'), await scripts.find('three')]).toEqual([
      large,
      '[]',
      null,
    ])
    expect((await scripts.releases()).toSorted()).toEqual(['one', 'two'])
  })
})
