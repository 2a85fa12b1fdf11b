import type { Parameters } from '../api.js'
import { nameEnding } from '../endings.js'
import type { Sort } from '../parts/table.js'

/** The parameters of the address that filter sessions. They are those of the collector. */
export const filterNames = [
  'identityId',
  'since',
  'until',
  'open',
  'endReason',
  'minDuration',
  'maxDuration',
  'complete',
  'url',
  'eventName',
  'automated',
] as const

/** The name of a filter. */
export type FilterName = (typeof filterNames)[number]

/** The filters that are set, by name. */
export type Filters = Readonly<Partial<Record<FilterName, string>>>

/** Reads the filters of an address. An empty one is none. */
export function readFilters(query: URLSearchParams): Filters {
  const given = filterNames.map(name => [name, query.get(name) ?? ''] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

/** What a filter says, as a short sentence. */
export function describeFilter(name: FilterName, value: string): string {
  switch (name) {
    case 'identityId':
      return `identity ${value}`
    case 'since':
      return `from ${value}`
    case 'until':
      return `to ${value}`
    case 'open':
      return toWords({ true: 'open', false: 'ended' }, name, value)
    case 'endReason':
      return nameEnding(value)
    case 'minDuration':
      return `at least ${value} s`
    case 'maxDuration':
      return `at most ${value} s`
    case 'complete':
      return toWords({ true: 'all records stored', false: 'records still owed' }, name, value)
    case 'url':
      return `page ${value}`
    case 'eventName':
      return `event ${value}`
    case 'automated':
      return toWords({ only: 'only automated browsers', include: 'automated browsers too' }, name, value)
  }
}

/** The words for a value. An address may have another value, which the collector will refuse. */
function toWords(words: Readonly<Record<string, string>>, name: FilterName, value: string): string {
  return (Object.hasOwn(words, value) && words[value]) || `${name} ${value}`
}

/** Sessions on one page of the list. */
export const pageSize = 50
/** Pages that Previous can go back to. An address has a cursor for each, so they are bounded. */
const maxTrail = 10

/** Where in the list the page is: the cursors that led there, the newest last, and its number. */
export interface Position {
  readonly trail: readonly string[]
  readonly page: number
}

export function readPosition(query: URLSearchParams): Position {
  const trail = query.getAll('after')
  const page = Number(query.get('page'))
  return { trail, page: trail.length > 0 && Number.isSafeInteger(page) && page > 1 ? page : 1 + trail.length }
}

/** The changes of an address for the next page of a list. */
export function toNext({ trail, page }: Position, cursor: string): Parameters {
  return { after: [...trail, cursor].slice(-maxTrail), page: page + 1 }
}

/** The same for the page before, or `null` if the address does not know it. */
export function toPrevious({ trail, page }: Position): Parameters | null {
  if (trail.length > 1) return { after: trail.slice(0, -1), page: page - 1 }
  return trail.length === 1 && page === 2 ? toFirst : null
}

/** The same for the first page. */
export const toFirst: Parameters = { after: null, page: null }

/** What the list is sorted by, as the address says. */
export function readSort(query: URLSearchParams): Sort {
  return { by: query.get('sort') || 'start', isDescending: query.get('order') !== 'asc' }
}

/** The parameters of the request for a page of the list. */
export function toListParameters(query: URLSearchParams, size = pageSize): Parameters {
  const { by, isDescending } = readSort(query)
  const { trail } = readPosition(query)
  const order = isDescending ? null : 'asc'
  const filters = readFilters(query)
  return { ...filters, sort: by === 'start' ? null : by, order, page_size: size, paging_next: trail.at(-1) ?? null }
}
