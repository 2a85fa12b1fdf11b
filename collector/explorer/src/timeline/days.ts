/** A span of time within one day. */
export interface DayPart {
  /** The day, counted from the first. */
  readonly day: number
  /** Where it begins and ends within the day, from 0 to 1. */
  readonly top: number
  readonly bottom: number
}

const dayMs = 86_400_000

/** The greatest time that dates can say, Unix epoch, ms. */
const lastDate = 8.64e15

/** Whether dates can say a time in a year of four digits. */
export function isDated(at: number): boolean {
  return at >= 0 && at < Math.min(lastDate, Date.UTC(9999, 0))
}

/** The number of the day of a time, in the time zone of the browser. */
export function toDay(at: number): number {
  const date = new Date(at)
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs)
}

/**
 * Splits a span of time by days of the time zone of the browser, at most 60 of them: a span that long comes from a wrong
 * clock.
 *
 * @param firstDay the day that is counted as 0, see `toDay`.
 */
export function toDayParts(start: number, end: number, firstDay: number): readonly DayPart[] {
  const parts: DayPart[] = []
  const [from, to] = [toDay(start), Math.min(toDay(Math.max(start, end)), toDay(start) + 59)]
  for (let day = from; day <= to; day++) {
    const top = day === from ? shareOfDay(start) : 0
    const bottom = day === toDay(Math.max(start, end)) ? shareOfDay(Math.max(start, end)) : 1
    parts.push({ day: day - firstDay, top, bottom: Math.max(top, bottom) })
  }
  return parts
}

function shareOfDay(at: number): number {
  const date = new Date(at)
  return (date.getHours() * 60 + date.getMinutes() + date.getSeconds() / 60) / (24 * 60)
}
