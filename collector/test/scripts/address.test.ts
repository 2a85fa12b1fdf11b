import { describe, expect, it } from 'vitest'
import { parseAddress, toFileName } from '../../src/scripts/address.js'

const release = '0123456789ab'

describe('the name of a composed script', () => {
  it.each([
    ['sojourn.clicks.js', { kind: 'script', release: null, plugins: ['clicks'] }],
    [`sojourn-${release}.js`, { kind: 'script', release, plugins: [] }],
    [`sojourn-${release}.clicks.vitals.js`, { kind: 'script', release, plugins: ['clicks', 'vitals'] }],
    ['sojourn-plugins.clicks.js', { kind: 'module', release: null, plugins: ['clicks'] }],
  ])('is read and written: %s', (name, address) => {
    expect(parseAddress(name)).toEqual(address)
    expect(toFileName(address as never)).toBe(name)
  })

  it('means the same in any order, and however often it names a plugin', () => {
    const names = ['sojourn.vitals.clicks.js', 'sojourn.clicks.vitals.clicks.js', 'sojourn.clicks.vitals.js']
    expect(new Set(names.map(name => toFileName(parseAddress(name) as never)))).toEqual(
      new Set(['sojourn.clicks.vitals.js']),
    )
  })

  it.each([
    'sojourn.js',
    'sojourn..js',
    'sojourn...js',
    'sojourn.clicks..js',
    'sojourn.../etc/passwd.js',
    'sojourn.clicks/../x.js',
    'sojourn.clicks%2e.js',
    'sojourn.clicks vitals.js',
    'sojourn.é.js',
    'sojourn.clicks.js.map',
    'sojourn.clicks.js\n',
    'sojourn-plugins.js',
    'sojourn-0123.js',
    'sojourn-0123456789AB.js',
    'sojourn-0123456789abc.js',
    'Sojourn.clicks.js',
    'xsojourn.clicks.js',
    `sojourn${'.clicks'.repeat(100)}.js`,
  ])('is not %j', name => {
    expect(parseAddress(name)).toBeNull()
  })
})
