import { OptionError } from '../options.js'
import { toDay } from '../query/dates.js'

/** Whether a text looks like a time that `parseTime` takes. */
export function isTime(text: string): boolean {
  return /^\d{1,16}$/.test(text) || /^\d{4}-\d\d-\d\d(T.*)?$/.test(text)
}

/**
 * Reads a time that a flag gives: a date, a time of ISO 8601, or Unix epoch in ms.
 *
 * @throws OptionError if it is none.
 */
export function parseTime(flag: string, text: string): number {
  const at = /^\d{1,16}$/.test(text) ? Number(text) : parseMoment(text)
  if (Number.isNaN(at)) throw new OptionError(`${flag}: write a time as 2027-01-31, 2027-01-31T12:00:00Z or in ms`)
  return at
}

/**
 * Reads a day of UTC such as `2027-01-31`, or a time of ISO 8601.
 *
 * @returns Unix epoch, ms; `NaN` if it is neither. `Date.parse` alone takes February 31 for March 3.
 */
export function parseMoment(text: string): number {
  const [day = '', time] = text.split(/(?=T)/)
  const at = toDay(day)
  if (at === null || time === undefined) return at ?? Number.NaN
  return Date.parse(text)
}
