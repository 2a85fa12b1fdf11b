import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { type Column, Table } from '../parts/table.js'
import { formatCount } from '../parts/time.js'
import { type ChartData, toAligned, toOptions } from './draw.js'

interface ChartProps {
  /** What the chart shows, for who cannot see it. */
  readonly label: string
  readonly data: ChartData
  /** CSS px. @default 240 */
  readonly height?: number
}

/** A chart with its legend, and the table of its numbers behind a button. It follows the width and the color scheme. */
export function Chart({ label, data, height = 240 }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const latest = useRef(data)
  latest.current = data
  const text = JSON.stringify(data)
  // Another number of places or series, another width and another color scheme need another chart. New values do not.
  const shape = JSON.stringify([
    data.kind,
    data.xTitle,
    data.unit,
    data.xLabels.length,
    data.series.map(one => one.label),
  ])

  useEffect(() => {
    const element = place.current
    if (!element) return undefined
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    let width = 0
    function draw(): void {
      if (!element || width === 0) return
      chart.current?.destroy()
      chart.current = new uPlot(
        toOptions(() => latest.current, width, height),
        toAligned(latest.current),
        element,
      )
    }
    const observer = new ResizeObserver(([entry]) => {
      const next = Math.floor(entry?.contentRect.width ?? 0)
      if (next === width) return
      width = next
      draw()
    })
    observer.observe(element)
    scheme.addEventListener('change', draw)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', draw)
      chart.current?.destroy()
      chart.current = null
    }
  }, [shape, height])

  useEffect(() => chart.current?.setData(toAligned(latest.current)), [text])

  return (
    <figure class="chart">
      <p class="chart-unit small soft">{data.unit}</p>
      <div
        ref={place}
        class={`chart-place is-${height}`}
        role="img"
        aria-label={`${label}. The table below has its numbers.`}
      />
      <Behind label={label} data={data} />
    </figure>
  )
}

/** The numbers of a chart as a table. It is made when it is opened. */
function Behind({ label, data }: { readonly label: string; readonly data: ChartData }): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const columns: Column<number>[] = [
    { title: data.xTitle, cell: n => <span class="number">{data.xNames[n]}</span> },
    ...data.series.map(({ label, values }) => ({
      title: label,
      isNumber: true,
      cell: (n: number) => formatCount(values[n] ?? 0),
    })),
  ]
  return (
    <details class="behind" onToggle={event => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
      <summary>Numbers as a table</summary>
      {isOpen && (
        // A table of many rows scrolls, so it can be reached by the keyboard.
        // oxlint-disable-next-line no-noninteractive-tabindex
        <div class="behind-table" tabIndex={0} role="region" aria-label={`${label} as a table`}>
          <Table
            caption={label}
            columns={columns}
            rows={data.xNames.map((_, n) => n)}
            toKey={String}
            hasCards={false}
          />
        </div>
      )}
    </details>
  )
}
