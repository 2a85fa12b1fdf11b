import { type Row, tables } from './tables.js'

/** How many events of each site were new. */
export type AddedCounts = Map<string, { records: number; events: number }>

const placesOf = (table: string, ...names: readonly string[]): number[] => {
  const columns = tables.find(({ name }) => name === table)?.columns ?? []
  return names.map(name => columns.indexOf(name))
}
const [eventType] = placesOf('events', 'eventType') as [number]
const [automated] = placesOf('visits', 'automated') as [number]
const visitsPlace = tables.findIndex(({ name }) => name === 'visits')

/** Makes the function that counts an event that was not there before, by its row. @param rows all rows of the merge. */
export function createAddedCount(added: AddedCounts, rows: readonly (readonly Row[])[]): (row: Row) => void {
  const ofRobots = (rows[visitsPlace] ?? []).filter(row => Number(row[automated]) > 0)
  const robots = new Set(ofRobots.map(([site, visitID]) => `${site}\0${visitID}`))
  return row => {
    const [site, visitID] = row as readonly string[] as [string, string]
    const counts = added.get(site) ?? { records: 0, events: 0 }
    counts.records++
    if (row[eventType] === 'BUSINESS' && !(robots.size && robots.has(`${site}\0${visitID}`))) counts.events++
    added.set(site, counts)
  }
}
