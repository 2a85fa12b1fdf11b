import { afterEach, describe, expect, it } from 'vitest'
import { toData, toJson } from '../../src/record/json.js'
import { maxDataBytes, maxDataDepth } from '../../src/record/limits.js'
import { start } from '../helpers/clock.js'

/** What is written of data, and the paths that are left out. */
function written(data: unknown): { is: unknown; odd: string[] } {
  const odd: string[] = []
  const text = toJson(data, path => odd.push(path))
  return { is: text && (JSON.parse(text) as unknown), odd }
}

const cycle: Record<string, unknown> = { name: 'a' }
cycle.self = { cycle }

class Money {
  readonly #secret = 1
  readonly amount: number
  readonly currency: string
  constructor(amount: number, currency: string) {
    this.amount = amount
    this.currency = currency
  }
  get both(): string {
    return `${this.amount}${this.#secret}`
  }
}

class Tagged {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
  get [Symbol.toStringTag](): string {
    return this.name
  }
}

class Itself {
  readonly a = 1
  toJSON(): this {
    return this
  }
}

describe('plain data', () => {
  it('is written as JSON.stringify writes it', () => {
    const data = {
      items: [{ id: 1, name: 'tea' }, null, [], {}],
      total: 4.5,
      zero: -0,
      large: 1e300,
      isGift: false,
      note: 'ä\u2028"\\\n\0',
      half: 'a\ud800b\udc00',
      'a "key"': 1,
      none: undefined,
      list: [undefined, Number.NaN, Number.POSITIVE_INFINITY],
      notANumber: Number.NaN,
    }
    expect(toJson(data)).toBe(JSON.stringify(data))
    // The same, written by the walk.
    expect(toJson({ ...data, last: 1n })).toBe(JSON.stringify({ ...data, last: '1' }))
  })

  it('holds NUL and half a surrogate pair as escapes', () => {
    expect(toJson({ a: '\0\ud800', b: new Set(['\0\ud800']) })).toBe('{"a":"\\u0000\\ud800","b":["\\u0000\\ud800"]}')
  })

  it('may hold one object twice, which is no cycle', () => {
    const one = { a: [1] }
    expect(written({ one, two: one, list: [one, one], odd: 1n })).toEqual({
      is: { one, two: one, list: [one, one], odd: '1' },
      odd: [],
    })
  })
})

describe('an odd value that has a form', () => {
  it.each<[string, unknown, unknown]>([
    ['a date', new Date(start), new Date(start).toISOString()],
    ['a map of texts', new Map([['a', { b: 1 }]]), { a: { b: 1 } }],
    ['a map of numbers', new Map([[1, 'one']]), { 1: 'one' }],
    ['a map of objects', new Map([[{ id: 1 }, 'one']]), [[{ id: 1 }, 'one']]],
    [
      'a map with a number and a text that look the same',
      new Map<unknown, string>([
        [1, 'a'],
        ['1', 'b'],
      ]),
      [
        [1, 'a'],
        ['1', 'b'],
      ],
    ],
    ['a map with a name of the prototype', new Map([['__proto__', 1]]), JSON.parse('{"__proto__":1}')],
    ['a set', new Set(['a', new Set([1])]), ['a', [1]]],
    ['an error', new RangeError('too far', { cause: 'mine' }), { name: 'RangeError', message: 'too far' }],
    ['an error of the browser', new DOMException('no', 'AbortError'), { name: 'AbortError', message: 'no' }],
    ['a bigint', 2n ** 70n, '1180591620717411303424'],
    ['a boxed number', Object(5), 5],
    ['a boxed text', Object('a'), 'a'],
    ['a boxed boolean', Object(false), false],
    ['a boxed bigint', Object(7n), '7'],
    ['a URL', new URL('https://shop.example/'), 'https://shop.example/'],
    ['what has its own toJSON', { toJSON: () => ({ a: new Set([1]) }) }, { a: [1] }],
    ['an instance of a class', new Money(5, 'EUR'), { amount: 5, currency: 'EUR' }],
    ['a toJSON that gives a date', { toJSON: () => new Date(start) }, new Date(start).toISOString()],
    ['a toJSON that gives a map', { toJSON: () => new Map([['a', 1n]]) }, { a: '1' }],
    ['a toJSON that gives a URL', { toJSON: () => new URL('https://shop.example/') }, 'https://shop.example/'],
    ['a toJSON that gives itself', new Itself(), { a: 1 }],
    ['an instance with a tag', new Tagged('Money'), { name: 'Money' }],
    ['an instance with the tag of a promise', new Tagged('Promise'), { name: 'Promise' }],
    ['an instance with the tag of a date', new Tagged('Date'), { name: 'Date' }],
    ['an object with the tag of a map', { [Symbol.toStringTag]: 'Map', a: 1n }, { a: '1' }],
    [
      'a frozen instance with a tag of its own',
      Object.freeze(Object.assign(new Money(1, 'EUR'), { [Symbol.toStringTag]: 'File' })),
      { amount: 1, currency: 'EUR' },
    ],
    [
      'a date with a toJSON of its own',
      Object.assign(new Date(start), { toJSON: () => 'mine' }),
      new Date(start).toISOString(),
    ],
    ['a map with a toJSON of its own', Object.assign(new Map([['a', 1]]), { toJSON: () => 'mine' }), { a: 1 }],
    ['a list with a toJSON of its own', Object.assign([1], { toJSON: () => 'mine' }), [1]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ])('is written: %s', (_what, value, is) => {
    expect(written({ value, list: [value] })).toEqual({ is: { value: is, list: [is] }, odd: [] })
  })

  it('is an error without what may tell more than was meant', () => {
    const error = Object.assign(new Error('no'), { config: { token: 'secret' }, toJSON: () => ({ token: 'secret' }) })
    expect(toJson({ error })).toBe('{"error":{"name":"Error","message":"no"}}')
  })
})

describe('an odd value without a form', () => {
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  it.each<[string, unknown]>([
    ['a function', () => {}],
    ['a symbol', Symbol('a')],
    ['a boxed symbol', Object(Symbol('a'))],
    ['a file', new File(['a'], 'a.txt')],
    ['a blob', new Blob(['a'])],
    ['a typed array', new Uint8Array(3)],
    ['a buffer', new ArrayBuffer(3)],
    ['a weak map', new WeakMap()],
    ['a promise', Promise.resolve()],
    // oxlint-disable-next-line unicorn/no-thenable -- what looks like a promise is what is tested
    ['a promise of a library', Object.assign(new Tagged('Promise'), { then: () => {} })],
    [
      'a file with a tag of the page',
      new (class extends File {
        get [Symbol.toStringTag](): string {
          return 'Mine'
        }
      })([], 'a'),
    ],
    ['a regular expression', /a/],
    ['an event', new Event('click')],
    ['a wrong date', new Date(Number.NaN)],
    ['a proxy that was revoked', revoked.proxy],
    [
      'a toJSON that throws',
      {
        toJSON() {
          throw new Error('mine')
        },
      },
    ],
  ])('costs only itself: %s', (_what, value) => {
    expect(written({ a: 1, value, deep: { list: [1, value, 2] }, b: 2 })).toEqual({
      is: { a: 1, deep: { list: [1, null, 2] }, b: 2 },
      odd: ['data.value', 'data.deep.list.1'],
    })
  })

  it('costs only itself where it is a cycle', () => {
    expect(written({ cycle, b: 2 })).toEqual({
      is: { cycle: { name: 'a', self: {} }, b: 2 },
      odd: ['data.cycle.self.cycle'],
    })
    const list: unknown[] = [1]
    list.push(list)
    expect(written({ list })).toEqual({ is: { list: [1, null] }, odd: ['data.list.1'] })
  })

  it('costs only itself where a getter throws', () => {
    const data = {
      a: 1,
      get broken(): never {
        throw new RangeError('mine')
      },
    }
    expect(written(data)).toEqual({ is: { a: 1 }, odd: ['data.broken'] })
    expect(written({ data: [data] })).toEqual({ is: { data: [{ a: 1 }] }, odd: ['data.data.0.broken'] })
  })

  it('costs only itself where it lies too deep', () => {
    const deep = (levels: number): unknown => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels))
    expect(written(deep(maxDataDepth)).odd).toEqual([])
    const { is, odd } = written({ b: 2, deep: deep(300) })
    expect(is).toMatchObject({ b: 2 })
    expect(odd).toHaveLength(1)
    expect(JSON.stringify(is).split('{')).toHaveLength(maxDataDepth + 1)
  })
})

describe('data', () => {
  const data = (value: unknown): [string | null, string[]] => {
    const odd: string[] = []
    return [toData(value, path => odd.push(path)), odd]
  }

  it('is an object: anything else is told, and nothing is written', () => {
    for (const value of ['text', 5, true, [1], new Set([1]), () => {}, new Date(start), Symbol('a')])
      expect(data(value)).toEqual(['', ['data']])
    for (const value of [undefined, null]) expect(data(value)).toEqual(['', []])
    expect(data(new Map([['a', 1]]))).toEqual(['{"a":1}', []])
  })

  it('is not written if it is too large, however it is made', () => {
    const endless = new Proxy([], { get: (_list, name) => (name === 'length' ? 2 ** 32 - 1 : 1) })
    // oxlint-disable-next-line unicorn/no-new-array -- a list without elements
    const empty = new Array(2 ** 32 - 1)
    for (const value of [{ text: 'x'.repeat(maxDataBytes) }, { empty }, { endless }, { text: '日'.repeat(50_000) }])
      expect(data(value)[0]).toBeNull()
    expect(data({ text: 'x'.repeat(maxDataBytes - 11) })[0]).toHaveLength(maxDataBytes)
  })
})

describe('data that is far too large', () => {
  const list = Array.from({ length: 400 }, () => 'x'.repeat(100_000))
  let graph: unknown = {}
  for (let n = 0; n < 24; n++) graph = { l: graph, r: graph }
  let lists: unknown = []
  for (let n = 0; n < 24; n++) lists = [lists, lists]
  let names: unknown = 1
  for (let n = 0; n < 24; n++) names = { ['l'.repeat(10_000)]: names, ['r'.repeat(10_000)]: names }

  /** Data whose fields can be counted as they are read, at every level. */
  function count<T extends object>(value: T, onRead: () => void): T {
    return new Proxy(value, {
      get(from, name) {
        const is: unknown = Reflect.get(from, name)
        if (Object.hasOwn(from, name) && name !== 'length') onRead()
        return typeof is === 'object' && is ? count(is, onRead) : is
      },
    })
  }

  // Each value counts at least two characters when it is written, and 20 when it is checked for being plain.
  it.each([
    ['a graph of objects', { graph }, maxDataBytes],
    ['a graph of lists', { lists }, maxDataBytes],
    ['a graph of long names', { names }, maxDataBytes / 5],
    ['many long texts', { list }, 10],
    ['many objects', { many: Array.from({ length: 200_000 }, (_, n) => ({ n })) }, maxDataBytes],
  ])('is refused before most of it is read: %s', (_what, value, most) => {
    let reads = 0
    expect(
      toData(
        count<object>(value, () => reads++),
        () => {},
      ),
    ).toBeNull()
    expect(reads).toBeGreaterThan(0)
    expect(reads).toBeLessThan(most)
  })
})

describe('a page that changes what all objects have', () => {
  const changed: [object, string][] = []
  function change(prototype: object, name: string, value: unknown): void {
    changed.push([prototype, name])
    Object.defineProperty(prototype, name, { value, configurable: true, enumerable: true, writable: true })
  }
  afterEach(() => {
    for (const [prototype, name] of changed.splice(0)) Reflect.deleteProperty(prototype, name)
  })

  it.each([
    ['Array', Array.prototype],
    ['Object', Object.prototype],
    ['String', String.prototype],
    ['Number', Number.prototype],
  ])('changes nothing with %s.prototype.toJSON', (_name, prototype) => {
    const before = { list: ['a', 1, { b: [true] }], text: 'a', n: 5 }
    const text = JSON.stringify(before)
    change(prototype, 'toJSON', () => 'mine')
    const after = toJson(before)
    const odd = toJson({ at: new Date(start), url: new URL('https://shop.example/') })
    for (const [one, name] of changed.splice(0)) Reflect.deleteProperty(one, name)
    expect(after).toBe(text)
    expect(odd).toBe(`{"at":"${new Date(start).toISOString()}","url":"https://shop.example/"}`)
  })

  it('changes nothing with properties that a loop finds', () => {
    change(Object.prototype, 'clone', () => {})
    change(Array.prototype, 'each', () => {})
    expect(written({ a: [1], b: new Map([['c', 1n]]) })).toEqual({ is: { a: [1], b: { c: '1' } }, odd: [] })
  })
})
