import type { Parameters } from '../api.js'

/** A day, in ms. */
export const dayMs = 86_400_000

/** Days of UTC, as `2026-11-26`. Both are inside. */
export interface Period {
  readonly since: string
  readonly until: string
  /** How many days it has. */
  readonly days: number
}

/** Periods that end today. */
export const presets: readonly (readonly [days: number, title: string])[] = [
  [1, 'Today'],
  [7, '7 days'],
  [30, '30 days'],
  [90, '90 days'],
  [365, '365 days'],
]

const presetDays = 30

/** Days that the collector counts at most at once. */
export const mostDays = 3660

/** What an address says of the period. `preset` is 0 if it names its days. */
export interface ChosenPeriod {
  readonly period: Period
  readonly preset: number
}

/** Reads the period of an address: the days that it names, or a number of days up to today. Nonsense means 30 days. Of more than `mostDays`, the last ones. */
export function readPeriod(query: URLSearchParams, now: number): ChosenPeriod {
  const [since, until] = [toDay(query.get('since')), toDay(query.get('until'))]
  const today = Math.floor(now / dayMs)
  if (since !== null || until !== null) {
    const last = until ?? today
    const first = since ?? last - presetDays + 1
    return { period: toPeriod(Math.min(first, last), Math.max(first, last)), preset: 0 }
  }
  const asked = Number(query.get('days'))
  const preset = presets.some(([days]) => days === asked) ? asked : presetDays
  return { period: toPeriod(today - preset + 1, today), preset }
}

/** The period of the same length that ends just before. */
export function periodBefore({ since, days }: Period): Period {
  const first = toDay(since) ?? 0
  return toPeriod(first - days, first - 1)
}

/** Whether today is one of its days, which has less than a whole day. */
export function hasToday({ since, until }: Period, now: number): boolean {
  const today = toText(Math.floor(now / dayMs))
  return since <= today && today <= until
}

/** The parameters of a request for a period. */
export const toPeriodParameters = ({ since, until }: Period): Parameters => ({ since, until })

/** The number of a day from 1970; `null` if the text is no day, or is one before. */
function toDay(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text)) return null
  const at = Date.parse(text)
  return at >= 0 ? at / dayMs : null
}

function toPeriod(first: number, last: number): Period {
  const until = Math.max(0, first, last)
  const since = Math.max(0, first, until - mostDays + 1)
  return { since: toText(since), until: toText(until), days: until - since + 1 }
}

const toText = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)

/** How much greater a number is than that of the period before, in words. */
export function formatChange(now: number, before: number): string {
  if (before === 0) return now === 0 ? '' : 'none before'
  const percent = Math.round(((now - before) / before) * 100)
  if (percent === 0) return '±0 %'
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toLocaleString('en')} %`
}

/** A part of a whole: `12 %`, below one percent `0.4 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (part / whole) * 100
  return percent > 0 && percent < 1 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`
}
