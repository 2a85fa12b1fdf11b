import { describe, expect, it } from 'vitest'
import { type AdminState, nothingDecided, type SiteRow, type TokenRow } from '../../src/sites/admin.js'
import { createRegistry, type RegistryParts } from '../../src/sites/registry.js'
import { toDigest } from '../../src/sites/tokens.js'
import { noon } from '../helpers/collector.js'

const site = (name: string, more: Partial<SiteRow> = {}): SiteRow => ({
  name,
  createdAt: 0,
  endsAt: null,
  keepMs: null,
  quota: null,
  ...more,
})
const key = (text: string, of: string, endsAt: number | null = null) => ({ key: text, site: of, createdAt: 0, endsAt })
const token = (name: string, more: Partial<TokenRow> = {}): TokenRow => ({
  name,
  digest: toDigest(`token of ${name}`),
  sites: null,
  rights: ['read'],
  createdAt: 0,
  endsAt: null,
  ...more,
})

const quota = { requestsPerMinute: 1, bytesPerMinute: null, recordsPerMinute: null }

const twoSites: Partial<AdminState> = {
  sites: [site('shop', { keepMs: 7, quota }), site('blog')],
  keys: [key('of-shop', 'shop'), key('of-blog', 'blog')],
  origins: [
    { site: 'shop', origin: 'https://shop.example' },
    { site: 'blog', origin: 'https://blog.example' },
  ],
}

function registryWith(state: Partial<AdminState> = {}, parts: Partial<RegistryParts> = {}) {
  const flags = { keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon, ...parts }
  const registry = createRegistry(flags)
  registry.use({ ...nothingDecided, ...state })
  return registry
}

describe('a write key', () => {
  it('means its site', () => {
    const registry = registryWith(twoSites)
    expect(registry.siteOfKey('of-shop')).toEqual({
      name: 'shop',
      origins: ['https://shop.example'],
      proofSecrets: [],
      keepMs: 7,
      quota,
    })
    expect(registry.siteOfKey('of-blog')?.name).toBe('blog')
    for (const wrong of ['', 'other', 'OF-SHOP']) expect(registry.siteOfKey(wrong)).toBe(null)
  })

  it('of a flag means the site default, beside those of the database', () => {
    const registry = registryWith(twoSites, { keys: ['flag'] })
    expect(registry.siteOfKey('flag')?.name).toBe('default')
    expect(registry.siteOfKey('of-shop')?.name).toBe('shop')
  })

  it('is right until its end, and while its site has not ended', () => {
    const state = { ...twoSites, keys: [key('old', 'shop', noon + 1), key('over', 'shop', noon)] }
    expect(registryWith(state).siteOfKey('old')?.name).toBe('shop')
    expect(registryWith(state).siteOfKey('over')).toBe(null)
    expect(registryWith({ ...twoSites, sites: [site('shop', { endsAt: noon })] }).siteOfKey('of-shop')).toBe(null)
  })

  it('may be any on loopback, while no site and no key is known', () => {
    expect(registryWith().siteOfKey('Any_key-1.0')?.name).toBe('default')
    for (const wrong of ['', 'a b', 'x'.repeat(101)]) expect(registryWith().siteOfKey(wrong)).toBe(null)
    expect(registryWith({ sites: [site('shop')] }).siteOfKey('any')).toBe(null)
    expect(registryWith({ keys: [key('over', 'default', noon)] }).siteOfKey('any')).toBe(null)
    expect(registryWith({}, { keys: ['one'] }).siteOfKey('any')).toBe(null)
    expect(registryWith({}, { isLoopback: false }).siteOfKey('any')).toBe(null)
  })
})

describe('an origin', () => {
  it('belongs to its site', () => {
    const registry = registryWith(twoSites, { origins: ['https://old.example'] })
    const shop = registry.site('shop')
    const allowed = (origin: string) => [registry.isAllowed(origin, shop), registry.isAllowed(origin, null)]
    expect(allowed('https://shop.example')).toEqual([true, true])
    expect(allowed('https://blog.example')).toEqual([false, true])
    expect(allowed('https://old.example')).toEqual([false, true])
    expect(allowed('https://evil.example')).toEqual([false, false])
    expect(allowed('null')).toEqual([false, false])
    expect(registry.isAllowed('https://old.example', registry.site('default'))).toBe(true)
  })

  it('may be that of any page of this machine if the site has none, on loopback', () => {
    const state = { sites: [site('shop')], keys: [key('k', 'shop')] }
    const local = (isLoopback: boolean) => {
      const registry = registryWith(state, { isLoopback })
      return registry.isAllowed('http://localhost:3000', registry.site('shop'))
    }
    expect([local(true), local(false)]).toEqual([true, false])
  })
})

describe('a token', () => {
  it('is found by its text, with its sites and rights', () => {
    const registry = registryWith({ tokens: [token('a'), token('b', { sites: ['shop'], rights: ['erase'] })] })
    expect(registry.token('token of a')).toEqual({ name: 'a', sites: null, rights: ['read'], endsAt: null })
    expect(registry.token('token of b')).toEqual({
      name: 'b',
      sites: ['shop'],
      rights: ['erase'],
      endsAt: null,
    })
    for (const wrong of ['', 'token of', toDigest('token of a')]) expect(registry.token(wrong)).toBe(null)
  })

  it('is wrong after its end', () => {
    expect(registryWith({ tokens: [token('a', { endsAt: noon + 1 })] }).token('token of a')?.name).toBe('a')
    expect(registryWith({ tokens: [token('a', { endsAt: noon })] }).token('token of a')).toBe(null)
  })

  it('of the flag reads all sites, and erases nothing', () => {
    expect(registryWith({}, { readToken: 'secret' }).token('secret')).toEqual({
      name: '--read-token',
      sites: null,
      rights: ['read', 'export', 'metrics'],
      endsAt: null,
    })
  })
})

describe('reads without a token', () => {
  it('are open on loopback alone, while nothing shows that others can reach it', () => {
    expect(registryWith().isOpen()).toBe(true)
    expect(registryWith({}, { origins: ['http://localhost:3000', 'https://shop.localhost'] }).isOpen()).toBe(true)
    expect(registryWith({}, { isLoopback: false }).isOpen()).toBe(false)
    expect(registryWith({}, { readToken: 'secret' }).isOpen()).toBe(false)
    expect(registryWith({ tokens: [token('a', { endsAt: 0 })] }).isOpen()).toBe(false)
    for (const origin of [
      'https://shop.example',
      'capacitor://localhost',
      'chrome-extension://abc',
      'http://10.0.0.1',
    ]) {
      expect([origin, registryWith({}, { origins: [origin] }).isOpen()]).toEqual([origin, false])
      expect(registryWith({ sites: [site('shop')], origins: [{ site: 'shop', origin }] }).isOpen()).toBe(false)
    }
  })
})

describe('a collector', () => {
  it('has the site default, and lists it if it is used or the only one', () => {
    const names = (state: Partial<AdminState>, parts: Partial<RegistryParts> = {}) =>
      registryWith(state, parts)
        .sites()
        .map(({ name }) => name)
    expect(names({})).toEqual(['default'])
    expect(names(twoSites)).toEqual(['shop', 'blog'])
    expect(names(twoSites, { keys: ['a'] })).toEqual(['shop', 'blog', 'default'])
    expect(registryWith(twoSites).site('default')?.name).toBe('default')
    expect(registryWith(twoSites).site('other')).toBe(null)
  })

  it('says what it lacks to be of use', () => {
    expect(registryWith().lacks()).toEqual([])
    expect(registryWith({}, { isLoopback: false }).lacks()).toEqual(['key', 'origin', 'token'])
    expect(registryWith({}, { origins: ['https://shop.example'] }).lacks()).toEqual(['token'])
    expect(registryWith({ ...twoSites, tokens: [token('a')] }, { isLoopback: false }).lacks()).toEqual([])
    const over = { ...twoSites, keys: [key('over', 'shop', noon)], tokens: [token('a', { endsAt: noon })] }
    expect(registryWith(over, { isLoopback: false }).lacks()).toEqual(['key', 'token'])
  })
})
