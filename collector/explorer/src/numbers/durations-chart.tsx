import type { JSX } from 'preact'
import { Chart } from '../charts/chart.js'
import { Empty } from '../parts/empty.js'
import type { DurationsReply } from '../replies.js'
import type { Compared } from './ask.js'

function toShort(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`
}

/** How many sessions took how long. */
export function DurationsChart({ now, before }: Compared<DurationsReply>): JSX.Element {
  const toValues = ({ buckets }: DurationsReply): number[] => buckets.map(({ sessions }) => sessions)
  if ([...toValues(now), ...toValues(before)].every(count => count === 0))
    return <Empty title="No sessions in this time" />
  const names = now.buckets.map(({ maxSeconds }, n) => {
    const min = n === 0 ? 0 : (now.buckets[n - 1]?.maxSeconds ?? 0)
    if (maxSeconds === null) return `${toShort(min)} or more`
    return n === 0 ? `less than ${toShort(maxSeconds)}` : `${toShort(min)} to ${toShort(maxSeconds)}`
  })
  const labels = now.buckets.map(({ maxSeconds }, n) =>
    maxSeconds === null ? `≥ ${toShort(now.buckets[n - 1]?.maxSeconds ?? 0)}` : `< ${toShort(maxSeconds)}`,
  )
  return (
    <Chart
      label="Durations of sessions"
      data={{
        kind: 'bars',
        xTitle: 'Duration',
        xLabels: labels,
        xNames: names,
        unit: 'Sessions of this duration',
        series: [
          { label: 'Period before', values: toValues(before), color: 1, isBefore: true },
          { label: 'Sessions', values: toValues(now), color: 1 },
        ],
      }}
    />
  )
}
