import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explain } from '../src/misuse.js'
import { createReports, type Reports } from '../src/reports.js'

const lines: string[] = []

/** Reports of a page at that address. What they write is in `lines`. */
function reportsAt(origin: string, debug?: boolean): Reports {
  lines.splice(0)
  vi.stubGlobal('location', { origin })
  vi.stubGlobal('window', {})
  vi.spyOn(console, 'warn').mockImplementation((...words) => void lines.push(words.join(' ')))
  return createReports(debug, new Set(), () => {})
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const misuses = [
  'transport-failed',
  'identity-invalid',
  'event-unnamed',
  'data-invalid',
  'record-too-large',
  'consent-invalid',
  'option-unknown',
  'hook-failed',
  'stopped',
  'collector-rejects',
] as const
const weather = [
  'record-refused',
  'record-dropped',
  'record-damaged',
  'collector-unreachable',
  'store-failed',
  'unexpected',
] as const

describe('a developer’s machine', () => {
  it.each([
    'http://localhost',
    'http://localhost:3000',
    'https://localhost:8443',
    'http://app.localhost:5173',
    'http://127.0.0.1:8080',
    'http://127.1.2.3',
    'http://[::1]:3000',
    'https://shop.test',
    'http://a.b.test:81',
    'http://mac.local',
  ])('is %s: a misuse is one line there', origin => {
    reportsAt(origin).trouble('event-unnamed')
    expect(lines).toHaveLength(1)
  })

  it.each([
    'https://shop.example',
    'https://localhost.example',
    'https://test',
    'https://mylocalhost',
    'https://shop.test.example',
    'http://10.0.0.1',
    'http://1270.0.0.1',
    'capacitor://localhost',
    'ionic://localhost',
    'app://localhost',
    'file://',
    'null',
  ])('is not %s: nothing is written there', origin => {
    const { trouble, notice } = reportsAt(origin)
    for (const code of [...misuses, ...weather]) trouble(code)
    notice('not-signed-in')
    expect(lines).toEqual([])
  })

  it('is not the phone of a user, where Capacitor serves an app from localhost', () => {
    const { trouble } = reportsAt('https://localhost')
    vi.stubGlobal('window', { Capacitor: {} })
    trouble('event-unnamed')
    expect(lines).toEqual([])
  })
})

describe('a misuse', () => {
  it('is a line with its code, its cause, a sentence, a link and the option that silences it', () => {
    reportsAt('http://localhost').trouble('identity-invalid', '')
    reportsAt('http://localhost').trouble('identity-invalid', { id: 5 })
    expect(lines).toEqual([
      `sojourn: identity-invalid: [object Object]: signIn needs 1 to 512 characters or a number. See https://unpkg.com/sojourn/docs/errors.md#identity-invalid. debug: false silences this.`,
    ])
  })

  it('is written once for each code and cause', () => {
    const { trouble, notice } = reportsAt('http://localhost')
    for (const name of ['', '', 5, 5, '']) trouble('event-unnamed', name)
    trouble('data-invalid', 'data.a')
    notice('not-signed-in')
    notice('not-signed-in')
    expect(lines).toHaveLength(4)
  })

  it('makes no long line of a long cause', () => {
    reportsAt('http://localhost').trouble('identity-invalid', 'x'.repeat(1e6))
    expect(lines[0]?.length).toBeLessThan(500)
  })

  it('is not what the network, the browser or the collector did', () => {
    const { trouble } = reportsAt('http://localhost')
    for (const code of weather) trouble(code)
    expect(lines).toEqual([])
  })
})

describe('debug', () => {
  it('writes every error every time if it is true, wherever the page is', () => {
    const { trouble } = reportsAt('https://shop.example', true)
    trouble('store-failed', new Error('full'))
    trouble('event-unnamed')
    trouble('event-unnamed')
    expect(lines[0]).toBe('sojourn: store-failed: Error: full')
    expect(lines).toHaveLength(3)
  })

  it('writes nothing if it is false', () => {
    const { trouble, notice } = reportsAt('http://localhost', false)
    for (const code of misuses) trouble(code)
    notice('not-signed-in')
    expect(lines).toEqual([])
  })

  it('changes nothing of what listeners hear and of what is counted', () => {
    const { trouble, errors, onError } = reportsAt('https://shop.example')
    const heard: string[] = []
    onError(({ code }) => void heard.push(code))
    trouble('event-unnamed')
    trouble('event-unnamed')
    expect([heard, errors()]).toEqual([['event-unnamed', 'event-unnamed'], { 'event-unnamed': 2 }])
  })
})

describe('a listener', () => {
  it('that makes the same mistake is not told of it again: the mistake is counted, and nothing is called in a circle', () => {
    const { trouble, errors, onError } = reportsAt('https://shop.example')
    const heard: string[] = []
    onError(function ({ code }) {
      heard.push(code)
      trouble('event-unnamed')
    })
    onError(({ code }) => void heard.push(`then ${code}`))
    trouble('stopped')
    trouble('stopped')
    expect(heard).toEqual(['stopped', 'then stopped', 'stopped', 'then stopped'])
    expect(errors()).toEqual({ stopped: 2, 'event-unnamed': 2 })
  })
})

describe('docs/errors.md', () => {
  const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  it.each([...misuses, ...weather, 'not-signed-in'])('explains %s at an anchor of its name', code => {
    expect(text).toContain(`<a id="${code}"></a>\`${code}\``)
  })

  it.each([...misuses, 'not-signed-in'])('is where the line of %s leads', code => {
    expect(explain(code, code)).toContain(`docs/errors.md#${code}.`)
  })
})

describe('where the page has frozen Error.prototype', () => {
  it('an error is told, and nothing throws', () => {
    const shared: object = Error.prototype
    const { name } = Error.prototype
    const told: unknown[] = []
    const reports = createReports(false, new Set([error => void told.push(error.code, error.cause)]), () => {})
    Object.defineProperty(shared, 'name', { value: name, writable: false })
    try {
      reports.trouble('event-unnamed', 5)
    } finally {
      Object.defineProperty(shared, 'name', { value: name, writable: true })
    }
    expect(told).toEqual(['event-unnamed', 5])
  })
})
