import type { JSX } from 'preact'
import { formatSpan, formatTime } from '../parts/time.js'
import { headHeight, type Layout, laneHeight, leastGapText, type PlacedGroup, padLeft, toShares } from './layout.js'
import type { Event } from './model.js'
import { type Bar, headLane, type Picture } from './picture.js'
import { toTicks } from './ticks.js'
import type { Seen } from './use-view.js'
import {
  countNames,
  describeEvents,
  describePage,
  formatGap,
  formatTick,
  shorten,
  toEnding,
  toPageName,
} from './words.js'

/** What every part of the plane needs. */
export interface PlaneProps {
  readonly picture: Picture
  readonly layout: Layout
  readonly seen: Seen
}

/** A place, px of the plane. */
const px = (value: number): string => `${Math.round(value * 100) / 100}px`

/** The times above, and the lines that lead down from them. */
export function Axis({ picture, layout: { scale }, seen }: PlaneProps): JSX.Element {
  const ticks = toTicks(scale, seen.left, seen.right, toZone(picture.start))
  return (
    <div class="tl-axis" aria-hidden="true">
      {ticks.map(({ at, x, stepMs }) => (
        <span key={at} class="tl-tick" style={{ left: px(x + padLeft) }} title={formatTime(at)}>
          {formatTick(at, stepMs, picture.start)}
        </span>
      ))}
    </div>
  )
}

function toZone(at: number): number {
  const minutes = new Date(at).getTimezoneOffset()
  return Number.isNaN(minutes) ? 0 : -minutes * 60_000
}

/** Lines of the axis, idle gaps, and the moments at which somebody came or went, through all lanes. */
export function Ground({ picture, layout: { scale }, seen }: PlaneProps): JSX.Element {
  const ticks = toTicks(scale, seen.left, seen.right, toZone(picture.start))
  const gaps = scale.segments.filter(({ isGap, left, right }) => isGap && right >= seen.left && left <= seen.right)
  const signed = picture.bands.filter(({ session }) => session)
  return (
    <div class="tl-ground">
      {ticks.map(({ at, x }) => (
        <span key={at} class="tl-line" style={{ left: px(x + padLeft) }} />
      ))}
      {gaps.map(({ start, end, left, right }) => (
        <span
          key={start}
          class="tl-gap"
          style={{ left: px(left + padLeft), width: px(right - left) }}
          title={`Nothing was recorded for ${formatSpan(end - start)}, from ${formatTime(start)} to ${formatTime(end)}`}
        >
          {right - left >= leastGapText && <span class="tl-gap-text">{formatGap(end - start, picture.lanes > 1)}</span>}
        </span>
      ))}
      {signed.map(({ start, end, isOwn, isOpen }) => [
        <span
          key={`in ${start}`}
          class={`tl-came${isOwn ? ' is-own' : ''}`}
          style={{ left: px(scale.toX(start) + padLeft) }}
        />,
        !isOpen && (
          <span
            key={`out ${end}`}
            class={`tl-went${isOwn ? ' is-own' : ''}`}
            style={{ left: px(scale.toX(end) + padLeft) }}
          />
        ),
      ])}
      {signed.some(({ isOpen }) => isOpen) && (
        <span class="tl-now" style={{ left: px(scale.width + padLeft) }}>
          <span>now</span>
        </span>
      )}
    </div>
  )
}

/** Who was there: the sessions of the visit, and the times in which nobody was signed in. */
export function Bands({ picture, layout: { scale } }: PlaneProps): JSX.Element {
  const firstSigned = picture.bands.findIndex(({ session }) => session)
  return (
    <div class="tl-bands">
      {picture.bands.map(({ session, start, end, isOwn, isOpen }, at) => {
        const left = scale.toX(start)
        const width = Math.max(session ? 3 : 0, scale.toX(end) - left)
        const state = session ? (isOwn ? 'is-own' : 'is-other') : 'is-nobody'
        const who = session
          ? shorten(session.identityId, 60)
          : at < firstSigned
            ? 'before signing in'
            : 'nobody signed in'
        return (
          <span
            key={`${start} ${at}`}
            class={`tl-band ${state}${isOpen ? ' is-open' : ''}`}
            style={{ left: px(left + padLeft), width: px(width) }}
            title={`${who}: ${formatTime(start)} to ${isOpen ? 'now' : formatTime(end)}, ${formatSpan(end - start)}`}
          >
            {width >= 34 && (
              <span class="tl-band-text">
                <bdi class="tl-who">{who}</bdi>
              </span>
            )}
            {session && width >= 200 && <span class="tl-ending">{toEnding(session)}</span>}
          </span>
        )
      })}
    </div>
  )
}

interface BarsProps extends PlaneProps {
  readonly current: string
  readonly selected: string
  readonly onPick: (pageID: string) => void
}

/** Pages: a thin line while each was there, and a thick one over the time in which the person was active. */
export function Bars({ picture, layout: { scale }, seen, current, selected, onPick }: BarsProps): JSX.Element {
  const shown = picture.bars.filter(bar => {
    const { pageID } = bar.page
    if (pageID === current || pageID === selected) return true
    return isSeen(bar.lane, seen) && scale.toX(bar.end) >= seen.left && scale.toX(bar.start) <= seen.right
  })
  return (
    <>
      {shown.map(bar => (
        <PageBar
          key={bar.page.pageID}
          bar={bar}
          toX={scale.toX}
          isCurrent={bar.page.pageID === current}
          isSelected={bar.page.pageID === selected}
          onPick={onPick}
        />
      ))}
    </>
  )
}

interface PageBarProps {
  readonly bar: Bar
  readonly toX: (at: number) => number
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly onPick: (pageID: string) => void
}

function PageBar({ bar, toX, isCurrent, isSelected, onPick }: PageBarProps): JSX.Element {
  const { page, lane, start, end, active, exit, isCut, isOwn } = bar
  const left = toX(start)
  const width = Math.max(4, toX(end) - left)
  const activeMs = (active.at(-1)?.end ?? start) - start
  return (
    <button
      type="button"
      class={`tl-bar is-${exit}${isCut ? ' is-cut' : ''}${isOwn ? ' is-own' : ''}`}
      style={{ left: px(left + padLeft), width: px(width), top: px(lane * laneHeight) }}
      tabIndex={isCurrent ? 0 : -1}
      aria-pressed={isSelected}
      aria-label={describePage(page, start, end, activeMs)}
      data-page={page.pageID}
      onClick={() => onPick(page.pageID)}
    >
      {width >= 28 && (
        <span class="tl-bar-name">
          <bdi>{toPageName(page)}</bdi>
        </span>
      )}
      {active.map(part => (
        <span
          key={part.start}
          class={`tl-active${part.isOwn ? ' is-own' : ''}`}
          style={{ left: px(toX(part.start) - left), width: px(Math.max(3, toX(part.end) - toX(part.start))) }}
        />
      ))}
    </button>
  )
}

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
  const label = countNames(events, 2)
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
      <span class="tl-dot" {...(names.size > 1 && !isSystem && { style: { backgroundImage: paint(events, colors) } })}>
        {events.length > 1 && !isSystem ? events.length : ''}
      </span>
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

function isSeen(lane: number, { top, bottom }: Seen): boolean {
  return lane === headLane || ((lane + 1) * laneHeight + headHeight >= top && lane * laneHeight <= bottom)
}
