import { type Digest, hasWords, type Total } from './parts.js'

/** What the database remembers of a digest, so that it can be taken back. */
export interface Remembered {
  readonly automated: number
  readonly totals: readonly Total[]
  readonly visitors: readonly (readonly [day: number, who: number])[]
  readonly sessions: readonly {
    readonly ref: number
    readonly startDate: number
    /** Differs if the session is listed differently, or was marked at other times. */
    readonly sum: number
    readonly marks: readonly number[]
  }[]
}

/** Of a visit that was never counted, or is gone. */
export const nothing: Remembered = { automated: 0, totals: [], visitors: [], sessions: [] }

/** Makes what is remembered of a digest. */
export function toRemembered({ automated, totals, visitors, sessions }: Digest): Remembered {
  return {
    automated,
    totals,
    visitors,
    sessions: sessions.map(({ row, marks }) => ({
      ref: row.ref,
      startDate: row.startDate,
      sum: toSum(JSON.stringify([row, [...marks].map(([mark, { first, last }]) => [mark, first, last])])),
      marks: [...marks.keys()],
    })),
  }
}

/** The ids of texts that a digest uses, each once. */
export function wordsOf({ totals }: Pick<Remembered, 'totals'>): Set<number> {
  return new Set(totals.filter(({ dim }) => hasWords(dim)).map(({ key }) => key))
}

// The format is stored. Numbers have the base 32, so that an id takes 11 characters. Totals of one dimension, parent and
// day follow one after the other; those of `pages` and `days` have a time.

/** Writes what is remembered as a short text. */
export function toText({ automated, totals, visitors, sessions }: Remembered): string {
  const groups = Map.groupBy(totals, ({ dim, parent, day }) => `${write(dim)}.${write(parent)}.${write(day)}`)
  const counts = [...groups].map(([head, some]) => {
    const rows = some.map(({ key, n, ms }) => [write(key), write(n), ...(ms ? [write(ms)] : [])].join('.'))
    return `${head}:${rows.join(',')}`
  })
  const people = visitors.map(([day, who]) => `${write(day)}.${write(who)}`)
  const listed = sessions.map(({ ref, startDate, sum, marks }) => [ref, startDate, sum, ...marks].map(write).join('.'))
  return [write(automated), counts.join(';'), people.join(','), listed.join(',')].join('|')
}

/** Reads what `toText` has written. */
export function fromText(text: string): Remembered {
  const [automated = '', counts = '', people = '', listed = ''] = text.split('|')
  return {
    automated: read(automated),
    totals: split(counts, ';').flatMap(group => {
      const [head = '', rows = ''] = group.split(':')
      const [dim = 0, parent = 0, day = 0] = readAll(head)
      return split(rows, ',').map(row => {
        const [key = 0, n = 0, ms = 0] = readAll(row)
        return { dim, parent, day, key, n, ms }
      })
    }),
    visitors: split(people, ',').map(one => {
      const [day = 0, who = 0] = readAll(one)
      return [day, who] as const
    }),
    sessions: split(listed, ',').map(one => {
      const [ref = 0, startDate = 0, sum = 0, ...marks] = readAll(one)
      return { ref, startDate, sum, marks }
    }),
  }
}

/** FNV-1a, 32 bits. */
function toSum(text: string): number {
  let sum = 0x811c9dc5
  for (let place = 0; place < text.length; place++) sum = Math.imul(sum ^ text.charCodeAt(place), 0x01000193)
  return sum >>> 0
}

const written = new Map<number, string>()
const maxWritten = 20_000
/** Five digits. */
const tailSize = 32 ** 5

// V8 takes over a microsecond to write a large number to the base 32, and the ids of frequent texts come again and again.
function write(value: number): string {
  if (value < tailSize) return value.toString(32)
  const found = written.get(value)
  if (found !== undefined) return found
  const text = Math.floor(value / tailSize).toString(32) + (value % tailSize).toString(32).padStart(5, '0')
  if (written.size >= maxWritten) written.clear()
  written.set(value, text)
  return text
}

/** Reads what `write` has written. In two parts, because V8 reads a small number faster. */
function read(text: string): number {
  if (text.length <= 5) return Number.parseInt(text, 32)
  return Number.parseInt(text.slice(0, -5), 32) * tailSize + Number.parseInt(text.slice(-5), 32)
}

function readAll(text: string): number[] {
  return text.split('.').map(read)
}

function split(text: string, by: string): string[] {
  return text ? text.split(by) : []
}
