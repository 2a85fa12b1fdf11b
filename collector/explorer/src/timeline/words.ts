import { cut, toVisible } from '../parts/text.js'
import { formatDuration, formatSpan, formatTime } from '../parts/time.js'
import type { Event, Page } from './model.js'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const yearMs = 365.25 * dayMs

/**
 * The length of an idle gap in few characters: `14 min idle`, `2 h 05 min idle`. Without much room, as below the bar of a
 * single lane, it is the greatest unit alone: `14 min`, `2 h`, `300 y`.
 */
export function formatGap(ms: number, hasRoom: boolean): string {
  const text = formatLong(ms)
  return hasRoom ? `${text} idle` : text.split(' ').slice(0, 2).join(' ').replace('years', 'y')
}

/** A time of any length: minutes, or the two greatest units, or years. */
export function formatLong(ms: number): string {
  if (ms >= 2 * yearMs) return `${Math.floor(ms / yearMs).toLocaleString('en')} ${ms < 1000 * yearMs ? 'years' : 'y'}`
  const seconds = Math.floor(ms / 1000)
  return ms < 60 * minuteMs ? `${Math.floor(seconds / 60)} min` : formatDuration(seconds)
}

/** The time since the beginning of the picture, as a table shows it. */
export function formatAfter(ms: number): string {
  return ms < 60 * minuteMs ? formatSpan(ms) : formatLong(ms)
}

/**
 * The label of a tick, in the time zone of the browser. It is as exact as the ticks are close, and has the day if that is
 * not the day on which the picture begins.
 */
export function formatTick(at: number, stepMs: number, start: number): string {
  const text = formatTime(at)
  if (text.endsWith(' ms')) return text
  const [day = '', clock = ''] = text.split(' ')
  const [firstDay = ''] = formatTime(start).split(' ')
  const millis = stepMs < 1000 ? `.${String(((Math.round(at) % 1000) + 1000) % 1000).padStart(3, '0')}` : ''
  const shown = stepMs % minuteMs ? clock + millis : clock.slice(0, 5)
  if (day === firstDay) return shown
  return day.slice(0, 4) === firstDay.slice(0, 4) ? `${day.slice(5)} ${shown}` : `${day} ${shown}`
}

/** A text of anybody on one line: harmless, and cut. */
export function shorten(text: string, length: number): string {
  const visible = toVisible(cut(text, length))
  return text.length > length ? `${visible}…` : visible
}

/** The name of a page: its title, else its address without the site. */
export function toPageName({ title, url }: Pick<Page, 'title' | 'url'>): string {
  return shorten(title.trim() || toPath(url) || 'a page', 90)
}

/** The path and query of an address, or all of it. */
export function toPath(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]+(?=[/?#])/i, '')
}

/** Describes a page in a sentence, for people who cannot see the picture. */
export function describePage(page: Page, start: number, end: number, activeMs: number): string {
  return `Page ${toPageName(page)}, from ${formatTime(start)}, for ${formatSpan(end - start)}, active ${formatSpan(activeMs)}`
}

/** Describes the events at one place in a sentence, for people who cannot see the picture. */
export function describeEvents(events: readonly Event[]): string {
  const [first] = events
  if (!first) return ''
  const at = formatTime(first.timestamp)
  const names = countNames(events)
  return events.length === 1 ? `${names}, ${at}` : `${events.length} events from ${at}: ${names}`
}

/** How many names are told. */
const named = 2

/** The two commonest names of events with their numbers: `3 Search, AddToCart and 4 others`. */
export function countNames(events: readonly Event[]): string {
  const counts = new Map<string, number>()
  for (const { eventName } of events) counts.set(eventName, (counts.get(eventName) ?? 0) + 1)
  const all = [...counts].sort((a, b) => b[1] - a[1])
  const texts = all.slice(0, named).map(([name, count]) => (count > 1 ? `${count} ` : '') + shorten(name, 40))
  const others = all.slice(named).reduce((sum, [, count]) => sum + count, 0)
  return texts.join(', ') + (others ? ` and ${others} others` : '')
}
