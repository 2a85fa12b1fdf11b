import type { RefObject } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Layout, makeLayout, padLeft, padRight, toMostZoom } from './layout.js'
import type { Picture } from './picture.js'

/** The part of the plane that is seen, px of the plane. */
export interface Seen {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The window on a picture: how wide it is, how far it is zoomed, and what of it is seen. */
export interface TimelineView {
  readonly frame: RefObject<HTMLDivElement>
  readonly layout: Layout
  readonly zoom: number
  readonly mostZoom: number
  readonly seen: Seen
  /**
   * Zooms by a factor.
   *
   * @param at the moment that stays where it is, ms. If left out, that in the middle.
   */
  zoomBy(factor: number, at?: number): void
  /** Shows this part of the picture, with a little room around it. */
  showSpan(start: number, end: number): void
  /** Scrolls only if the place is not seen. @param x px of the picture. */
  reveal(x: number, lane: { readonly top: number; readonly bottom: number }): void
  /** The moment in the middle of what is seen, ms. */
  middle(): number
}

/** The width of the column with the names of lanes, px. It is in timeline.css too. */
const namesWidth = 46

/** What is drawn beside what is seen, so that scrolling shows no hole: as much again on each side. */
const overscan = 1

/** @param first the zoom and the moment in the middle to begin with. */
export function useTimelineView(picture: Picture, first: { zoom: number; at: number | null }): TimelineView {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [asked, setZoom] = useState(first.zoom)
  const [seen, setSeen] = useState<Seen>({ left: 0, right: 0, top: 0, bottom: 0 })
  /** Where a moment has to be after the next drawing, px from the left edge of what is seen. */
  const anchor = useRef<{ at: number; x: number } | null>(null)
  const inner = Math.max(80, width - padLeft - padRight)
  const mostZoom = useMemo(() => toMostZoom(picture, inner), [picture, inner])
  const zoom = Math.min(mostZoom, Math.max(1, asked))
  const layout = useMemo(() => makeLayout(picture, inner, zoom), [picture, inner, zoom])
  const { scale } = layout
  // Several turns of the wheel may come before the next drawing, and each goes on from the one before.
  const latestZoom = useRef(zoom)
  latestZoom.current = zoom

  const look = useCallback(() => {
    const box = frame.current
    if (!box) return
    const { scrollLeft, scrollTop, clientHeight } = box
    const wide = box.clientWidth - namesWidth
    const next = {
      left: scrollLeft - padLeft - wide * overscan,
      right: scrollLeft - padLeft + wide * (1 + overscan),
      top: scrollTop - clientHeight * overscan,
      bottom: scrollTop + clientHeight * (1 + overscan),
    }
    setWidth(wide)
    // Only if the place has moved by half of what is drawn beside it. So most scrolling draws nothing anew.
    setSeen(before => {
      const isNear =
        Math.abs(before.left - next.left) < (wide * overscan) / 2 &&
        Math.abs(before.right - next.right) < (wide * overscan) / 2 &&
        Math.abs(before.top - next.top) < (clientHeight * overscan) / 2 &&
        Math.abs(before.bottom - next.bottom) < (clientHeight * overscan) / 2
      return isNear ? before : next
    })
  }, [])

  useLayoutEffect(() => {
    const box = frame.current
    if (!box) return undefined
    const watcher = new ResizeObserver(look)
    watcher.observe(box)
    box.addEventListener('scroll', look, { passive: true })
    look()
    return () => {
      watcher.disconnect()
      box.removeEventListener('scroll', look)
    }
  }, [look])

  useLayoutEffect(() => {
    const box = frame.current
    if (!box || width === 0) return
    const wanted = anchor.current ?? (first.at === null ? null : { at: first.at, x: width / 2 })
    if (wanted) box.scrollLeft = padLeft + scale.toX(wanted.at) - wanted.x
    anchor.current = null
    look()
  }, [zoom, width === 0])

  const middle = (): number => scale.toTime((frame.current?.scrollLeft ?? 0) + width / 2 - padLeft)

  function zoomTo(next: number, at: number, x: number): void {
    const bounded = Math.min(mostZoom, Math.max(1, next))
    if (bounded === latestZoom.current) return
    latestZoom.current = bounded
    anchor.current = { at, x }
    setZoom(bounded)
  }

  function placeOf(at: number): number {
    return padLeft + scale.toX(at) - (frame.current?.scrollLeft ?? 0)
  }

  const zoomBy = (factor: number, at: number = middle()): void => {
    const x = placeOf(at)
    const isSeen = x >= 0 && x <= width
    if (isSeen) zoomTo(latestZoom.current * factor, at, x)
    else zoomTo(latestZoom.current * factor, middle(), width / 2)
  }
  const latest = useRef(zoomBy)
  latest.current = zoomBy
  const latestScale = useRef(scale)
  latestScale.current = scale

  // Preact listens passively to the wheel, and so could not keep the browser from zooming the whole page.
  useEffect(() => {
    const box = frame.current
    if (!box) return undefined
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const x = event.clientX - box.getBoundingClientRect().left - namesWidth + box.scrollLeft - padLeft
      latest.current(Math.exp(-event.deltaY * 0.004), latestScale.current.toTime(x))
    }
    box.addEventListener('wheel', onWheel, { passive: false })
    return () => box.removeEventListener('wheel', onWheel)
  }, [])

  return {
    frame,
    layout,
    zoom,
    mostZoom,
    seen,
    zoomBy,
    middle,
    showSpan(start, end) {
      const wide = Math.max(1, scale.toX(end) - scale.toX(start))
      zoomTo((zoom * inner * 0.6) / wide, (start + end) / 2, width / 2)
    },
    reveal(x, lane) {
      const box = frame.current
      if (!box) return
      const place = x + padLeft - box.scrollLeft
      if (place < 16 || place > width - 48) box.scrollLeft = x + padLeft - width / 2
      if (lane.top < 0) return look()
      if (lane.top < box.scrollTop || lane.bottom > box.scrollTop + box.clientHeight)
        box.scrollTop = lane.top - box.clientHeight / 3
      look()
    },
  }
}
