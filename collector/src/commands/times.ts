import { OptionError } from '../options.js'

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
  const at = /^\d{1,16}$/.test(text) ? Number(text) : isTime(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw new OptionError(`${flag}: write a time as 2027-01-31, 2027-01-31T12:00:00Z or in ms`)
  return at
}
