import uPlot from 'uplot'

/** One series of a chart: a value for each place on the x axis, `null` for none. */
export interface Series {
  readonly label: string
  readonly values: readonly (number | null)[]
  /** The number of its color in the tokens. */
  readonly color: 1 | 2 | 3 | 4 | 5
  /** A series of the period before is paler, and dashed. */
  readonly isBefore?: boolean
}

/** What a chart shows. */
export interface ChartData {
  readonly kind: 'lines' | 'bars'
  /** What the x axis counts: `Day`. */
  readonly xTitle: string
  /** The places of the x axis, in short for the axis. */
  readonly xLabels: readonly string[]
  /** What the first place is counted from, where round numbers are marked: the minute of its hour. @default from the last place */
  readonly xFirst?: number
  /** The label without abbreviations, for the legend and the table. */
  readonly xNames: readonly string[]
  /** What the y axis counts, in words: `a day`. */
  readonly unit: string
  readonly series: readonly Series[]
}

/** Room for one label of the x axis, CSS px. */
const labelPx = 62

const readColor = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--sj-${name}`).trim()

/** The data as uPlot takes it. Places are numbered from 0. */
export function toAligned({ xLabels, series }: ChartData): uPlot.AlignedData {
  return [xLabels.map((_, n) => n), ...series.map(({ values }) => [...values])]
}

/**
 * The upper end of the y axis: a round number that is not below the greatest value. At least 1, so that a chart of nothing
 * has an axis.
 */
export function toTop(greatest: number): number {
  if (!(greatest > 1)) return 1
  const power = 10 ** Math.floor(Math.log10(greatest))
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(step => step * power >= greatest) ?? 10
  return Math.ceil(step * power)
}

/**
 * Options of a chart. The y axis begins at 0, always.
 *
 * @param read gives the present data. It may change while the chart stands, but not its kind, nor its number of places and
 * series.
 */
export function toOptions(read: () => ChartData, width: number, height: number): uPlot.Options {
  const { kind, xTitle, xLabels, series } = read()
  const isBars = kind === 'bars'
  const last = xLabels.length - 1
  // A chart of bars has room for half a bar at each end, and one of a single day has a middle.
  const margin = isBars || last === 0 ? 0.5 : 0
  const most = Math.max(1, Math.floor((width - 60) / labelPx))
  const font = `12px ${readColor('sans')}`
  const axis = { stroke: readColor('soft'), font, ticks: { show: false }, border: { show: false } }
  return {
    width,
    height,
    padding: [12, 24, 0, 0],
    scales: {
      x: { time: false, range: [-margin, last + margin] },
      y: { range: () => [0, toTop(findGreatest(read()))] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        splits: () => toMarked(read(), most),
        values: (_chart, splits) => splits.map(n => read().xLabels[n] ?? ''),
      },
      {
        ...axis,
        size: 52,
        grid: { stroke: readColor('wash'), width: 1 },
        splits: (_chart, _axis, _min, top) => toSplits(top, Math.floor((height - 40) / 36)),
        values: (_chart, splits) => splits.map(value => shortCount.format(value)),
      },
    ],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    legend: { live: true },
    // While nobody points at a place, the legend has the values of the last one.
    hooks: {
      ready: [showLast],
      setData: [showLast],
      setCursor: [chart => chart.cursor.idx == null && showLast(chart)],
    },
    series: [
      { label: xTitle, value: (_chart, n) => read().xNames[n] ?? '' },
      ...series.map((one, n) => toSeries(one, isBars, n, series.length)),
    ],
  }
}

const roundMinutes = [1, 2, 5, 10, 15, 20, 30]

/**
 * The places of the x axis that have a label.
 *
 * @param most how many labels there is room for.
 */
export function toMarked({ xLabels, xFirst }: Pick<ChartData, 'xLabels' | 'xFirst'>, most: number): number[] {
  const least = Math.max(1, Math.ceil(xLabels.length / most))
  const every = xFirst === undefined ? least : (roundMinutes.find(step => step >= least) ?? 60)
  const first = xFirst ?? 1 - xLabels.length
  return xLabels.map((_, n) => n).filter(n => (first + n) % every === 0)
}

function showLast(chart: uPlot): void {
  chart.setLegend({ idx: chart.data[0].length - 1 }, false)
}

const findGreatest = ({ series }: ChartData): number =>
  series.reduce((most, { values }) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), most), 0)

/**
 * The marks of the y axis: the greatest number of equal, round and whole steps from 0 to the top.
 *
 * @param most how many steps there is room for.
 */
export function toSplits(top: number, most: number): number[] {
  for (let count = Math.max(1, most); count > 1; count--) {
    const step = top / count
    const power = 10 ** Math.floor(Math.log10(step))
    if (Number.isInteger(step) && [1, 2, 2.5, 3, 4, 5, 6, 8].includes(step / power))
      return Array.from({ length: count + 1 }, (_, n) => n * step)
  }
  return [0, top]
}

const shortCount = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

function toSeries({ label, color, isBefore = false }: Series, isBars: boolean, n: number, count: number): uPlot.Series {
  const stroke = readColor(isBefore ? 'series-before' : `series-${color}`)
  const value = (_chart: uPlot, value: number | null) => (value === null ? '' : value.toLocaleString('en'))
  if (!isBars)
    return {
      label,
      value,
      stroke,
      width: isBefore ? 1.5 : 2,
      points: { show: false },
      ...(isBefore && { dash: [5, 4] }),
    }
  // Bars of several series stand beside each other.
  const paths = uPlot.paths.bars?.({
    size: [0.72 / count, 64],
    align: count === 1 ? 0 : n === 0 ? -1 : 1,
    gap: 1,
  })
  return { label, value, stroke, fill: stroke, width: 0, points: { show: false }, ...(paths && { paths }) }
}
