import type { JSX } from 'preact'
import { laneHeight, padLeft } from './layout.js'
import type { Bar } from './picture.js'
import { isSeen, type PlaneProps, px } from './plane.js'
import { describePage, toPageName } from './words.js'

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
