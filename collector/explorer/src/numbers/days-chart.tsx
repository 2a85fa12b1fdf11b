import type { JSX } from 'preact'
import { Chart } from '../charts/chart.js'
import type { Series } from '../charts/draw.js'
import { formatAxisDay, formatDay } from '../parts/time.js'
import type { DayNumbers, DaysReply } from '../replies.js'
import type { Compared } from './ask.js'
import { dayMs } from './period.js'

interface DaysChartProps extends Compared<DaysReply> {
  readonly of: 'visitors' | 'sessions'
  readonly title: string
  readonly color: Series['color']
}

/** One number of each day, and that of the same day of the period before. */
export function DaysChart({ now, before, of, title, color }: DaysChartProps): JSX.Element {
  const toValues = (days: readonly DayNumbers[]): number[] => days.map(day => day[of])
  return (
    <Chart
      label={`${title} a day`}
      data={{
        kind: now.days.length > 1 ? 'lines' : 'bars',
        xTitle: 'Day',
        xLabels: now.days.map(({ day }) => formatAxisDay(day)),
        xNames: now.days.map(({ day }) => `${formatDay(day)}${day + dayMs > Date.now() ? ' (not over)' : ''}`),
        unit: `${title} a day (UTC)`,
        series: [
          { label: 'Period before', values: toValues(before.days), color, isBefore: true },
          { label: title, values: toValues(now.days), color },
        ],
      }}
    />
  )
}
