import { describe, expect, it } from 'vitest'
import { TrackerError } from '../src/errors.js'
import { isConsent, parseOptions, type TrackerOptions } from '../src/options.js'
import { flushEveryMs, idleLimitMs, owedMaxAgeMs, owedMaxChars, sessionLimitMs } from '../src/record/limits.js'

const optionsWith = (more: Record<string, unknown> = {}): TrackerOptions =>
  ({ collector: 'https://collector.example', key: 'my-key', ...more }) as TrackerOptions

const codeOf = (options: unknown): string => {
  try {
    parseOptions(options as TrackerOptions)
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
      history: true,
      idleLimitMs,
      flushEveryMs,
      owedMaxChars,
      owedMaxAgeMs,
      debug: false,
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
    ['flushEveryMs', 0],
    ['flushEveryMs', true],
    ['owedMaxChars', -5],
    ['owedMaxAgeMs', '60 days'],
    ['debug', 'false'],
    ['onError', 'console.error'],
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
})
