import { describe, expect, it } from 'vitest'
import { help, OptionError, parseOptions } from '../src/options.js'

const plain = {
  db: './sojourn.db',
  host: '127.0.0.1',
  port: 4318,
  keys: [],
  origins: [],
  readToken: null,
  isLoopback: true,
  trustProxy: [],
  maxDatabaseBytes: null,
  minFreeBytes: 256 * 1024 * 1024,
  logLevel: 'info',
  hasExplorer: true,
  drainMs: 0,
}

describe('options', () => {
  it('have safe defaults', () => {
    expect(parseOptions([], {})).toEqual(plain)
    expect(parseOptions([], { SOJOURN_KEY: '', SOJOURN_READ_TOKEN: '' })).toEqual(plain)
  })

  it('take a variable that says no for a switch', () => {
    for (const text of ['', '0', 'false'])
      expect(parseOptions([], { SOJOURN_NO_EXPLORER: text }).hasExplorer).toBe(true)
    for (const text of ['1', 'true']) expect(parseOptions([], { SOJOURN_NO_EXPLORER: text }).hasExplorer).toBe(false)
    expect(() => parseOptions([], { SOJOURN_NO_EXPLORER: 'no' })).toThrow(
      new OptionError('SOJOURN_NO_EXPLORER: write 1 or 0'),
    )
  })

  it('are refused in one sentence, also if a value looks like a flag', () => {
    expect(() => parseOptions(['--min-free-bytes', '-1'], {})).toThrow(
      new OptionError("Option '--min-free-bytes' argument is ambiguous; --help lists the flags"),
    )
  })

  it('are read from flags, which override variables', () => {
    const env = {
      SOJOURN_DB: '/var/env.db',
      SOJOURN_PORT: '1',
      SOJOURN_HOST: '0.0.0.0',
      SOJOURN_KEY: 'one, two',
      SOJOURN_ORIGIN: 'https://shop.example,https://SHOP.example:8443/',
      SOJOURN_READ_TOKEN: 'secret',
      SOJOURN_TRUST_PROXY: 'loopback, 10.0.0.0/8',
      SOJOURN_MAX_DB_BYTES: '20g',
      SOJOURN_MIN_FREE_BYTES: '1M',
      SOJOURN_LOG_LEVEL: 'warn',
      SOJOURN_DRAIN: '7',
      SOJOURN_NO_EXPLORER: '1',
    }
    const fromEnv = {
      db: '/var/env.db',
      host: '0.0.0.0',
      port: 1,
      keys: ['one', 'two'],
      origins: ['https://shop.example', 'https://shop.example:8443'],
      readToken: 'secret',
      isLoopback: false,
      trustProxy: ['loopback', '10.0.0.0/8'],
      maxDatabaseBytes: 20 * 1024 ** 3,
      minFreeBytes: 1024 ** 2,
      logLevel: 'warn',
      hasExplorer: false,
      drainMs: 7000,
    }
    expect(parseOptions([], env)).toEqual(fromEnv)
    const flags = [
      '--db',
      'a.db',
      '--port=0',
      '--host',
      '::1',
      '--key',
      'a',
      '--key',
      'b',
      '--origin',
      'http://localhost:3000',
      '--read-token',
      't',
      '--trust-proxy',
      '::1',
      '--max-db-bytes=5000',
      '--min-free-bytes=1',
      '--log-level=silent',
      '--drain=0',
      '--no-explorer',
    ]
    expect(parseOptions(flags, env)).toEqual({
      db: 'a.db',
      host: '::1',
      port: 0,
      keys: ['a', 'b'],
      origins: ['http://localhost:3000'],
      readToken: 't',
      isLoopback: true,
      trustProxy: ['::1'],
      maxDatabaseBytes: 5000,
      minFreeBytes: 1,
      logLevel: 'silent',
      drainMs: 0,
      hasExplorer: false,
    })
  })

  it('take sizes with a unit, and 0 for a disk of which nothing must be free', () => {
    const sizes = ['--max-db-bytes', '20G', '--min-free-bytes', '0']
    expect(parseOptions(sizes, {})).toMatchObject({ maxDatabaseBytes: 20 * 1024 ** 3, minFreeBytes: 0 })
  })

  it('take the origins of applications and browser extensions, with capital letters and a slash at the end', () => {
    const given = [
      'capacitor://localhost',
      'ionic://localhost',
      'tauri://localhost',
      'app://-',
      'app://bundle.internal:8080',
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'moz-extension://0f8fad5b-d9cb-469f-a165-70867728950e',
      'safari-web-extension://0F8FAD5B-D9CB-469F-A165-70867728950E/',
      'HTTPS://Shop.Example/',
      'http://[::1]:3000',
    ]
    const origins = parseOptions(
      given.flatMap(origin => ['--origin', origin]),
      {},
    ).origins
    expect(origins).toEqual(given.map(origin => origin.toLowerCase().replace(/\/$/, '')))
  })

  it('recognize hosts that only this machine can reach', () => {
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])
      expect(parseOptions(['--host', host], {}).isLoopback).toBe(true)
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'shop.example'])
      expect(parseOptions(['--host', host], {}).isLoopback).toBe(false)
  })

  it('are explained by --help, with every variable', () => {
    for (const name of [
      'DB',
      'PORT',
      'HOST',
      'KEY',
      'ORIGIN',
      'READ_TOKEN',
      'TRUST_PROXY',
      'DB_FILE',
      'READ_TOKEN_FILE',
      'LOG_LEVEL',
      'DRAIN',
    ])
      expect(help).toContain(`SOJOURN_${name}`)
  })

  for (const [args, message] of [
    [['--prot', '1'], "Unknown option '--prot'; --help lists the flags"],
    [['more'], "Unexpected argument 'more'; --help lists the flags"],
    [['--port', 'x'], '--port x: a port is a whole number from 0 to 65535'],
    [['--port', '65536'], '--port 65536: a port is a whole number from 0 to 65535'],
    [
      ['--max-db-bytes', '0'],
      '--max-db-bytes 0: the size must be above 0; without --max-db-bytes, any size is allowed',
    ],
    [['--max-db-bytes', '9999999T'], '--max-db-bytes 9999999T: no disk has so much'],
    [['--min-free-bytes=-1'], '--min-free-bytes -1: a size is a whole number of bytes, or one with K, M, G or T: 20G'],
    [['--db', ''], '--db: name a file, such as ./sojourn.db'],
    [['--db', ':memory:'], '--db: name a file, such as ./sojourn.db'],
    [['--key', 'a b'], '--key a b: a key is 1 to 100 letters, digits, dots, hyphens or underscores'],
    [['--origin', 'shop.example'], '--origin shop.example: write it as https://shop.example'],
    [['--origin', 'https:shop.example'], '--origin https:shop.example: write it as https://shop.example'],
    [['--origin', 'localhost:3000'], '--origin localhost:3000: write it as http://localhost:3000'],
    [['--origin', 'shop.example/cart'], '--origin shop.example/cart: write it as https://shop.example'],
    [['--origin', '//shop.example'], '--origin //shop.example: write it as https://shop.example'],
    [['--origin', 'https://'], '--origin https://: write it as https://shop.example'],
    [['--origin', 'app://'], '--origin app://: write it as https://shop.example'],
    [['--origin', 'https://a b'], '--origin https://a b: write it as https://shop.example'],
    [['--origin', ' https://a.example'], '--origin  https://a.example: write it as https://shop.example'],
    [['--origin', 'https://a.example '], '--origin https://a.example : write it as https://shop.example'],
    [
      ['--origin', 'null'],
      '--origin null: it could be any page, so it is never allowed; write it as https://shop.example',
    ],
    [
      ['--origin', 'https://*.shop.example'],
      '--origin https://*.shop.example: it is compared as a whole, without *; name each origin, such as https://shop.example',
    ],
    [
      ['--origin', '*'],
      '--origin *: it is compared as a whole, without *; name each origin, such as https://shop.example',
    ],
    [
      ['--origin', 'file:///index.html'],
      '--origin file:///index.html: such pages have no origin of their own; write it as https://shop.example',
    ],
    [
      ['--origin', 'https://a.example:443'],
      '--origin https://a.example:443: an origin is scheme, host and port only: https://a.example',
    ],
    [
      ['--origin', 'http://a.example:80/'],
      '--origin http://a.example:80/: an origin is scheme, host and port only: http://a.example',
    ],
    [
      ['--origin', 'https://a.example?b'],
      '--origin https://a.example?b: an origin is scheme, host and port only: https://a.example',
    ],
    [
      ['--origin', 'https://a.example//'],
      '--origin https://a.example//: an origin is scheme, host and port only: https://a.example',
    ],
    [
      ['--origin', 'https://me@a.example'],
      '--origin https://me@a.example: an origin is scheme, host and port only: https://a.example',
    ],
    [
      ['--origin', 'https://müller.example'],
      '--origin https://müller.example: an origin is scheme, host and port only: https://xn--mller-kva.example',
    ],
    [
      ['--origin', 'capacitor://localhost/index.html'],
      '--origin capacitor://localhost/index.html: an origin is scheme, host and port only: capacitor://localhost',
    ],
    [
      ['--origin', 'https://a.example/b'],
      '--origin https://a.example/b: an origin is scheme, host and port only: https://a.example',
    ],
    [['--log-level', 'loud'], '--log-level loud: a level is one of silent, fatal, error, warn, info, debug'],
    [['--drain', '1.5'], '--drain 1.5: a number of seconds is a whole number from 0 to 3600'],
    [['--read-token', 'a b'], '--read-token: a token is visible ASCII characters, without spaces'],
    [
      ['--trust-proxy', 'proxy.example'],
      '--trust-proxy proxy.example: write it as an address (10.0.0.7), a range (10.0.0.0/8), or loopback',
    ],
    [
      ['--trust-proxy', '10.0.0.0/33'],
      '--trust-proxy 10.0.0.0/33: write it as an address (10.0.0.7), a range (10.0.0.0/8), or loopback',
    ],
  ] as const)
    it(`that are wrong are reported in one line: ${args.join(' ')}`, () => {
      expect(() => parseOptions(args, {})).toThrow(new OptionError(message))
    })
})
