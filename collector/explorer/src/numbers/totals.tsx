import type { JSX } from 'preact'
import { formatCount, formatDuration } from '../parts/time.js'
import type { DaysReply } from '../replies.js'
import type { Compared } from './ask.js'
import { formatChange } from './period.js'

const names = [
  ['visits', 'Visits'],
  ['sessions', 'Sessions'],
  ['pages', 'Page views'],
  ['events', 'Events'],
] as const

/** The sums of a period, each with that of the period before. */
export function Totals({ now, before }: Compared<DaysReply>): JSX.Element {
  return (
    <dl class="totals">
      {names.map(([name, title]) => (
        <Total key={name} title={title} now={now.total[name]} before={before.total[name]} format={formatCount} />
      ))}
      <Total
        title="Time active"
        now={now.total.activeMs}
        before={before.total.activeMs}
        format={ms => formatDuration(ms / 1000)}
      />
    </dl>
  )
}

interface TotalProps {
  readonly title: string
  readonly now: number
  readonly before: number
  readonly format: (value: number) => string
}

function Total({ title, now, before, format }: TotalProps): JSX.Element {
  const change = formatChange(now, before)
  return (
    <div>
      <dt>{title}</dt>
      <dd class="total">{format(now)}</dd>
      <dd class="small soft number">
        {change && <span class="change">{change}</span>}
        {before > 0 && ` from ${format(before)}`}
        {!change && 'none before'}
      </dd>
    </div>
  )
}
