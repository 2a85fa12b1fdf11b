// Measures reads: each read of the protocol, on a database with ten sessions and on the filled one, in turns.

import { makeTemplate } from './batches.mjs'
import { eventsPerVisit, freshOf } from './fill.mjs'
import { medianOf } from './report.mjs'
import { startCollector } from './servers.mjs'

const blocks = 6
const perBlock = 40
const smallVisits = 10

/**
 * Every read, some with filters that match nothing. Pages have at most ten items, so that both databases answer alike.
 */
export const routes = [
  '/sessions/{session}',
  '/sessions/{session}?include_events=true&include_pages=true',
  '/sessions/{session}/events?page_size=10',
  '/sessions/{session}/events?page_size=10&eventName=AddToCart',
  '/sessions/{session}/pages?page_size=10',
  '/visits/{visit}',
  '/visits/{visit}/sessions?page_size=10',
  '/visits/{visit}/events?page_size=10',
  '/visits/{visit}/pages?page_size=10',
  '/visits/{visit}/identities?page_size=10',
  '/identities?page_size=5',
  '/identities?page_size=5&location=nowhere',
  '/identities?page_size=5&userAgent=nothing',
  '/identities/{identity}',
  '/identities/{identity}/visits?page_size=10',
  '/identities/{identity}/sessions?page_size=10',
  '/identities/{identity}/events?page_size=10',
  '/identities/{identity}/events?page_size=10&eventName=Nothing',
  '/identities/{identity}/pages?page_size=10',
  '/pages/{page}/events?page_size=10',
]

const [template] = makeTemplate(0)
const { visits, sessions } = JSON.parse(template)
const numberOf = id => Number(id.slice(-9))
const marks = {
  visit: { kind: 'id', number: numberOf(visits[0].visitID) },
  session: { kind: 'id', number: numberOf(sessions[0].sessionID) },
  page: { kind: 'id', number: numberOf(sessions[0].events[5].pageID) },
}

function toPath(route, n, of) {
  const fresh = freshOf(n, of)
  const identity = `user-${fresh({ kind: 'identity' })}@shop.example`
  return route.replace(/\{(\w+)\}/, (_, name) =>
    encodeURIComponent(name === 'identity' ? identity : fresh(marks[name])),
  )
}

/**
 * Reads each route in turns from a small database and from a filled one.
 *
 * @returns a row for each route. `ratio` compares the medians; it is null if a reply was not 200.
 */
export async function compareReads({ load }, store, filled, filledVisits) {
  const small = store.make('small')
  await store.fill(small, smallVisits)
  const sites = [
    { ...(await startCollector(small, { name: 'small' })), visits: smallVisits, of: smallVisits },
    { ...(await startCollector(filled, { name: 'filled' })), visits: filledVisits, of: filledVisits },
  ]
  const rows = []
  for (const [place, route] of routes.entries()) {
    const times = { small: [], filled: [] }
    const statuses = new Set()
    // The first block warms up and is not measured.
    for (let block = 0; block <= blocks; block++)
      for (const { name, url, visits, of } of block % 2 ? sites.toReversed() : sites) {
        // Visits are chosen all over the database, and rarely twice.
        const paths = Array.from({ length: perBlock }, (_, n) => {
          const chosen = ((place * 7919 + block * perBlock + n) * 2_654_435_761) % visits
          return toPath(`/v1${route}`, chosen, of)
        })
        const { latencies, codes } = await load.ask('reads', { url, paths })
        if (block) times[name].push(...latencies)
        for (const code of codes) statuses.add(code)
      }
    const isAnswered = [...statuses].every(code => code === 200)
    const [smallMs, filledMs] = [medianOf(times.small), medianOf(times.filled)]
    const ratio = isAnswered ? filledMs / smallMs : null
    rows.push({ route, smallMs, filledMs, ratio, statuses: [...statuses], goal: 2 })
  }
  for (const { stop } of sites) await stop()
  store.drop(small)
  return rows
}

/** The number of visits that contain so many events. */
export function toVisits(events) {
  return Math.ceil(events / eventsPerVisit)
}
