import { describe, expect, it } from 'vitest'
import { toClientGroup } from '../../src/ingest/client-group.js'

describe('the group of a client', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::9', '2001:db8:1:3::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['64:ff9b::203.0.113.9', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, group) => {
    expect(toClientGroup(address)).toBe(group)
  })

  it.each([
    '',
    'nobody',
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '10.1.2.3',
    '172.31.255.1',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    'fd00::1',
    'fe80::1',
  ])('is none for %j, which says nothing about one visitor', address => {
    expect(toClientGroup(address)).toBe(null)
  })

  it('is one of its own just outside the networks that are not public', () => {
    for (const address of ['172.32.0.1', '172.15.255.255', '11.0.0.1', '100.128.0.1', '192.169.0.1'])
      expect(toClientGroup(address)).toBe(address)
  })
})
