import { toTrait } from 'sojourn/record'
import { clockToleranceMs } from '../limits.js'
import { type Listed, orders } from '../store/lists.js'
import type { Automated, Cursor, IdentityFilter, Range } from '../store/store.js'
import { dayMs, toDay } from './dates.js'
import type { CurrentSession, VisitScope } from './found.js'
import { filterNames, type Includable, type Parameter, type ParameterName, parameterTable } from './parameter-table.js'

/** A parameter is invalid. The code is `<its name>-invalid`. */
export class ParameterError extends Error {
  readonly code: string

  constructor(name: string, detail: string) {
    super(`${name} ${detail}`)
    this.name = 'ParameterError'
    this.code = `${name}-invalid`
  }
}

/**
 * How much of a resource's events, pages, sessions or visits to include: nothing, the ids, or the ids and the items.
 */
export type Inclusion = 'none' | 'ids' | 'items'

/**
 * Parses `include_X` and `include_X_detail`.
 *
 * @throws ParameterError if one is neither `true` nor `false`, or if `include_X_detail` is true without `include_X`.
 */
export function parseInclusion(params: URLSearchParams, name: Includable): Inclusion {
  const [plain, detail] = [`include_${name}`, `include_${name}_detail`] as const
  const isPlain = parseBoolean(params, plain)
  const isDetail = parseBoolean(params, detail)
  if (isDetail && !isPlain) throw new ParameterError(detail, `needs ${plain}=true`)
  return isDetail ? 'items' : isPlain ? 'ids' : 'none'
}

/**
 * Parses `age` (seconds), `page_size` and `paging_next`.
 *
 * @param now collector's clock, Unix epoch, ms.
 * @throws ParameterError if one is invalid.
 */
export function parseRange(params: URLSearchParams, listed: Listed, now: number): Range & { readonly limit: number } {
  const { limit, since } = parseSize(params, now)
  const after = parseCursor(params, values => isOf(values, listed))
  return { limit, ...(since === null ? {} : { since }), ...(after ? { after } : {}) }
}

/** Parses `age` and `page_size`. */
function parseSize(params: URLSearchParams, now: number): { readonly limit: number; readonly since: number | null } {
  const age = parseWhole(params, 'age')
  const limit = parseWhole(params, 'page_size') ?? parameterTable.page_size.schema.maximum
  return { limit, since: age === null ? null : now - age * 1000 }
}

/**
 * Parses the range of a list of a whole site: what {@link parseRange} parses, and `since`, `until` and `order`. `since` and
 * `until` are ms or dates. The newest items come first. What
 * claims to come from the future is left out unless `until` asks for it, because it would stand before everything else.
 *
 * @throws ParameterError if one is invalid.
 */
export function parseTimeRange(params: URLSearchParams, listed: Listed, now: number): ReturnType<typeof parseRange> {
  const { since: _, ...range } = parseRange(params, listed, now)
  return { ...range, ...parseTimes(params, now) }
}

/** Parses `age`, `page_size`, `since`, `until` and `order`, as `parseTimeRange` does. */
export function parseTimes(
  params: URLSearchParams,
  now: number,
): { readonly limit: number; readonly since: number; readonly until: number; readonly isDescending: boolean } {
  const { limit, since: young } = parseSize(params, now)
  const since = Math.max(young ?? 0, parseTime(params, 'since') ?? 0)
  const until = parseTime(params, 'until') ?? now + clockToleranceMs
  return { limit, since, until, isDescending: parseText(params, 'order') !== 'asc' }
}

/**
 * Parses a time: a number (Unix epoch, ms), or a date of UTC. The date of `until` is inside as a whole. `null`: it is not
 * given.
 *
 * @throws ParameterError if it is neither.
 */
export function parseTime(params: URLSearchParams, name: 'since' | 'until'): number | null {
  const day = toDay(params.get(name) ?? '')
  if (day !== null) return name === 'until' ? day + dayMs - 1 : day
  return parseWhole(params, name, ', or a date such as 2026-11-01')
}

/** Parses `automated` as a filter. */
export function parseAutomated(params: URLSearchParams): { automated?: Automated } {
  const automated = parseText(params, 'automated') ?? 'exclude'
  return automated === 'include' ? {} : { automated: automated as Automated }
}

/**
 * Parses `open` and `endReason`.
 *
 * @returns whether a session is wanted.
 */
export function parseEnds(params: URLSearchParams): (session: CurrentSession) => boolean {
  const [open, reason] = [parseText(params, 'open'), parseText(params, 'endReason')]
  return ({ endReason }) =>
    (open === null || (endReason === null) === (open === 'true')) && (reason === null || endReason === reason)
}

/**
 * Parses the filters with these names, as far as they are given. `category=all categories` is no filter.
 *
 * @throws ParameterError if a value is none of those that the table of parameters lists.
 */
export function parseFilter<N extends ParameterName>(
  params: URLSearchParams,
  names: readonly N[],
): { [name in N]?: string } {
  const filter: { [name in N]?: string } = {}
  for (const name of names) {
    const value = parseText(params, name)
    if (value !== null && !(name === 'category' && value === 'all categories')) filter[name] = value
  }
  return filter
}

/** Parses the filters for identities. Long values are cut as stored traits are. */
export function parseTraits(params: URLSearchParams): IdentityFilter {
  const given = Object.entries(parseFilter(params, filterNames.identities))
  return Object.fromEntries(given.map(([name, value]) => [name, toTrait(value)]))
}

/**
 * Parses `association`: identities that are signed in, or that were. `null`: both.
 *
 * @throws ParameterError if it is neither.
 */
export function parseAssociation(params: URLSearchParams): VisitScope | null {
  return parseText(params, 'association') as VisitScope | null
}

/** Makes the cursor after an item. It contains only times and generated ids, no personal data. */
export function toCursor(item: object, listed: Listed): string {
  return toCursorText(toValues(item, listed))
}

/** Writes a cursor as a text. */
export function toCursorText(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

/** The values that an item is ordered by. */
export function toValues(item: object, listed: Listed): (string | number)[] {
  return orders[listed].map(name => (item as Record<string, string | number>)[name] as string | number)
}

/**
 * Parses `paging_next`; `null` if it is not given.
 *
 * @param isOurs whether these are the values of a cursor of this list.
 * @throws ParameterError if it is no such cursor.
 */
export function parseCursor<C>(params: URLSearchParams, isOurs: (values: unknown) => values is C): C | null {
  const text = params.get('paging_next')
  if (text === null) return null
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (isOurs(values)) return values
  } catch {
    // A text that is not JSON is not a cursor.
  }
  throw new ParameterError('paging_next', 'is not a cursor of this list')
}

function isOf(values: unknown, listed: Listed): values is Cursor {
  const order = orders[listed]
  const isOurs = (value: unknown, name: string): boolean =>
    /^(timestamp|startDate|serverTimestamp|seq)$/.test(name) ? Number.isSafeInteger(value) : typeof value === 'string'
  return Array.isArray(values) && values.length === order.length && order.every((name, n) => isOurs(values[n], name))
}

/** Reads true or false. @returns false if it is left out. @throws ParameterError if it is something else. */
export function parseBoolean(params: URLSearchParams, name: ParameterName): boolean {
  const value = params.get(name) ?? 'false'
  if (value !== 'true' && value !== 'false') throw new ParameterError(name, 'is true or false')
  return value === 'true'
}

/**
 * Parses a whole number; `null` if it is not given.
 *
 * @param or what else the parameter may be.
 * @throws ParameterError if it is no number, or outside of what the table of parameters says.
 */
export function parseWhole(params: URLSearchParams, name: WholeName, or = ''): number | null {
  const { minimum, maximum } = parameterTable[name].schema
  const text = params.get(name)
  if (text === null) return null
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= minimum && value <= maximum))
    throw new ParameterError(name, `is a whole number from ${minimum} to ${maximum}${or}`)
  return value
}

/**
 * Parses a text; `null` if it is not given.
 *
 * @throws ParameterError if it is none of those that the table of parameters lists.
 */
export function parseText(params: URLSearchParams, name: ParameterName): string | null {
  const value = params.get(name)
  const { schema }: Parameter = parameterTable[name]
  const allowed = schema.type === 'string' ? schema.enum : undefined
  if (value !== null && allowed && !allowed.includes(value))
    throw new ParameterError(name, `is ${allowed.join(' or ')}`)
  return value
}

/** The parameters with a range of numbers. */
type WholeName = {
  [N in ParameterName]: (typeof parameterTable)[N]['schema'] extends { readonly minimum: number } ? N : never
}[ParameterName]
