import { headHeight, type Layout, laneHeight } from './layout.js'
import { headLane, type Picture } from './picture.js'
import type { Seen } from './use-view.js'

/** What every part of the plane needs. */
export interface PlaneProps {
  readonly picture: Picture
  readonly layout: Layout
  readonly seen: Seen
}

/** A place, px of the plane. */
export const px = (value: number): string => `${Math.round(value * 100) / 100}px`

/** Whether something of a lane is seen. */
export function isSeen(lane: number, { top, bottom }: Seen): boolean {
  return lane === headLane || ((lane + 1) * laneHeight + headHeight >= top && lane * laneHeight <= bottom)
}
