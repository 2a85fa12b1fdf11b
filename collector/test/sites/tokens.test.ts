import { describe, expect, it } from 'vitest'
import { makeKey, makeSecret } from '../../src/sites/tokens.js'

describe('a key or secret that is made', () => {
  it('never begins like a flag, so that a command takes it', () => {
    const made = Array.from({ length: 2000 }, () => [makeKey(), makeSecret()]).flat()
    expect(made.filter(one => !/^[A-Za-z0-9][\w-]+$/.test(one))).toEqual([])
    expect(new Set(made).size).toBe(made.length)
  })
})
