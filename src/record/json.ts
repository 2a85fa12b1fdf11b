import { bytesOf } from './event.js'
import { maxDataBytes, maxDataDepth } from './limits.js'

/** One call of {@link toJson}. */
interface Walk {
  readonly onOdd: (path: string) => void
  /** How many more characters may be written. */
  room: number
  /** The names and the objects above the value that is written, by depth. What lies deeper is of another branch. */
  readonly names: (string | number)[]
  readonly above: object[]
}

const { toString } = Object.prototype
/** Quotes, backslashes, control characters and surrogates: what a text of JSON may have to escape. */
const special = /[^ !#-[\]-\ud7ff\ue000-\uffff]/
/** About the most characters of plain data, and what each value counts. More is written by the walk, which stops in time. */
const maxPlainChars = 200_000
const valueChars = 20

/**
 * Makes the JSON text of a value, as it is now. A page that changes `toJSON` of lists or of all objects changes nothing.
 *
 * Plain values, lists and objects are written as in `JSON.stringify`, and instances of classes as their own fields. Also
 * written are:
 *
 * - a Date as its ISO text, a BigInt as its digits, an Error as `name` and `message`;
 * - a Set as a list; a Map as an object if its keys are different texts and numbers, otherwise as a list of pairs;
 * - `new String('a')` and its like as the plain value, and what has a `toJSON` of its own, such as URL, as what it gives.
 *
 * All else is left out: functions, symbols, cycles, files, nodes, buffers, promises, getters that throw, and levels beyond
 * `maxDataDepth`. In a list `null` stands for it.
 *
 * @param tell is given the path of each value that is left out: `data.items.3.file`. `undefined` is left out in silence.
 * @param maxChars about the most characters to write.
 * @returns empty if the value itself is left out.
 * @throws RangeError if the text would be much longer than `maxChars`.
 */
export function toJson(value: unknown, tell: (path: string) => void = odd, maxChars = Infinity): string {
  try {
    if (isPlain([value], 0, { left: maxPlainChars })) return JSON.stringify(value) || ''
  } catch {
    // A getter or a proxy of the page has thrown. The walk finds it.
  }
  return write({ onOdd: tell, room: maxChars, names: [], above: [] }, { data: value }, 'data', 0)
}

/**
 * Makes the JSON text of the data that a verb was called with, see {@link toJson}.
 *
 * @returns empty without data, and for data that is no object, such as a list or a text, which is told to `tell`. `null` for
 * data that is larger than `maxDataBytes`.
 */
export function toData(data: unknown, tell: (path: string) => void): string | null {
  if (data == null) return ''
  try {
    const text = toJson(data, tell, maxDataBytes)
    if (!text || text[0] === '{') return bytesOf(text, maxDataBytes) > maxDataBytes ? null : text
  } catch {
    return null
  }
  tell('data')
  return ''
}

/** Whether an object has plain data alone. Nearly all data is, and the browser writes it faster than we can. */
function isPlain(from: object, depth: number, room: { left: number }): boolean {
  const isList = Array.isArray(from)
  if (
    (from as { toJSON?: unknown }).toJSON ||
    depth > maxDataDepth ||
    !(isList || Object.getPrototypeOf(from) === Object.prototype)
  )
    return false
  const names = isList ? from : Object.keys(from)
  // A list may say that it is a billion long, and be empty.
  if (names.length * valueChars > room.left) return false
  for (let n = 0; n < names.length; n++) {
    const value = (from as Record<string, unknown>)[isList ? n : (names[n] as string)]
    room.left -= valueChars
    if (typeof value === 'string') {
      if ((room.left -= value.length) < 0) return false
    } else if (typeof value === 'object') {
      if (value && !isPlain(value, depth + 1, room)) return false
    } else if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return false
  }
  return true
}

/** Writes a field of an object or a list. @returns empty if it is left out. */
function write(walk: Walk, from: object, name: string | number, depth: number): string {
  const { names, above } = walk
  let value: unknown
  let keys: readonly string[] = []
  names[depth] = name
  try {
    value = (from as Record<string | number, unknown>)[name]
    if (typeof value === 'object' && value) {
      // The first match is a cycle if it is above this value. Otherwise it is of another branch.
      const place = above.indexOf(value)
      const isOdd = depth >= maxDataDepth || (place >= 0 && place < depth)
      above[depth] = value
      value = isOdd ? odd : standFor(value)
      if (typeof value === 'object' && value && !Array.isArray(value)) keys = Object.keys(value)
    }
  } catch {
    // A getter, a proxy or a `toJSON` of the page has thrown.
    value = odd
  }
  walk.room -= typeof value === 'string' ? value.length + 2 : 2
  if (walk.room < 0) throw new RangeError('too large')
  let text = ''
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
    case 'boolean':
      return isFinite(value as number) ? `${value}` : 'null'
    case 'bigint':
      return `"${value}"`
    case 'undefined':
      return ''
    case 'object':
      if (!value) return 'null'
      if (Array.isArray(value)) {
        for (let n = 0; n < value.length; n++) text += `${n ? ',' : ''}${write(walk, value, n, depth + 1) || 'null'}`
        return `[${text}]`
      }
      for (const key of keys) {
        const field = write(walk, value, key, depth + 1)
        if (!field) continue
        walk.room -= key.length
        text += `${text && ','}${quote(key)}:${field}`
      }
      return `{${text}}`
  }
  walk.onOdd(names.slice(0, depth + 1).join('.'))
  return ''
}

/** Stands for a value that cannot be written. The walk leaves out every function, so it leaves out this one too. */
function odd(): void {}

/**
 * What the platform says a value is. What a page says by `Symbol.toStringTag` does not count: the tags of the platform are
 * read-only, and can be defined anew.
 */
function kindOf(value: object): unknown {
  const tag = Symbol.toStringTag
  for (let one = Object.getPrototypeOf(value) as unknown; one; one = Object.getPrototypeOf(one)) {
    const { value: name, writable, configurable } = Object.getOwnPropertyDescriptor(one, tag) || {}
    if (name && configurable && !writable) return name
  }
  if (value instanceof Error) return 'Error'
  return (value as { [tag]?: unknown })[tag] && !ArrayBuffer.isView(value)
    ? 'Object'
    : toString.call(value).slice(8, -1)
}

/**
 * What is written in place of an object: itself if it is plain.
 *
 * @param turns how many more `toJSON` are asked, because one may give a value that has another.
 */
function standFor(value: object, turns = 9): unknown {
  if (Array.isArray(value)) return value
  const kind = kindOf(value)
  const { toJSON, then } = value as { toJSON?: unknown; then?: unknown }
  switch (kind) {
    case 'Date':
      return (value as Date).toISOString()
    case 'Set':
      return [...(value as Set<unknown>)]
    case 'Map': {
      const pairs = [...(value as Map<string, unknown>)]
      const isNamed = pairs.every(([key]) => typeof key === 'string' || typeof key === 'number')
      // The number 1 and the text '1' would be one name.
      return isNamed && new Set(pairs.map(([key]) => `${key}`)).size === pairs.length
        ? Object.fromEntries(pairs)
        : pairs
    }
    case 'Error':
    case 'DOMException': {
      const { name, message } = value as Error
      return { name, message }
    }
  }
  if (turns && typeof toJSON === 'function' && toJSON !== (Object.prototype as { toJSON?: unknown }).toJSON) {
    const given = toJSON.call(value) as unknown
    return typeof given === 'object' && given ? standFor(given, turns - 1) : given
  }
  if (/^(Number|String|Boolean|BigInt)$/.test(kind as string)) return value.valueOf()
  // A library may have replaced `Promise`.
  return kind === 'Object' && typeof then !== 'function' ? value : odd
}

/** `JSON.stringify` asks no text for its `toJSON`. Most texts do without it. */
function quote(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`
}
