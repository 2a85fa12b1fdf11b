import { describe, expect, it } from 'vitest'
import { parseTrust } from '../../src/web/trust.js'

describe('a trusted proxy', () => {
  it('is known by its address, by a range, and by the word loopback, in both ways to write an address', () => {
    const isTrusted = parseTrust(['loopback', '10.0.0.0/8', '192.0.2.7', '2001:db8::/32'])
    for (const address of [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '::ffff:127.0.0.1',
      '10.1.2.3',
      '192.0.2.7',
      '2001:db8:7::1',
    ])
      expect([address, isTrusted(address)]).toEqual([address, true])
    for (const address of ['11.0.0.1', '192.0.2.8', '::2', '2001:db9::1', '::ffff:8.8.8.8', '', 'unix:', 'localhost'])
      expect([address, isTrusted(address)]).toEqual([address, false])
  })

  it('is nobody if none is named', () => {
    expect(parseTrust([])('127.0.0.1')).toBe(false)
  })

  it('is not named by a host, or by a range with too many bits', () => {
    for (const text of [
      'localhost',
      'proxy.example',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0',
      '',
    ])
      expect(() => parseTrust([text])).toThrow(/write it as an address/)
  })
})
