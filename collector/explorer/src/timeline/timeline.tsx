import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { formatCount } from '../parts/time.js'
import { Bars } from './bars.js'
import { Axis, Bands, Ground } from './ground.js'
import { findStop, headHeight, laneHeight, type PlacedGroup, padLeft, padRight, type Stop, toColors } from './layout.js'
import { Legend } from './legend.js'
import { Marks } from './marks.js'
import type { Picture } from './picture.js'
import { useTimelineView } from './use-view.js'

/** What is looked at in detail: a page, or events of which one is in the foreground. */
export interface Selection {
  readonly kind: Stop['kind']
  readonly id: string
  /** The other events of the same mark too. */
  readonly ids: readonly string[]
}

interface TimelineProps {
  /** What the picture shows, for screen readers. */
  readonly label: string
  readonly picture: Picture
  readonly selected: Selection | null
  readonly onSelect: (selection: Selection | null) => void
  /** How far it is zoomed at first, and the moment in the middle. */
  readonly first: { readonly zoom: number; readonly at: number | null }
  /** Called a moment after the zoom has changed. */
  readonly onZoom: (zoom: number, at: number) => void
}

/** How much one press of a button or key zooms. */
const zoomStep = 2

/** The time after the last zoom until `onZoom` is called, ms. */
const restMs = 400

/**
 * A timeline: lanes of pages with events on them, below an axis in which idle times are short. It can be zoomed and scrolled,
 * and is one stop of the Tab key: arrow keys go through what is on it, `+` and `-` zoom, and Enter shows the details.
 */
export function Timeline({ label, picture, selected, onSelect, first, onZoom }: TimelineProps): JSX.Element {
  const view = useTimelineView(picture, first)
  const { frame, layout, zoom, mostZoom, seen } = view
  const [current, setCurrent] = useState<Pick<Stop, 'kind' | 'id'> | null>(null)
  const isMoved = useRef(false)
  const colors = useMemo(() => toColors(picture.marks.map(({ event }) => event)), [picture])
  const at = Math.max(0, current ? findStop(layout.stops, current.kind, current.id) : 0)
  const stop = layout.stops[at]

  useEffect(() => {
    const timer = setTimeout(() => onZoom(zoom, Math.round(view.middle())), restMs)
    return () => clearTimeout(timer)
  }, [zoom])

  // The mark of the keyboard is drawn first, and takes the focus then. A zoom may have put it into another mark.
  useLayoutEffect(() => {
    if (!isMoved.current) return
    isMoved.current = false
    frame.current?.querySelector<HTMLElement>('.tl-plane [tabindex="0"]')?.focus({ preventScroll: true })
  })

  function goTo(next: number): void {
    const to = layout.stops[Math.min(layout.stops.length - 1, Math.max(0, next))]
    if (!to) return
    isMoved.current = true
    setCurrent({ kind: to.kind, id: to.id })
    view.reveal(to.x, { top: to.lane * laneHeight, bottom: (to.lane + 1) * laneHeight + headHeight })
  }

  function zoomBy(factor: number): void {
    const isFocused = !!frame.current?.querySelector('.tl-plane :focus')
    isMoved.current = isFocused
    view.zoomBy(factor, isFocused && stop ? layout.scale.toTime(stop.x) : undefined)
  }

  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => goTo(at + 1),
    ArrowLeft: () => goTo(at - 1),
    ArrowDown: () => goTo(nextInLane(layout.stops, at, 1)),
    ArrowUp: () => goTo(nextInLane(layout.stops, at, -1)),
    Home: () => goTo(0),
    End: () => goTo(layout.stops.length - 1),
    '+': () => zoomBy(zoomStep),
    '=': () => zoomBy(zoomStep),
    '-': () => zoomBy(1 / zoomStep),
    '0': () => zoomBy(1 / zoom),
    Escape: () => onSelect(null),
  }

  function onKeyDown(event: KeyboardEvent): void {
    const act = keys[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }

  function pickGroup({ moments }: PlacedGroup): void {
    const ids = moments.map(({ event }) => event.eventID)
    setCurrent({ kind: 'events', id: ids[0] as string })
    onSelect({ kind: 'events', id: ids[0] as string, ids })
  }

  function pickPage(id: string): void {
    setCurrent({ kind: 'page', id })
    onSelect({ kind: 'page', id, ids: [id] })
  }

  const props = { picture, layout, seen }
  const height = Math.max(1, picture.lanes) * laneHeight
  const idOf = (kind: Stop['kind'], one: Pick<Stop, 'kind' | 'id'> | null | undefined): string =>
    one?.kind === kind ? one.id : ''
  const marks = {
    ...props,
    colors,
    current: idOf('events', stop),
    selected: idOf('events', selected),
    onPick: pickGroup,
  }
  return (
    <div class="timeline">
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div class="tl-frame" ref={frame} role="group" aria-label={label} onKeyDown={onKeyDown}>
        <Lanes picture={picture} />
        <div
          class="tl-plane"
          style={{
            width: `${Math.ceil(layout.scale.width + padLeft + padRight)}px`,
            height: `${height + headHeight}px`,
          }}
        >
          <Ground {...props} />
          <div class="tl-head">
            <Axis {...props} />
            <Bands {...props} />
            <Marks {...marks} isHead />
          </div>
          <div class="tl-lanes">
            <Bars {...props} current={idOf('page', stop)} selected={idOf('page', selected)} onPick={pickPage} />
            <Marks {...marks} isHead={false} />
          </div>
        </div>
      </div>
      <div class="tl-foot">
        <Legend picture={picture} colors={colors} />
        <div class="tl-tools" role="group" aria-label="Zoom">
          <button
            type="button"
            class="quiet"
            aria-label="Zoom out"
            disabled={zoom <= 1}
            onClick={() => zoomBy(1 / zoomStep)}
          >
            −
          </button>
          <button type="button" class="quiet" disabled={zoom <= 1} onClick={() => zoomBy(1 / zoom)}>
            Whole
          </button>
          <button
            type="button"
            class="quiet"
            aria-label="Zoom in"
            disabled={zoom >= mostZoom}
            onClick={() => zoomBy(zoomStep)}
          >
            +
          </button>
          {selected && selected.ids.length > 1 && zoom < mostZoom && (
            <button type="button" class="quiet" onClick={() => showSelected()}>
              Zoom to the {formatCount(selected.ids.length)}
            </button>
          )}
        </div>
      </div>
    </div>
  )

  function showSelected(): void {
    const ids = new Set(selected?.ids)
    const times = picture.marks.filter(({ event }) => ids.has(event.eventID)).map(one => one.at)
    const [start, end] = [times[0] ?? picture.start, times.at(-1) ?? picture.end]
    view.showSpan(start, Math.max(end, start + 1))
  }
}

/** The next stop in the lane above or below that is not before the present one, else the last one there. */
function nextInLane(stops: readonly Stop[], at: number, step: 1 | -1): number {
  const from = stops[at]
  if (!from) return at
  const others = stops.flatMap((stop, index) => ((stop.lane - from.lane) * step > 0 ? [{ stop, index }] : []))
  const lane = others.reduce(
    (near, { stop }) => Math.min(near, (stop.lane - from.lane) * step),
    Number.MAX_SAFE_INTEGER,
  )
  const inLane = others.filter(({ stop }) => (stop.lane - from.lane) * step === lane)
  return (inLane.find(({ stop }) => stop.x >= from.x) ?? inLane.at(-1))?.index ?? at
}

/** The names of the lanes. They stay at the left edge. */
function Lanes({ picture }: { readonly picture: Picture }): JSX.Element {
  const lanes = Math.min(picture.lanes, mostNames)
  return (
    <div class="tl-names" aria-hidden="true">
      <span class="tl-names-head">Who</span>
      {Array.from({ length: lanes }, (_, lane) => (
        <span key={lane} class="tl-name">
          {lane === picture.strayLane ? 'No page' : `Tab ${lane + 1}`}
        </span>
      ))}
    </div>
  )
}

/** Lanes beyond this have no name, because nobody has as many tabs. */
const mostNames = 200
