import { toKey } from '../keys.js'
import { type Listed, orders, tableOf } from '../lists.js'
import { tables } from '../tables.js'
import type { SqlDialect } from './dialect.js'

/** The condition that rows of two tables belong to one site. */
export function isOfSite(one: string, other: string): string {
  return `${one}.site = ${other}.site`
}

/**
 * The column by which a list is ordered. Only `visitID` has no collation by bytes, because Citus distributes rows by it.
 */
export function toColumn(listed: Listed, name: string, byBytes: string): string {
  return `${tableOf(listed)}."${name}"${name === 'visitID' ? byBytes : ''}`
}

/** The value of a cursor as the column holds it. */
export function toOrderValue(listed: Listed, name: string, value: string | number): string | number {
  const isKey = name === 'visitID' || (name === 'sessionID' && listed === 'sessions')
  return isKey ? toKey(String(value)) : value
}

/** The `url` or `title` of a page: as it was corrected last. */
export function pageSeen(name: 'url' | 'title'): string {
  const viewed = name === 'url' ? 'viewUrl' : 'viewTitle'
  return `CASE WHEN pages."viewedAt" > 0 THEN pages."${viewed}" ELSE pages.${name} END`
}

/** The url of an event. Most have none of their own, because it is that of their page. */
export const eventUrl = `CASE WHEN events.url <> '' THEN events.url ELSE coalesce(${pageSeen('url')}, '') END`

/**
 * The present value of a trait: that of the latest time. Nested aggregates are used instead of `LIMIT`, because Citus runs
 * them beside the identity. `|| ''` keeps the database from looking for the greatest value through those of all identities.
 */
export function toTraitValue(schema: string, trait: string): string {
  const of = (alias: string): string =>
    `FROM ${schema}traits AS ${alias} WHERE ${alias}.site = identities.site AND ${alias}."identityId" = identities."identityId" AND ${alias}.trait = '${trait}'`
  return `(SELECT max(told.value || '') ${of('told')} AND told.at = (SELECT max(latest.at) ${of('latest')}))`
}

function toTraitTime(schema: string, trait: string): string {
  return `coalesce((SELECT max(latest.at) FROM ${schema}traits AS latest WHERE latest.site = identities.site AND latest."identityId" = identities."identityId" AND latest.trait = '${trait}'), 0)`
}

/** The beginning of a query for items of a list, up to its `WHERE`. */
export function toSource(
  listed: Listed,
  { schema }: SqlDialect,
  columns = items[tableOf(listed)](schema),
  rows = `${schema}${tableOf(listed)}`,
): string {
  const list = columns.map(([sql, name]) => (name ? `${sql} AS "${name}"` : sql))
  const table = tableOf(listed)
  return `SELECT ${list.join()} FROM ${rows} AS ${table}${joins[table](schema)}`
}

/** Makes the beginning of a query for some columns. @param rows where they are, if not in their table. */
export type Source = (columns?: readonly Column[], rows?: string) => string

/** The columns of the key of a list's table. */
export function keysOf(listed: Listed): readonly Column[] {
  const { columns, keys } = tables.find(one => one.name === tableOf(listed)) as (typeof tables)[number]
  return columns.slice(0, keys).map(name => [`${tableOf(listed)}."${name}"`])
}

/** The beginning of a query for items whose keys were found, with its `WHERE`. @param found a query in parentheses. */
export function toFound(listed: Listed, { schema }: SqlDialect, found: string, source: Source): string {
  const isFound = keysOf(listed).map(([key]) => `${key} = found${key.slice(key.indexOf('.'))}`)
  // The cross join makes SQLite read what was found first.
  return `${source(undefined, `${found} AS found CROSS JOIN ${schema}${tableOf(listed)}`)} WHERE ${isFound.join(' AND ')}`
}

/** The beginning of a query for events with what their visits and sessions say. */
export function toExportSource(dialect: SqlDialect): Source {
  const { schema } = dialect
  const facts: readonly Column[] = [
    identityOfEvent,
    ['sessions."startDate"', 'sessionStartDate'],
    ['visits."startDate"', 'visitStartDate'],
    [`coalesce(visits."userAgent", '')`, 'userAgent'],
    ['visits.automated'],
    ['visits.skew'],
  ]
  return (columns = [...items.events(schema), ...facts], rows) =>
    `${toSource('receipts', dialect, columns, rows)}${toJoinSessions(schema)}`
}

/** The same for the few columns of `LatestEvent`. @param rows where the events are: a query in parentheses. */
export function toLatestSource(dialect: SqlDialect, rows: string): string {
  const { schema } = dialect
  const wanted = /^(events\."(eventID|eventName|timestamp)"|url|visitID|sessionID)$/
  const columns = items.events(schema).filter(([sql, name]) => wanted.test(name ?? sql))
  return `${toSource('receipts', dialect, [...columns, identityOfEvent], rows)}${toJoinSessions(schema)}`
}

/** The beginning of a query for the sizes of items: the bytes of what may be long. The others are short. */
export function toSizeSource(listed: Listed, dialect: SqlDialect): Source {
  const bytes = longTexts[tableOf(listed)].map(one => `coalesce(octet_length(${one}), 0)`)
  const size: Column = [bytes.join(' + ') || '0', 'size']
  return (columns = [size], rows) => toSource(listed, dialect, columns, rows)
}

type Table = Exclude<Listed, 'receipts'>

type Column = readonly [sql: string, name?: string]

const plain = (table: string, names: string): Column[] => names.split(' ').map(name => [`${table}."${name}"`])

const texts = (table: string, names: string): string[] => names.split(' ').map(name => `${table}."${name}"`)

const identityOfEvent: Column = ['coalesce(sessions."longIdentityId", sessions."identityId")', 'identityId']

const longTexts: Readonly<Record<Table, readonly string[]>> = {
  visits: texts('visits', 'userAgent'),
  sessions: [],
  pages: texts('pages', 'url title referrer category viewUrl viewTitle'),
  events: [...texts('events', 'data category'), eventUrl],
  identities: [],
}

/** The columns of each item. Ids that are stored as a hash are read whole. */
const items: Readonly<Record<Table, (schema: string) => readonly Column[]>> = {
  visits: () => [
    ['coalesce(visits."longVisitID", visits."visitID")', 'visitID'],
    ...plain(
      'visits',
      'globalVisitID startDate languageCode userAgent lastActivity skew idleLimitMs automated lead receivedAt',
    ),
  ],
  sessions: () => [
    ['coalesce(sessions."longSessionID", sessions."sessionID")', 'sessionID'],
    ['coalesce(sessions."longIdentityId", sessions."identityId")', 'identityId'],
    visitID('sessions'),
    ...plain('sessions', 'startDate endDate lastActivity endReason lead receivedAt'),
    ...plain('visits', 'skew idleLimitMs'),
  ],
  pages: () => [
    ['pages."pageID"'],
    ['coalesce(entered."longSessionID", pages."sessionID")', 'sessionID'],
    [pageSeen('url'), 'url'],
    [pageSeen('title'), 'title'],
    ...plain('pages', 'referrer category startDate'),
    ['pages."viewedAt" + pages."viewLead"', 'viewedAt'],
    visitID('pages'),
    ['coalesce(entered."longIdentityId", entered."identityId")', 'identityId'],
    ...plain('pages', 'endDate lastActivity lead receivedAt'),
    ['visits.skew'],
  ],
  events: schema => [
    ...plain('events', 'eventID eventType eventName category timestamp writer seq'),
    [eventUrl, 'url'],
    ...plain('events', 'data pageID'),
    visitID('events'),
    [
      // Most sessions have a short id. Only the others are looked up.
      `CASE WHEN length(events."sessionID") > 43 THEN (SELECT max(coalesce(within."longSessionID", within."sessionID")) FROM ${schema}sessions AS within WHERE ${isOfSite('within', 'events')} AND within."visitID" = events."visitID" AND within."sessionID" = events."sessionID") ELSE events."sessionID" END`,
      'sessionID',
    ],
    ...plain('events', 'serverTimestamp activity'),
    [`coalesce(visits."globalVisitID", '')`, 'globalVisitID'],
    [`coalesce(visits."languageCode", '')`, 'languageCode'],
  ],
  identities: schema => [
    ['coalesce(identities."longIdentityId", identities."identityId")', 'identityId'],
    ...plain('identities', 'startDate sessionID'),
    ...['name', 'location', 'userAgent'].map(
      (trait): Column => [`coalesce(${toTraitValue(schema, trait)}, '')`, trait],
    ),
    ...['name', 'location', 'userAgent'].map((trait): Column => [toTraitTime(schema, trait), `${trait}At`]),
  ],
}

const joins: Readonly<Record<Table, (schema: string) => string>> = {
  visits: () => '',
  identities: () => '',
  sessions: schema => toJoinVisits('sessions', schema),
  pages: schema =>
    `${toJoinVisits('pages', schema)} LEFT JOIN ${schema}sessions AS entered ON ${isOfSite('entered', 'pages')} AND entered."visitID" = pages."visitID" AND entered."sessionID" = pages."sessionID"`,
  events: schema =>
    `${toJoinVisits('events', schema)} LEFT JOIN ${schema}pages AS pages ON ${isOfSite('pages', 'events')} AND pages."visitID" = events."visitID" AND pages."pageID" = events."pageID"`,
}

/** The beginning of a query for the times of a list. It reads nothing but an index. */
export function toTimeSource(listed: Listed, { schema }: SqlDialect): string {
  const table = tableOf(listed)
  return `SELECT ${table}."${orders[listed][0]}" AS at FROM ${schema}${table} AS ${table}`
}

function toJoinSessions(schema: string): string {
  return ` LEFT JOIN ${schema}sessions AS sessions ON ${isOfSite('sessions', 'events')} AND sessions."visitID" = events."visitID" AND sessions."sessionID" = events."sessionID"`
}

function visitID(table: string): Column {
  return [`coalesce(visits."longVisitID", ${table}."visitID")`, 'visitID']
}

export function toJoinVisits(table: string, schema: string): string {
  return ` LEFT JOIN ${schema}visits AS visits ON ${isOfSite('visits', table)} AND visits."visitID" = ${table}."visitID"`
}
