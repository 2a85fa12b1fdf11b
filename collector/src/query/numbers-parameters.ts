import { limits } from 'sojourn/record'
import { maxPeriodDays, maxSteps, minSteps, periodDays, rankedRows } from '../limits.js'
import type { Period, Ranked, SessionOrder, SessionQuery, Step } from '../store/numbers.js'
import { dayMs } from './dates.js'
import type { ParameterName } from './parameter-table.js'
import {
  ParameterError,
  parseAutomated,
  parseCursor,
  parseText,
  parseTime,
  parseTimes,
  parseWhole,
  toCursorText,
} from './parameters.js'

/** The last moment that begins a day. Unix epoch, ms. */
const lastDay = Math.floor(Number.MAX_SAFE_INTEGER / dayMs) * dayMs

/** @throws ParameterError if one of these parameters is given twice, because a reader would not know which one counts. */
export function checkOnce(params: URLSearchParams, names: readonly ParameterName[]): void {
  const twice = names.find(name => params.getAll(name).length > 1)
  if (twice !== undefined) throw new ParameterError(twice, 'is given more than once')
}

/**
 * Parses `since`, `until` and `automated` as a period of whole days. A time means its whole day. An `until` that is the
 * first moment of a day ends before that day, so that the period of a reply can be asked for again.
 *
 * @param now collector's clock, Unix epoch, ms. Without `until`, its day is the last one.
 * @throws ParameterError if one is invalid, if the period is empty, or if it is longer than `maxPeriodDays`.
 */
export function parsePeriod(params: URLSearchParams, now: number): Period {
  const [first, last] = [parseTime(params, 'since'), parseTime(params, 'until')]
  const end = last === null ? Math.floor(now / dayMs) + 1 : Math.ceil(last / dayMs)
  const until = Math.min(end * dayMs, lastDay)
  const since = first === null ? Math.max(0, until - periodDays * dayMs) : Math.floor(first / dayMs) * dayMs
  if (since >= until) throw new ParameterError('since', 'is not before until')
  if (until - since > maxPeriodDays * dayMs)
    throw new ParameterError('since', `is more than ${maxPeriodDays} days before until`)
  return { since, until, ...parseAutomated(params) }
}

/**
 * Parses `of`, `by` and `limit`.
 *
 * @throws ParameterError if one is invalid, or if something else than pages is ordered by time.
 */
export function parseRanking(params: URLSearchParams): { of: Ranked; by: 'count' | 'activeMs'; limit: number } {
  const of = (parseText(params, 'of') ?? 'pages') as Ranked
  const by = (parseText(params, 'by') ?? 'count') as 'count' | 'activeMs'
  if (by === 'activeMs' && of !== 'pages') throw new ParameterError('by', 'is activeMs for pages only')
  return { of, by, limit: parseRows(params) }
}

/** Parses `limit`. */
export function parseRows(params: URLSearchParams): number {
  return parseWhole(params, 'limit') ?? rankedRows
}

const longest = {
  eventName: limits.maxNameLength,
  identityId: limits.maxIdentityLength,
  endReason: limits.maxTraitLength,
  property: limits.maxTextLength,
  url: limits.maxTextLength,
  step: limits.maxTextLength,
} as const

/** Parses a text that a record can have. `null`: it is not given. Databases cannot contain NUL. */
function parseStored(params: URLSearchParams, name: 'identityId' | 'endReason' | 'eventName'): string | null {
  const text = params.get(name)
  return text === null ? null : checkStored(name, text)
}

/**
 * Parses a text that a request must have.
 *
 * @throws ParameterError if it is missing, or if no record can have it.
 */
export function parseNeeded(params: URLSearchParams, name: 'eventName' | 'property'): string {
  return checkStored(name, params.get(name) ?? '')
}

function checkStored(name: keyof typeof longest, text: string, max = longest[name]): string {
  if (!text || text.length > max || text.includes('\0'))
    throw new ParameterError(name, `has 1 to ${max} characters, and no NUL`)
  return text
}

/**
 * Parses each `step`.
 *
 * @throws ParameterError if there are too few or too many, or if one is neither an event nor a page.
 */
export function parseSteps(params: URLSearchParams): Step[] {
  const texts = params.getAll('step')
  if (texts.length < minSteps || texts.length > maxSteps)
    throw new ParameterError('step', `is given ${minSteps} to ${maxSteps} times`)
  return texts.map(text => {
    const [, kind, value = ''] = /^(event|page):([^]*)$/.exec(text) ?? []
    if (kind === 'event') return { eventName: checkStored('step', value, limits.maxNameLength) }
    if (kind === 'page') return { url: checkAddress('step', value) }
    throw new ParameterError('step', 'is event:<name>, or page:<address>')
  })
}

/**
 * Parses what sessions are asked for.
 *
 * @param now collector's clock, Unix epoch, ms.
 * @throws ParameterError if one parameter is invalid.
 */
export function parseSessionQuery(params: URLSearchParams, now: number): SessionQuery {
  const order = (parseText(params, 'sort') ?? 'start') as SessionOrder
  const after = parseCursor(params, values => isAfter(values, order))
  const url = params.get('url')
  const [open, complete] = [parseText(params, 'open'), parseText(params, 'complete')]
  return {
    ...parseTimes(params, now),
    ...parseAutomated(params),
    ...given({
      identityId: parseStored(params, 'identityId'),
      minDuration: parseWhole(params, 'minDuration'),
      maxDuration: parseWhole(params, 'maxDuration'),
      open: open === null ? null : open === 'true',
      complete: complete === null ? null : complete === 'true',
      endReason: parseStored(params, 'endReason'),
      url: url === null ? null : checkAddress('url', url),
      eventName: parseStored(params, 'eventName'),
      after: after && ([after[1], after[2], after[3]] as const),
    }),
    now,
    order,
  }
}

/** A cursor names its order, because a position in one order means nothing in another. */
type After = readonly [SessionOrder, number, string, string]

/** Makes the cursor after a position of a list of sessions. */
export function toSessionCursor(order: SessionOrder, after: readonly [number, string, string]): string {
  return toCursorText([order, ...after])
}

function isAfter(values: unknown, order: SessionOrder): values is After {
  if (!Array.isArray(values) || values.length !== 4) return false
  const [name, value, ...ids] = values as unknown[]
  return name === order && Number.isSafeInteger(value) && ids.every(id => typeof id === 'string' && !id.includes('\0'))
}

/** Leaves out what is `null`. */
function given<T extends object>(all: T): { [N in keyof T]?: NonNullable<T[N]> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as never
}

/** Takes query and fragment from an address, as those that are stored. */
function checkAddress(name: 'url' | 'step', url: string): string {
  return checkStored(name, checkStored(name, url).replace(/[?#][^]*$/, ''))
}
