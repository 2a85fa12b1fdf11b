import { counters, type Digest, dims, hasBlocks, type ListedRow, type Mark, type Total } from '../../numbers/parts.js'
import { type Remembered, wordsOf } from '../../numbers/text.js'

/** A visit that is counted anew. `digest` is `null` if it is gone. */
export interface Recount {
  readonly visitID: string
  readonly before: Remembered
  readonly after: Remembered
  readonly digest: Digest | null
}

/** A total that changes by `n` and `ms`. */
export interface TotalChange extends Total {
  readonly automated: number
}

/** What a recount changes in the tables, less the visits themselves. */
export interface Difference {
  readonly totals: readonly TotalChange[]
  readonly words: readonly { readonly id: number; readonly n: number; readonly text: string }[]
  readonly visitors: readonly VisitorChange[]
  readonly unlisted: readonly number[]
  readonly listed: readonly (ListedRow & { readonly automated: number })[]
  readonly unmarked: readonly MarkKey[]
  readonly marks: readonly (MarkKey & Mark & { readonly automated: number })[]
}

export interface VisitorChange {
  readonly day: number
  readonly automated: number
  readonly who: number
  readonly n: number
}

export interface MarkKey {
  readonly mark: number
  readonly startDate: number
  readonly ref: number
}

/** The days of a block. A period of a year is then 11 blocks and at most 62 days. */
export const blockDays = 32

/** The `day` of the total of a block, which is below 0. */
export function toBlock(day: number): number {
  return -1 - Math.floor(day / blockDays)
}

/**
 * Computes what a recount of visits changes.
 *
 * @param present how many visits an identity was in on a day, as the database says now.
 */
export function toDifference(recounts: readonly Recount[], present: (change: VisitorChange) => number): Difference {
  const totals = new Map<string, TotalChange>()
  const words = new Map<number, { id: number; n: number; text: string }>()

  function addTotal({ dim, parent, day, key, n, ms }: Total, automated: number, sign: number): void {
    const at = `${dim} ${parent} ${day} ${key} ${automated}`
    const sum = totals.get(at) ?? { dim, parent, day, key, automated, n: 0, ms: 0 }
    sum.n += sign * n
    sum.ms += sign * ms
    totals.set(at, sum)
  }
  function addWord(id: number, n: number, text: string): void {
    const known = words.get(id) ?? { id, n: 0, text }
    known.n += n
    // What was taken back does not say its text.
    words.set(id, { ...known, text: known.text || text })
  }

  for (const { before, after, digest } of recounts) {
    for (const one of before.totals) addTotal(one, before.automated, -1)
    for (const one of after.totals) addTotal(one, after.automated, 1)
    const [old, present] = [wordsOf(before), wordsOf(after)]
    for (const id of old) if (!present.has(id)) addWord(id, -1, '')
    for (const id of present) if (!old.has(id)) addWord(id, 1, digest?.words.get(id) ?? '')
  }
  const visitors = toVisitors(recounts)
  for (const change of visitors) {
    const [was, is] = [present(change), present(change) + change.n]
    const n = Number(is > 0) - Number(was > 0)
    const one = { dim: dims.days, parent: 0, day: change.day, key: counters.visitors, n, ms: 0 }
    if (n) addTotal(one, change.automated, 1)
  }
  const days = [...totals.values()].filter(isChange)
  return {
    totals: [...days, ...toBlocks(days)],
    words: [...words.values()].filter(({ n }) => n !== 0),
    visitors,
    ...toSessions(recounts),
  }
}

/** The identities of which the number of visits on a day changes. */
export function toVisitors(recounts: readonly Recount[]): VisitorChange[] {
  const visitors = new Map<string, VisitorChange & { n: number }>()
  for (const { before, after } of recounts)
    for (const [told, sign] of [
      [before, -1],
      [after, 1],
    ] as const)
      for (const [day, who] of told.visitors) {
        const { automated } = told
        const at = `${day} ${automated} ${who}`
        const sum = visitors.get(at) ?? { day, automated, who, n: 0 }
        sum.n += sign
        visitors.set(at, sum)
      }
  return [...visitors.values()].filter(({ n }) => n !== 0)
}

function toBlocks(days: readonly TotalChange[]): TotalChange[] {
  const blocks = new Map<string, TotalChange>()
  for (const one of days) {
    if (!hasBlocks(one.dim)) continue
    const { dim, parent, key, automated } = one
    const day = toBlock(one.day)
    const at = `${dim} ${parent} ${day} ${key} ${automated}`
    const sum = blocks.get(at) ?? { dim, parent, day, key, automated, n: 0, ms: 0 }
    sum.n += one.n
    sum.ms += one.ms
    blocks.set(at, sum)
  }
  return [...blocks.values()].filter(isChange)
}

function isChange({ n, ms }: TotalChange): boolean {
  return n !== 0 || ms !== 0
}

function toSessions(recounts: readonly Recount[]): Pick<Difference, 'unlisted' | 'listed' | 'unmarked' | 'marks'> {
  const unlisted: number[] = []
  const listed: (ListedRow & { automated: number })[] = []
  const unmarked: MarkKey[] = []
  const marks: (MarkKey & Mark & { automated: number })[] = []
  for (const { before, after, digest } of recounts) {
    const { automated } = after
    const isSame = (a: Remembered, b: Remembered) => {
      const sums = new Map(b.sessions.map(({ ref, sum }) => [ref, sum]))
      return ({ ref, sum }: Remembered['sessions'][number]) => a.automated === b.automated && sums.get(ref) === sum
    }
    const present = new Map(digest?.sessions.map(one => [one.row.ref, one]))
    const [isKept, isOld] = [isSame(before, after), isSame(after, before)]
    for (const one of before.sessions) {
      if (isKept(one)) continue
      const { ref, startDate } = one
      unlisted.push(ref)
      const now = present.get(ref)
      const isMarked = (mark: number): boolean => now?.row.startDate === startDate && now.marks.has(mark)
      for (const mark of one.marks) if (!isMarked(mark)) unmarked.push({ mark, startDate, ref })
    }
    for (const one of after.sessions) {
      const now = present.get(one.ref)
      if (isOld(one) || !now) continue
      listed.push({ ...now.row, automated })
      for (const [mark, times] of now.marks)
        marks.push({ mark, startDate: one.startDate, ref: one.ref, automated, ...times })
    }
  }
  return { unlisted, listed, unmarked, marks }
}
