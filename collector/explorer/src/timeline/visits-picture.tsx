import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { formatAxisDay, formatCount, formatTime } from '../parts/time.js'
import { goTo, toAddress } from '../route.js'
import { type DayPart, isDated, toDay, toDayParts } from './days.js'
import type { Session, Visit } from './model.js'

interface VisitsPictureProps {
  readonly site: string
  readonly sessions: readonly Session[]
  readonly visits: readonly Visit[]
  readonly isLoading: boolean
}

interface Box extends DayPart {
  readonly key: string
  readonly title: string
  readonly address: string
  readonly isSession: boolean
}

/** How many boxes are drawn. The tables have a link to all. */
const mostBoxes = 3000

/** A column for each day from the first visit to the last, with visits and sessions at their time of day. */
export function VisitsPicture({ site, sessions, visits, isLoading }: VisitsPictureProps): JSX.Element {
  const now = useMemo(() => Date.now(), [])
  const dated = [...visits, ...sessions].filter(({ startDate }) => isDated(startDate))
  const undated = visits.length + sessions.length - dated.length
  const days = dated.map(({ startDate }) => toDay(startDate))
  const first = days.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER)
  const count = days.length ? days.reduce((a, b) => Math.max(a, b), 0) - first + 1 : 1
  const boxes = useMemo(() => {
    const toBoxes = (start: number, end: number, rest: Omit<Box, keyof DayPart>): Box[] =>
      isDated(start) ? toDayParts(start, isDated(end) ? end : start, first).map(part => ({ ...part, ...rest })) : []
    return [
      ...visits.flatMap(({ visitID, startDate, endDate }) =>
        toBoxes(startDate, endDate || now, {
          key: `visit ${visitID}`,
          title: `Visit, ${formatTime(startDate, false)}`,
          address: toAddress(site, 'visits', visitID),
          isSession: false,
        }),
      ),
      ...sessions.flatMap(({ sessionID, startDate, endDate }) =>
        toBoxes(startDate, endDate || now, {
          key: `session ${sessionID}`,
          title: `Session, ${formatTime(startDate, false)}`,
          address: toAddress(site, 'sessions', sessionID),
          isSession: true,
        }),
      ),
    ].slice(0, mostBoxes)
  }, [visits, sessions, first])
  // A day is never drawn wider than a finger, so that three visits do not look like a month.
  const least = 14
  const columns = Math.max(count, least)
  const labels = toLabels(first, count)
  return (
    <section class="panel" aria-busy={isLoading}>
      <div class="panel-head">
        <h2>When</h2>
        <p class="soft small">
          {formatCount(count)} {count === 1 ? 'day' : 'days'} across, midnight to midnight down
        </p>
      </div>
      <div
        class="days"
        role="img"
        aria-label={`${formatCount(visits.length)} visits and ${formatCount(sessions.length)} sessions on ${formatCount(count)} days. The tables below list them.`}
      >
        {[0, 6, 12, 18, 24].map(hour => (
          <span key={hour} class="days-hour" style={{ top: `${(hour / 24) * 100}%` }}>
            <span>{String(hour).padStart(2, '0')}:00</span>
          </span>
        ))}
        <div class="days-plane">
          {boxes.map(({ key, day, top, bottom, title, address, isSession }) => (
            // The tables list the same with links for the keyboard.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions
            <span
              key={`${key} ${day}`}
              class={`days-box${isSession ? ' is-session' : ''}`}
              style={{
                left: `${(day / columns) * 100}%`,
                width: `max(3px, ${80 / columns}%)`,
                top: `${top * 100}%`,
                height: `max(3px, ${(bottom - top) * 100}%)`,
              }}
              title={title}
              onClick={() => goTo(address)}
            />
          ))}
        </div>
        {labels.map(({ day, text }) => (
          <span key={day} class="days-label" style={{ left: `calc(3rem + (100% - 3rem) * ${day / columns})` }}>
            {text}
          </span>
        ))}
      </div>
      <p class="days-legend small">
        <i class="days-key is-session" /> signed in <i class="days-key" /> the visit around it
        {undated > 0 && (
          <span class="soft">{formatCount(undated)} with a clock outside of dates are only in the tables.</span>
        )}
      </p>
    </section>
  )
}

/** About six days with their dates, from the first. */
function toLabels(first: number, count: number): readonly { day: number; text: string }[] {
  const step = Math.max(3, Math.ceil(count / 6))
  const labels: { day: number; text: string }[] = []
  for (let day = 0; day < count; day += step) {
    const date = new Date((first + day) * 86_400_000)
    if (!Number.isNaN(date.getTime())) labels.push({ day, text: formatAxisDay(date.getTime(), count > 300) })
  }
  return labels
}
