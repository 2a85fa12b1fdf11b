import { describe, expect, it } from 'vitest'
import { maxProxies } from '../../src/limits.js'
import { clientOf, type RequestHeaders } from '../../src/web/client.js'

const proxies = new Set(['127.0.0.1', '10.0.0.1', '10.0.0.2', '2001:db8::a'])
const trust = (address: string): boolean => proxies.has(address)
const named = (socket: string | undefined, headers: RequestHeaders): string => clientOf(socket, headers, trust)
const through = (forwardedFor: string): string => named('10.0.0.1', { 'x-forwarded-for': forwardedFor })

describe('the address of a client', () => {
  it('is that of the connection, whatever a stranger writes', () => {
    expect(named('203.0.113.9', { 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1' })).toBe('203.0.113.9')
    expect(named('::ffff:203.0.113.9', {})).toBe('203.0.113.9')
    expect(named('FE80::1%eth0', {})).toBe('fe80::1')
    expect(named(undefined, { 'x-forwarded-for': '192.0.2.1' })).toBe('')
  })

  it('is the one that a trusted proxy names', () => {
    expect(through('203.0.113.9')).toBe('203.0.113.9')
    expect(named('::ffff:10.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9')
    expect(named('10.0.0.1', { 'x-forwarded-for': ['203.0.113.8', '203.0.113.9'] })).toBe('203.0.113.9')
    expect(named('10.0.0.1', {})).toBe('10.0.0.1')
  })

  it('is the last one that is not of a trusted proxy, because a client may have written what stands before', () => {
    expect(through('192.0.2.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(through('192.0.2.1, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9')
    expect(through('10.0.0.2, 203.0.113.9')).toBe('203.0.113.9')
    expect(through('10.0.0.2')).toBe('10.0.0.2')
  })

  it('is the last proxy where it names none', () => {
    expect(through('unknown')).toBe('10.0.0.1')
    expect(through('203.0.113.9, _hidden, 10.0.0.2')).toBe('10.0.0.2')
    expect(through('203.0.113.9,')).toBe('10.0.0.1')
    expect(through('1.2.3.4.5')).toBe('10.0.0.1')
  })

  it('is read with a port, in brackets and in quotes', () => {
    expect(through('203.0.113.9:4711')).toBe('203.0.113.9')
    expect(through('[2001:DB8::9]:4711')).toBe('2001:db8::9')
    expect(through('[2001:db8::9]')).toBe('2001:db8::9')
    expect(through('2001:db8::9')).toBe('2001:db8::9')
    expect(through('::ffff:203.0.113.9')).toBe('203.0.113.9')
  })

  it('is read from Forwarded too', () => {
    const forwarded = (text: string) => named('10.0.0.1', { forwarded: text })
    expect(forwarded('for=192.0.2.1, For="[2001:db8::9]:4711";proto=https;by=10.0.0.1')).toBe('2001:db8::9')
    expect(forwarded('proto=https; for=203.0.113.9;host=shop.example')).toBe('203.0.113.9')
    expect(forwarded('for=203.0.113.9, for=10.0.0.2')).toBe('203.0.113.9')
    expect(forwarded('proto=https')).toBe('10.0.0.1')
  })

  it('is nothing that the client can choose by the header that the proxy does not write, but passes on', () => {
    const both = (simple: string, standard: string) =>
      named('10.0.0.1', { 'x-forwarded-for': simple, forwarded: standard })
    // The proxy writes `Forwarded` alone, and then `X-Forwarded-For` alone.
    for (const chosen of ['192.0.2.1', '10.0.0.2', 'unknown', '192.0.2.1, 10.0.0.2', ',']) {
      expect([chosen, both(chosen, 'for=203.0.113.9')]).toEqual([chosen, '10.0.0.1'])
      expect([chosen, both('203.0.113.9', chosen.replace(/[^, ]+/g, 'for=$&'))]).toEqual([chosen, '10.0.0.1'])
    }
    expect(both('203.0.113.9', 'proto=https')).toBe('10.0.0.1')
  })

  it('is what both headers say, where they say the same', () => {
    const headers = { 'x-forwarded-for': '192.0.2.1, 203.0.113.9:4711', forwarded: 'for=203.0.113.9, for=10.0.0.2' }
    expect(named('10.0.0.1', headers)).toBe('203.0.113.9')
    expect(named('10.0.0.1', { 'x-forwarded-for': '', forwarded: 'for=203.0.113.9' })).toBe('203.0.113.9')
    expect(named('10.0.0.1', { 'x-forwarded-for': '203.0.113.9', forwarded: '' })).toBe('203.0.113.9')
  })

  it('is looked for behind a limited number of proxies', () => {
    const chain = Array.from({ length: maxProxies }, () => '10.0.0.2')
    expect(through(['203.0.113.9', ...chain].join())).toBe('10.0.0.2')
    expect(through(['203.0.113.9', ...chain.slice(1)].join())).toBe('203.0.113.9')
  })
})
