/** A day of UTC, ms. */
export const dayMs = 86_400_000

/**
 * Reads a date such as `2026-11-01`. `null`: it is no date of the calendar, or one before 1970.
 *
 * @returns the first moment of its day in UTC, Unix epoch, ms.
 */
export function toDay(text: string): number | null {
  const [, year, month, day] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return null
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null
  const before = year - 1
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - leapDaysBefore1970
  let days = (year - 1970) * 365 + leapDays + day - 1
  for (let one = 1; one < month; one++) days += daysOf(year, one)
  return days * dayMs
}

/** The days of February 29 from the year 1 to 1969. */
const leapDaysBefore1970 = 477

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
