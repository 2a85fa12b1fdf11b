import { type Row, tables } from './tables.js'

/** How many events of each site were new. */
export type AddedCounts = Map<string, { records: number; events: number }>

const columns = tables.find(({ name }) => name === 'events')?.columns ?? []
const places = { site: columns.indexOf('site'), eventType: columns.indexOf('eventType') }

/** Counts an event that was not there before. @param row its row of `events`. */
export function countAdded(added: AddedCounts, row: Row): void {
  const site = row[places.site] as string
  const counts = added.get(site) ?? { records: 0, events: 0 }
  counts.records++
  if (row[places.eventType] === 'BUSINESS') counts.events++
  added.set(site, counts)
}
