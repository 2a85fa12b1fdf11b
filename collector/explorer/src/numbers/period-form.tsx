import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { ChoiceField, InputField, readForm } from '../parts/field.js'
import { formatCount } from '../parts/time.js'
import { changeQuery } from '../route.js'
import { type ChosenPeriod, hasToday, mostDays, periodBefore, presets } from './period.js'

interface PeriodFormProps extends ChosenPeriod {
  readonly automated: string
  /** Visits that have changed and are not counted anew yet. */
  readonly behind: number
}

/** The choice of a period: some days up to today, or a first and a last day. */
export function PeriodForm({ period, preset, automated, behind }: PeriodFormProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null)
  const before = periodBefore(period)
  function apply(): void {
    if (!form.current?.reportValidity()) return
    const { since = '', until = '' } = readForm(form.current)
    changeQuery({ since, until, days: null })
  }
  return (
    <form
      ref={form}
      class="period"
      aria-label="Period"
      onSubmit={event => {
        event.preventDefault()
        apply()
      }}
    >
      <div class="segments" role="group" aria-label="Up to today">
        {presets.map(([days, title]) => (
          <button
            key={days}
            type="button"
            aria-pressed={days === preset}
            onClick={() => changeQuery({ days, since: null, until: null })}
          >
            {title}
          </button>
        ))}
      </div>
      <InputField label="From" name="since" type="date" value={period.since} />
      <InputField label="To" name="until" type="date" value={period.until} />
      <button class="quiet">Show</button>
      <ChoiceField
        label="Automated browsers"
        name="automated"
        value={automated}
        choices={[
          ['', 'left out'],
          ['include', 'counted too'],
          ['only', 'counted alone'],
        ]}
        onChoose={value => changeQuery({ automated: value })}
      />
      <p class="small soft period-note">
        Days of UTC{period.days === mostDays && `, at most ${formatCount(mostDays)}`}. Compared with{' '}
        <span class="day">{before.since}</span>
        {before.days > 1 && (
          <>
            {' '}
            to <span class="day">{before.until}</span>
          </>
        )}
        .{' '}
        {hasToday(period, Date.now()) &&
          `Today is not over${before.days === 1 ? ', and the day before is whole' : ''}. `}
        <span role="status">
          {behind > 0 &&
            `${formatCount(behind)} ${behind === 1 ? 'visit has' : 'visits have'} changed just now, and will be counted within seconds.`}
        </span>
      </p>
    </form>
  )
}
