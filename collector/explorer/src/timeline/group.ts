/** Something that happened at one moment. */
export interface Moment {
  /** Unix epoch, ms. */
  readonly at: number
}

/** Moments that lie too close to be told apart. One moment that lies alone is a group too. */
export interface Group<M extends Moment> {
  readonly moments: readonly [M, ...M[]]
  /** Where the first and the last of them lie, px. */
  readonly first: number
  readonly last: number
  /** Where the group is drawn, px. Groups that follow each other do not cover each other. */
  readonly left: number
  readonly right: number
}

/** The width of a single moment, px. */
export const markWidth = 14

/** A group that is wider than this begins a new one, so that a dense time still shows where it is, px. */
const mostWidth = 44

/**
 * Puts moments that lie within a few pixels into groups. Each moment is in exactly one group.
 *
 * @param moments in the order of time.
 * @param toX gives the place of a moment. It never goes left as time goes on.
 */
export function toGroups<M extends Moment>(moments: readonly M[], toX: (at: number) => number): readonly Group<M>[] {
  const open: { moments: [M, ...M[]]; first: number; last: number }[] = []
  for (const one of moments) {
    const x = toX(one.at)
    const group = open.at(-1)
    if (group && x - markWidth / 2 <= edgeOf(group) && x - group.first <= mostWidth) {
      group.moments.push(one)
      group.last = x
    } else open.push({ moments: [one], first: x, last: x })
  }
  return open.map((group, at) => {
    const before = open[at - 1]
    const after = open[at + 1]
    const left = group.first - markWidth / 2
    const right = edgeOf(group)
    return {
      ...group,
      left: before && edgeOf(before) > left ? (before.last + group.first) / 2 : left,
      right: after && after.first - markWidth / 2 < right ? (group.last + after.first) / 2 : right,
    }
  })
}

/** The right edge of a group that has room for its number, px. */
function edgeOf({ moments, first, last }: { moments: readonly unknown[]; first: number; last: number }): number {
  const digits = String(moments.length).length
  const forNumber = moments.length > 1 ? digits * 7 + 9 : markWidth
  return Math.max(last + markWidth / 2, first - markWidth / 2 + forNumber)
}
