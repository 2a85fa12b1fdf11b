import { type NumbersRoute, numbersTable } from './numbers-table.js'
import { type ReadRoute, readTable } from './read-table.js'
import { json, type Route, type RouteReply, refTo, type Schema, tokenErrors } from './route.js'
import { routeTable } from './route-table.js'

/** GWE's format: a list is an array, and its cursor is a header. */
const gwe = {
  toItem: (item: string) => refTo(`gwe-${item}`),
  headers: {
    'Paging-Next': 'The cursors of included lists that have more items: `events=<cursor>, pages=<cursor>`.',
  },
  toList: (item: Schema): RouteReply[] => [
    {
      status: 200,
      description: 'One page of the list.',
      type: json,
      schema: { type: 'array', items: item, minItems: 1 },
      headers: { 'Paging-Next': 'The cursor of the next page. Left out at the end.' },
    },
    { status: 204, description: 'The list is empty, or what was looked at of it. Then there is a `Paging-Next`.' },
  ],
}

/** The formats of replies to reads: where their routes are, and how their items and lists look. */
const formats = [
  {
    base: '/v1',
    tag: 'Reading',
    toName: (name: string) => name,
    toItem: (item: string) => refTo(item),
    headers: undefined,
    toList: toOwnList,
  },
  {
    base: '/v1/sites/{site}',
    tag: 'Reading a site by name',
    toName: (name: string) => `${name}OfSite`,
    toItem: (item: string) => refTo(item),
    headers: undefined,
    toList: toOwnList,
  },
  {
    base: '/backend/data',
    tag: 'Reading in the format of Genesys Web Engagement',
    toName: toGweName,
    ...gwe,
  },
  {
    base: '/v1/sites/{site}/backend/data',
    tag: 'Reading a site by name in the format of Genesys Web Engagement',
    toName: (name: string) => `${toGweName(name)}OfSite`,
    ...gwe,
  },
] as const

function toGweName(name: string): string {
  return `gwe${name[0]?.toUpperCase()}${name.slice(1)}`
}

function toOwnList(item: Schema): RouteReply[] {
  const schema = { allOf: [refTo('list'), { properties: { items: { type: 'array', items: item } } }] }
  return [{ status: 200, description: 'One page of the list.', type: json, schema }]
}

function includes(parameters: readonly string[]): boolean {
  return parameters.some(name => name.startsWith('include_'))
}

function toRoute(
  { path, find, item, isList, parameters, summary }: ReadRoute,
  format: (typeof formats)[number],
): Route {
  const { base, tag, toName, toItem, headers, toList } = format
  const schema = toItem(item)
  return {
    name: toName(find),
    method: 'get',
    path: base + path,
    tag,
    summary,
    access: 'read-token',
    parameters,
    replies: isList
      ? toList(schema)
      : [
          {
            status: 200,
            description: summary,
            type: json,
            schema,
            ...(headers && includes(parameters) && { headers }),
          },
        ],
    errors: errorsOf(base, parameters, path.includes('{') ? ['not-found'] : [], isList || includes(parameters)),
  }
}

/** @param hasTurn whether so many such replies are made at a time. Then one may have to wait too long for its turn. */
function errorsOf(
  base: string,
  parameters: readonly string[],
  notFound: readonly string[],
  hasTurn: boolean,
): Route['errors'] {
  const isNamed = base.includes('{site}')
  const missing = [...notFound, ...(isNamed ? ['unknown-site'] : [])]
  return {
    ...tokenErrors,
    400: [...(isNamed ? [] : ['site-needed']), ...parameters.map(name => `${name}-invalid`)],
    403: [...(isNamed ? ['wrong-site'] : []), ...tokenErrors[403]],
    ...(missing.length ? { 404: missing } : {}),
    503: ['store-failed', ...(hasTurn ? ['busy'] : [])],
  }
}

/** Numbers have our own format only. */
const numbersBases = [
  { base: '/v1', tag: 'Numbers', end: '' },
  { base: '/v1/sites/{site}', tag: 'Numbers of a site by name', end: 'OfSite' },
] as const

function toNumbersRoute(
  { name, path, parameters, needed, schema, summary }: NumbersRoute,
  { base, tag, end }: (typeof numbersBases)[number],
): Route {
  return {
    name: name + end,
    method: 'get',
    path: base + path,
    tag,
    summary,
    access: 'read-token',
    parameters,
    needed,
    replies: [{ status: 200, description: summary, type: json, schema: refTo(`numbers.${schema}`) }],
    errors: errorsOf(base, parameters, [], true),
  }
}

/** Every route of the collector. `/openapi.json` is made from this list. */
export const routes: readonly Route[] = [
  ...Object.entries(routeTable).map(([name, route]) => ({ name, ...route })),
  ...formats.flatMap(format => readTable.map(read => toRoute(read, format))),
  ...numbersBases.flatMap(base => numbersTable.map(one => toNumbersRoute(one, base))),
]
