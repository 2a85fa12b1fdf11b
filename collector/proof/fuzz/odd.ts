import type { Random } from './random.js'

/** A value that is written as this text, although it may be no JSON. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Ids that something on the way may take for something else: paths, prototypes, numbers, JSON, SQL, other directions. */
const oddIDs = [
  '.',
  '..',
  '...',
  '%2e',
  '%2E%2e',
  '%',
  '%25',
  '%00',
  '%zz',
  '%c3',
  '/',
  '//',
  'a/b',
  '../a',
  'a/../b',
  '\\',
  '?',
  '#',
  '?key=demo',
  '#a',
  ' ',
  '  a ',
  '	',
  '\n',
  'a\r\nb',
  '',
  '',
  '\0',
  'a\0b',
  '~',
  '~'.padEnd(44, 'x'),
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'length',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '-1',
  '1e3',
  '[]',
  '{}',
  '[object Object]',
  "'",
  '"',
  "'; --",
  '$1',
  ':id',
  '*',
  '\ud800',
  '\udfff',
  'a\ud83d',
  '﻿',
  '‮אב',
  '\u2028',
  'é',
  'é',
  '🛒',
  '日本',
  '￿',
  '􏿿',
  'sessions',
  'events',
  'visits',
  'sites',
  'default',
  'identities',
  'openapi.json',
  ';',
  ',',
  '+',
  '&a=b',
  '=',
  '@',
  ':',
]

/** Lengths at and beside the limits of ids, keys, identities, names and texts. */
const lengths = [0, 1, 43, 44, 255, 256, 257, 511, 512, 513, 1024, 1025, 8192, 8193]

/** A text at or beside a limit, of one, two, three or four bytes a character. */
function makeLongText(random: Random): string {
  const length = random.pick(lengths)
  return random.pick(['x', 'ä', '日', '🛒']).repeat(length).slice(0, length)
}

/** An id: mostly one of a few, so that requests meet; sometimes a new or an odd one. */
export function makeID(random: Random, kind: string): string {
  const dice = random.below(20)
  if (dice < 12) return `${kind}-${random.below(60)}`
  if (dice < 14) return `${random.below(1e9).toString(36)}-${kind}`
  if (dice < 19) return random.pick(oddIDs)
  return makeLongText(random)
}

/** A value of any type, also one that no field expects. */
export function makeValue(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
      return random.pick([null, true, false, new Raw('NaN'), new Raw('-Infinity'), new Raw('undefined'), new Raw('')])
    case 1:
      return random.pick([
        0,
        -0,
        -1,
        0.5,
        2 ** 31,
        2 ** 53,
        2 ** 53 - 1,
        -(2 ** 53),
        8.64e15,
        8.64e15 + 1,
        9_007_199_254_740_000,
      ])
    case 2:
      return new Raw(random.pick(['1e999', '-1e999', '1e-999', '0x1', '01', '1e3', '1.0', '9'.repeat(400), '-0', '+1']))
    case 3:
      return new Raw(makeDeep(random))
    case 4:
      return random.pick([[], {}, [[]], [null], [{}], [[], []], { length: 2 ** 32 }, { toJSON: 1 }])
    case 5:
      return new Raw(
        random.pick(['{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}', '{"a":1,"a":2}', '[1,]', "'a'"]),
      )
    case 6:
      return makeLongText(random)
    case 7:
      return new Raw(random.pick(['"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"', '"\\x"', '"\t"', '"a', '"\\u00"']))
    default:
      return random.pick(oddIDs)
  }
}

/** JSON that is nested below, at or far beyond what is allowed. */
function makeDeep(random: Random): string {
  const levels = random.pick([10, 199, 200, 201, 202, 1000, 20_000])
  const [open, close] = random.pick([
    ['{"a":', '}'],
    ['[', ']'],
  ] as const)
  return open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(random.percent(95) ? levels : levels - 1)
}

/** Writes a value as JSON, and each `Raw` as its text. */
export function toText(value: unknown): string {
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(one => toText(one ?? null)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${toText(one)}`).join()}}`
}
