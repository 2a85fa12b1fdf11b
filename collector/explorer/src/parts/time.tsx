import type { JSX } from 'preact'

const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

/**
 * A moment as `2026-11-26 18:32:44`, in the time zone of the browser. Beyond what dates can say, and outside of the years
 * 1 to 9999: the number of ms itself, because a wrong clock is a fact too.
 */
export function formatTime(at: number, withSeconds = true): string {
  const date = new Date(at)
  const year = date.getFullYear()
  if (!(year >= 1 && year <= 9999)) return `${at} ms`
  const seconds = withSeconds ? `:${pad(date.getSeconds())}` : ''
  return `${pad(year, 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}${seconds}`
}

/** The time of day as `18:32:44`, in the time zone of the browser; the number itself as in `formatTime`. */
export function formatClock(at: number): string {
  const text = formatTime(at)
  return text.endsWith(' ms') ? text : text.slice(11)
}

/** Whether two moments are on one day, in the time zone of the browser. */
export function isSameDay(one: number, other: number): boolean {
  const [day, otherDay] = [one, other].map(at => new Date(at).toDateString())
  return day === otherDay
}

/** The time of day if that is today, and else the day before it: `11-26 18:32`, in the time zone of the browser. */
export function formatRecent(at: number, now: number): string {
  const text = formatTime(at)
  if (text.endsWith(' ms') || text.slice(0, 10) === formatTime(now).slice(0, 10)) return formatClock(at)
  return text.slice(0, 4) === formatTime(now).slice(0, 4) ? text.slice(5, 16) : text.slice(0, 10)
}

/** A day of UTC as `2026-11-26`; the number itself as in `formatTime`. */
export function formatDay(at: number): string {
  const date = new Date(at)
  const year = date.getUTCFullYear()
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, 10) : `${at} ms`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A day of UTC for an axis: `26 Nov`, and with its year `Nov 2026`. */
export function formatAxisDay(at: number, withYear = false): string {
  const date = new Date(at)
  const month = months[date.getUTCMonth()] ?? ''
  return withYear ? `${month} ${date.getUTCFullYear()}` : `${date.getUTCDate()} ${month}`
}

/** The time zone of the browser at a moment, as it differs from UTC: `UTC+9`, `UTC−3:30`. */
export function formatZone(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset()
  const rest = Math.abs(minutes) % 60
  const sign = minutes < 0 ? '−' : '+'
  return minutes === 0 ? 'UTC' : `UTC${sign}${Math.floor(Math.abs(minutes) / 60)}${rest ? `:${pad(rest)}` : ''}`
}

/** A duration by its two greatest units: `12 s`, `3 min 20 s`, `1 h 02 min`, `4 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds)
  const whole = Math.floor(Math.abs(seconds))
  const sign = seconds < 0 ? '−' : ''
  if (whole < 60) return `${sign}${whole} s`
  if (whole < 3600) return `${sign}${Math.floor(whole / 60)} min ${pad(whole % 60)} s`
  if (whole < 86400) return `${sign}${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`
  const days = Math.floor(whole / 86400)
  return `${sign}${formatCount(days)} d ${Math.floor((whole % 86400) / 3600)} h`
}

/** A short span of time: `85 ms`, `1.4 s`, and above ten seconds as `formatDuration`. */
export function formatSpan(ms: number): string {
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`
  return Math.abs(ms) < 10_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms / 1000)
}

/** A count with thin groups: `12,408`. */
export const formatCount = (count: number): string => count.toLocaleString('en')

interface TimeProps {
  /** Unix epoch, ms. */
  readonly at: number
  /** `clock`: only the time of day. `recent`: see `formatRecent`. */
  readonly as?: 'time' | 'minute' | 'clock' | 'recent'
}

/** A moment in the time zone of the browser, with that of UTC in its title. */
export function Time({ at, as = 'time' }: TimeProps): JSX.Element {
  const forms = {
    time: formatTime,
    minute: () => formatTime(at, false),
    clock: formatClock,
    recent: () => formatRecent(at, Date.now()),
  }
  const text = forms[as](at)
  if (text.endsWith(' ms'))
    return (
      <span class="number" title="The clock of this device was outside of what dates can say.">
        {text}
      </span>
    )
  const utc = new Date(at).toISOString()
  return (
    <time class="number" dateTime={utc} title={`${utc.slice(0, 10)} ${utc.slice(11, 23)} UTC`}>
      {text}
    </time>
  )
}

/** A duration in seconds, see `formatDuration`. */
export function Duration({ seconds }: { readonly seconds: number }): JSX.Element {
  return <span class="number">{formatDuration(seconds)}</span>
}
