import { describe, expect, it } from 'vitest'
import { TrackerError } from '../src/errors.js'
import { isConsent, parseOptions, type TrackerOptions } from '../src/options.js'
import { readOwnParts } from '../src/own-parts.js'
import { flushEveryMs, idleLimitMs, owedMaxAgeMs, owedMaxChars, sessionLimitMs } from '../src/record/limits.js'

const optionsWith = (more: Record<string, unknown> = {}): TrackerOptions =>
  ({ collector: 'https://collector.example', key: 'my-key', ...more }) as TrackerOptions

const codeOf = (options: unknown): string => {
  try {
    parseOptions(options as TrackerOptions, '', readOwnParts)
  } catch (error) {
    expect(error).toBeInstanceOf(TrackerError)
    return (error as TrackerError).code
  }
  return 'taken'
}

describe('options', () => {
  it('need a collector and a key, and have a default for everything else', () => {
    expect(parseOptions(optionsWith())).toEqual({
      collector: 'https://collector.example',
      key: 'my-key',
      consent: 'granted',
      ignorePrivacySignals: false,
      automatic: true,
      frames: false,
      rememberConsent: true,
      sessionLimitMs,
      anonymous: true,
      sample: 1,
      visitorDomain: '',
      history: true,
      idleLimitMs,
      flushEveryMs,
      owedMaxChars,
      owedMaxAgeMs,
      unknown: [],
    })
  })

  it('take the collector’s address with a path, a port, and slashes at its end', () => {
    const addresses = [
      'http://localhost:4318',
      'https://shop.example/collect',
      'https://shop.example/a/b//',
      'https://[::1]:1/',
    ]
    expect(addresses.map(collector => parseOptions(optionsWith({ collector })).collector)).toEqual([
      'http://localhost:4318',
      'https://shop.example/collect',
      'https://shop.example/a/b',
      'https://[::1]:1',
    ])
  })

  it.each([
    ['/stats', 'https://shop.example', 'https://shop.example/stats'],
    ['/stats//', 'https://shop.example/a/b?c', 'https://shop.example/stats'],
    ['../stats', 'https://shop.example/a/b/c', 'https://shop.example/a/stats'],
    ['./', 'http://localhost:8080/app/', 'http://localhost:8080/app'],
    ['//collector.example', 'https://shop.example', 'https://collector.example'],
    ['https://collector.example/', 'https://shop.example', 'https://collector.example'],
  ])('take the collector %s in the document %s for %s', (collector, base, address) => {
    expect(parseOptions(optionsWith({ collector }), base).collector).toBe(address)
  })

  it.each([
    ['collector.example', 'https://shop.example'],
    ['', 'https://shop.example'],
    ['/stats?a', 'https://shop.example'],
    ['/stats', 'about:blank'],
    ['/stats', 'file:///a/b'],
    ['/stats', 'capacitor://localhost'],
  ])('say that the collector %j is wrong in the document %s', (collector, base) => {
    expect(() => parseOptions(optionsWith({ collector }), base)).toThrow('option-collector')
  })

  it.each([
    [{ idelLimitMs: 60_000 }, 'idelLimitMs (idleLimitMs?)'],
    [{ writeKey: 'a', Key: 'b' }, 'writeKey', 'Key (key?)'],
    [{ autoMatic: true }, 'autoMatic (automatic?)'],
    [{ rememberconsent: true }, 'rememberconsent (rememberConsent?)'],
    [{ endpoint: undefined }, 'endpoint'],
    [{ toString: 1 }, 'toString'],
  ])('list a name that is no option, with the nearest: %j', (more, ...unknown) => {
    expect(parseOptions(optionsWith(more)).unknown).toEqual(unknown)
  })

  it('take limits from 5,000 ms on', () => {
    const { idleLimitMs: idle, sessionLimitMs: session } = parseOptions(
      optionsWith({ idleLimitMs: 5000, sessionLimitMs: 5000 }),
    )
    expect([idle, session]).toEqual([5000, 5000])
  })

  it('round limits to whole ms, as the collector takes them', () => {
    const { idleLimitMs: idle, sessionLimitMs: session } = parseOptions(
      optionsWith({ idleLimitMs: 60_000.4, sessionLimitMs: 90_000.5 }),
    )
    expect([idle, session]).toEqual([60_000, 90_001])
  })

  it('are own properties: what a page adds to all objects is none', () => {
    const names = ['consent', 'debug', 'url', 'idleLimitMs', 'other']
    const values = ['denied', true, () => '', 5, 1]
    const all: object = Object.prototype
    names.forEach((name, n) =>
      Object.defineProperty(all, name, { value: values[n], configurable: true, enumerable: true }),
    )
    const { consent, debug, url, idleLimitMs: idle, unknown } = { ...parseOptions(optionsWith()) }
    for (const name of names) Reflect.deleteProperty(all, name)
    expect([consent, debug, url, idle, unknown]).toEqual(['granted', undefined, undefined, idleLimitMs, []])
  })

  it('take hooks that are functions, and null for none', () => {
    const hook = (): never => {
      throw new Error('never called')
    }
    for (const name of ['onError', 'pageKey', 'url', 'beforeRecord']) {
      expect(codeOf(optionsWith({ [name]: hook }))).toBe('taken')
      expect(codeOf(optionsWith({ [name]: null }))).toBe('taken')
    }
  })

  it.each([
    ['collector', undefined],
    ['collector', ''],
    ['collector', null],
    ['collector', 'collector.example'],
    ['collector', '/collect'],
    ['collector', '//collector.example'],
    ['collector', 'ftp://collector.example'],
    ['collector', 'javascript:alert(1)'],
    ['collector', 'https://'],
    ['collector', 'https:///'],
    ['collector', 'https://collector.example?key=1'],
    ['collector', 'https://collector.example#top'],
    ['collector', 'https://collector example'],
    ['collector', 'http://ada:pw@collector.example/'],
    ['collector', 'https://ada@collector.example'],
    ['collector', 'https://collector.example\\@other.example'],
    ['key', undefined],
    ['key', ''],
    ['key', 5],
    ['key', 'a key'],
    ['key', 'a/b'],
    ['key', 'a&b'],
    ['key', 'x'.repeat(101)],
    ['consent', 'yes'],
    ['consent', true],
    ['consent', null],
    ['ignorePrivacySignals', 'true'],
    ['automatic', 0],
    ['anonymous', 'no'],
    ['history', 1],
    ['idleLimitMs', '60000'],
    ['idleLimitMs', 0],
    ['idleLimitMs', -1],
    ['idleLimitMs', Number.NaN],
    ['idleLimitMs', 4999],
    ...['idleLimitMs', 'sessionLimitMs', 'flushEveryMs', 'owedMaxChars', 'owedMaxAgeMs'].flatMap(
      (name): [string, unknown][] => [
        [name, Number.POSITIVE_INFINITY],
        [name, Number.NaN],
      ],
    ),
    ['sessionLimitMs', 4999.9],
    ['sessionLimitMs', '24 hours'],
    ['rememberConsent', 'yes'],
    ['frames', 1],
    ['pageKey', 'path'],
    ['url', /a/],
    ['beforeRecord', true],
    ['flushEveryMs', 0],
    ['flushEveryMs', true],
    ['owedMaxChars', -5],
    ['owedMaxAgeMs', '60 days'],
    ['debug', 'false'],
    ['debug', null],
    ['debug', 1],
    ['onError', 'console.error'],
    ...[-0.1, 1.1, Number.NaN, '0.5', null].map((value): [string, unknown] => ['sample', value]),
    ...['shop', '.shop.example', 'shop.example.', 'a b.c', 'x.y;path=/', true, null].map((value): [string, unknown] => [
      'visitorDomain',
      value,
    ]),
    ['store', null],
    ['store', { keys() {}, read() {}, write() {} }],
    ['transport', null],
    ['transport', () => {}],
    ['transport', {}],
    ['transport', { send() {}, copy() {}, room: 0 }],
    ['onError', {}],
  ])('say that %s is wrong where it is %j', (name, value) => {
    expect(codeOf(optionsWith({ [name]: value }))).toBe(`option-${name}`)
  })

  it.each([undefined, null, 5, 'https://collector.example'])(
    'say that the collector is wrong where they are %j',
    options => {
      expect(codeOf(options)).toBe('option-collector')
    },
  )

  it('take undefined for the default', () => {
    const { automatic, idleLimitMs: limit } = parseOptions(
      optionsWith({ automatic: undefined, idleLimitMs: undefined }),
    )
    expect([automatic, limit]).toEqual([true, idleLimitMs])
  })

  it('say that the value is wrong and where that is explained, also of an empty text', () => {
    const text = 'option-collector:  is wrong. See https://unpkg.com/sojourn/docs/errors.md#option'
    expect(() => parseOptions(optionsWith({ collector: '' }), 'https://shop.example')).toThrow(text)
    expect(() => parseOptions(optionsWith({ transport: 1 }), '', readOwnParts)).toThrow(
      'option-transport: 1 is wrong. See https',
    )
  })

  it('bear the value in the error, for the developer', () => {
    expect(() => parseOptions(optionsWith({ idleLimitMs: -1 }))).toThrow('option-idleLimitMs: -1')
  })
})

describe('consent', () => {
  it('is one of three words', () => {
    expect(['pending', 'granted', 'denied'].every(isConsent)).toBe(true)
    expect(['', 'yes', null, undefined, true].some(isConsent)).toBe(false)
  })
})

describe('a tracker error', () => {
  it('is an error with a code and the browser’s own words', () => {
    const cause = new DOMException('full', 'QuotaExceededError')
    const error = new TrackerError('store-failed', cause)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'TrackerError', code: 'store-failed', cause })
    expect(error.message).toContain('full')
    expect(new TrackerError('event-unnamed').message).toBe('event-unnamed')
  })

  it('has a message whatever the cause is', () => {
    const causes = [Symbol('a'), Object.create(null), null, { toString: () => 5 }, 'text']
    expect(causes.map(one => new TrackerError('identity-invalid', one).message)).toEqual([
      'identity-invalid: Symbol(a)',
      'identity-invalid: object',
      'identity-invalid: null',
      'identity-invalid: 5',
      'identity-invalid: text',
    ])
  })
})
