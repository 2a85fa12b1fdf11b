import type { JSX } from 'preact'
import { laneHeight, type PlacedGroup, padLeft, toShares } from './layout.js'
import type { Event } from './model.js'
import { headLane } from './picture.js'
import { isSeen, type PlaneProps, px } from './plane.js'
import { countNames, describeEvents } from './words.js'

interface MarksProps extends PlaneProps {
  /** Those beside the bands, or those in lanes. */
  readonly isHead: boolean
  readonly colors: ReadonlyMap<string, number>
  readonly current: string
  readonly selected: string
  readonly onPick: (group: PlacedGroup) => void
}

/** Events: a dot each, a number where many are at one place, and a small ring for those that the tracker made. */
export function Marks({ layout, seen, isHead, colors, current, selected, onPick }: MarksProps): JSX.Element {
  const shown = layout.groups.filter(group => {
    if ((group.lane === headLane) !== isHead) return false
    if (has(group, current) || has(group, selected)) return true
    return isSeen(group.lane, seen) && group.right >= seen.left && group.left <= seen.right
  })
  return (
    <>
      {shown.map(group => (
        <EventMark
          key={`${group.isSystem} ${group.moments[0].event.eventID}`}
          group={group}
          colors={colors}
          isCurrent={has(group, current)}
          isSelected={has(group, selected)}
          onPick={onPick}
        />
      ))}
    </>
  )
}

function has({ moments }: PlacedGroup, id: string): boolean {
  return id !== '' && moments.some(({ event }) => event.eventID === id)
}

interface EventMarkProps {
  readonly group: PlacedGroup
  readonly colors: ReadonlyMap<string, number>
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly onPick: (group: PlacedGroup) => void
}

function EventMark({ group, colors, isCurrent, isSelected, onPick }: EventMarkProps): JSX.Element {
  const { moments, left, right, lane, isSystem, room } = group
  const events = moments.map(({ event }) => event)
  const names = new Set(events.map(({ eventName }) => eventName))
  const [name = ''] = names
  const color = names.size === 1 ? colors.get(name) : undefined
  const isOwn = moments.some(one => one.isOwn)
  const state = `${isSystem ? ' is-system' : ''}${isOwn ? ' is-own' : ''}${events.length > 1 ? ' is-many' : ''}${lane === headLane ? ' is-head' : ''}`
  const label = countNames(events)
  const hasRoom = !isSystem && room > Math.min(52, label.length * 7 + 12)
  return (
    <button
      type="button"
      class={`tl-mark${state} tl-color-${color ?? 0}`}
      style={{ left: px(left + padLeft), width: px(right - left), top: px(Math.max(0, lane) * laneHeight) }}
      tabIndex={isCurrent ? 0 : -1}
      aria-pressed={isSelected}
      aria-label={describeEvents(events)}
      data-events={events.length}
      onClick={() => onPick(group)}
    >
      {/* The number is no text, because the label has it already. */}
      <span
        class="tl-dot"
        {...(events.length > 1 && !isSystem && { 'data-count': events.length })}
        {...(names.size > 1 && !isSystem && { style: { backgroundImage: paint(events, colors) } })}
      />
      {hasRoom && (
        <bdi class="tl-mark-name" style={{ maxWidth: px(room - 8) }}>
          {label}
        </bdi>
      )}
    </button>
  )
}

/** A strip with the colors of the events. */
function paint(events: readonly Event[], colors: ReadonlyMap<string, number>): string {
  const parts = toShares(events, colors).map(
    ({ color, from, to }) => `var(--tl-color-${color}) ${from * 100}% ${to * 100}%`,
  )
  return `linear-gradient(to right, ${parts.join()})`
}
