// Measures the questions about numbers and the list of summaries, on an empty database and on the filled one, in turns.

import { openPostgres, openSqlite } from '../../collector/dist/index.js'
import { columnsOf } from '../../collector/src/store/numbers-tables.ts'
import { createIds } from './batches.mjs'
import { startCollector } from './servers.mjs'
import {
  eventsPerSpreadVisit,
  nameCount,
  pageCount,
  spreadFill,
  toAddress,
  toIdentity,
  toName,
  yearMs,
} from './spread.mjs'

const dayMs = 86_400_000
/** More events than these are copies of what was counted of them, because counting is slower than filling. */
const countedEvents = 200_000
const perQuestion = 40
/** Requests at a time of one database, before the other has its turn. */
const perTurn = 8
export const goalMs = 300

/** The first moment of the period of a request. Its end moves, so that no two requests ask quite the same. */
function periodOf(days, n) {
  const until = (Math.floor(Date.now() / dayMs) - (n % 5) + 1) * dayMs
  return `since=${until - days * dayMs}&until=${until}`
}

const text = encodeURIComponent
const some = (n, count) => createIds(n).random() % count
const steps = (n, count) =>
  Array.from({ length: count }, (_, place) =>
    place % 2 ? `step=${text(`page:${toAddress(some(n + place, 20))}`)}` : `step=event:${toName(some(n + place, 8))}`,
  ).join('&')

/** Every question, as a function of the number of the request. */
const questions = {
  days: () => 'days?',
  durations: () => 'durations?',
  'pages by views': () => 'ranking?of=pages&',
  'pages by active time': () => 'ranking?of=pages&by=activeMs&',
  entries: () => 'ranking?of=entries&',
  exits: () => 'ranking?of=exits&',
  referrers: () => 'ranking?of=referrers&',
  events: () => 'ranking?of=events&',
  properties: n => `properties?eventName=${toName(some(n, nameCount))}&`,
  'values, many': n => `values?property=sku&eventName=${toName(some(n, nameCount))}&`,
  'values, two': n => `values?property=isGift&eventName=${toName(some(n, nameCount))}&`,
  'funnel of 2': n => `funnel?${steps(n, 2)}&`,
  'funnel of 5': n => `funnel?${steps(n, 5)}&`,
  'funnel of the most frequent': () => `funnel?step=event:${toName(0)}&step=page:${text(toAddress(0))}&`,
}

const orders = ['start', 'duration', 'lastActivity', 'pages', 'events']
/** Every filter of the list, with values that match many, few and none. */
const filters = {
  all: () => '',
  identity: (n, visits) => `&identityId=${text(toIdentity(some(n, visits)))}`,
  'no identity': () => '&identityId=nobody',
  '30 days': n => `&${periodOf(30, n)}`,
  'one day': n => `&${periodOf(1, n)}`,
  'long ago': () => '&since=2000-01-01&until=2000-12-31',
  'long ones': () => '&minDuration=3000',
  'none so long': () => '&minDuration=9000000',
  'none so short': () => '&maxDuration=1',
  open: () => '&open=true',
  ended: () => '&open=false',
  'signed out': () => '&endReason=signed-out',
  'other end': () => '&endReason=limit',
  abandoned: () => '&endReason=abandoned',
  complete: () => '&complete=true',
  'not complete': () => '&complete=false',
  'frequent page': n => `&url=${text(toAddress(some(n, 5)))}`,
  'rare page': n => `&url=${text(toAddress(pageCount - 1 - some(n, 50)))}`,
  'unknown page': () => `&url=${text(toAddress('nowhere'))}`,
  'frequent event': n => `&eventName=${toName(some(n, 3))}`,
  'rare event': n => `&eventName=${toName(nameCount - 2 - some(n, 3))}`,
  'unknown event': () => '&eventName=Nothing',
  automated: () => '&automated=only',
  'page and event': n => `&url=${text(toAddress(some(n, 5)))}&eventName=${toName(some(n, 3))}`,
}

/** What kind of question one is, by the beginning of its name. */
const kinds = {
  day: 'visitors and sessions a day, durations',
  duration: 'visitors and sessions a day, durations',
  propert: 'properties of events, and their values',
  value: 'properties of events, and their values',
  funnel: 'funnels of 2 and of 5 steps',
}

function toKind(name) {
  const [, kind] = Object.entries(kinds).find(([begin]) => name.startsWith(begin)) ?? []
  return kind ?? 'pages, entries, exits, referrers and events by count'
}

function toQuestions(visits) {
  const periods = Object.entries(questions).flatMap(([name, ask]) =>
    [30, 365].map(days => ({
      kind: toKind(name),
      name: `${name}, ${days} days`,
      toPath: n => `/${ask(n)}${periodOf(days, n)}`,
    })),
  )
  const lists = orders.flatMap(sort =>
    Object.entries(filters).flatMap(([name, filter]) =>
      (name === 'all' ? ['desc', 'asc'] : ['desc']).map(order => ({
        kind: `the list of sessions: ${orders.length} orders, ${Object.keys(filters).length} filters`,
        name: `sessions by ${sort} ${order}, ${name}`,
        toPath: n => `/sessions?page_size=50&sort=${sort}&order=${order}${filter(n, visits)}`,
      })),
    ),
  )
  return [...periods, ...lists]
}

/** Counts everything that is stored, as the collector does in the background. Returns the seconds that it took. */
async function countAll(db, visits) {
  const open = db.startsWith('postgres') ? openPostgres : openSqlite
  const store = await open(db)
  const { numbers } = store.of('default')
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  for (let next = 20; ; ) {
    const isOver = (await store.digest()) === 'over'
    // Signals are heard between two turns.
    await new Promise(resolve => setImmediate(resolve))
    if (!isOver && seconds() < next) continue
    const { visits: behind } = await numbers.behind()
    if (behind === 0) break
    console.log(`  ${behind} of ${visits} visits do not count yet after ${seconds().toFixed(0)} s`)
    next = seconds() + 20
  }
  const took = seconds()
  await store.close()
  return took
}

/** The statements that make of all that is counted so many times as much. The sessions of copies begin a little later. */
function toCopies(copies, stepMs) {
  const numbers = Array.from({ length: copies - 1 }, (_, n) => `(${n + 1})`).join()
  const later = name => `"${name}" + k * ${Math.floor(stepMs)}`
  const changed = {
    ref: 'ref + k',
    startDate: later('startDate'),
    endDate: `CASE WHEN "endDate" = 0 THEN 0 ELSE ${later('endDate')} END`,
    lastActivity: later('lastActivity'),
    idleAt: later('idleAt'),
  }
  const copy = table => {
    const { all } = columnsOf(table)
    const list = all.map(name => `"${name}"`).join()
    const values = all.map(name => changed[name] ?? `"${name}"`).join()
    return `INSERT INTO ${table} (${list}) WITH copies (k) AS (VALUES ${numbers}) SELECT ${values} FROM ${table} CROSS JOIN copies`
  }
  return [copy('listed'), copy('marks'), `UPDATE totals SET n = n * ${copies}, ms = ms * ${copies}`]
}

/** How long each question takes. */
async function timesOf(load, store, sites, toPath) {
  const times = sites.map(() => [])
  const codes = new Set()
  let cpuMs = 0
  const filledCpuMs = () => sites[1].cpuMs() + store.cpuMs()
  const started = performance.now()
  // The first turn warms up and is not measured. What is far too slow is asked less often.
  for (let turn = -1; turn < perQuestion / perTurn && (turn < 1 || performance.now() - started < 20_000); turn++)
    for (const [place, { url }] of sites.entries()) {
      const paths = Array.from({ length: perTurn }, (_, n) => `/v1/numbers${toPath((turn + 1) * perTurn + n)}`)
      const before = filledCpuMs()
      const said = await load.ask('reads', { url, paths })
      if (turn >= 0) times[place].push(...said.latencies)
      if (turn >= 0 && place === 1) cpuMs += filledCpuMs() - before
      for (const code of said.codes) codes.add(code)
    }
  return { times: times.map(list => list.sort((a, b) => a - b)), codes: [...codes], cpuMs: cpuMs / times[1].length }
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]

/**
 * Asks every question on an empty database and on one with so many events.
 *
 * @returns a row for each question.
 */
export async function measureNumbers({ load, events }, store) {
  const copies = Math.max(1, Math.round(events / countedEvents))
  const visits = Math.ceil(events / copies / eventsPerSpreadVisit)
  const [empty, filled] = [store.make('nothing'), store.make('numbers')]
  await store.fill(filled, visits, spreadFill)
  const rawBytes = store.bytes(filled)
  store.run(filled, [
    'INSERT INTO changed (site, "visitID", since, n) SELECT site, "visitID", "receivedAt", 1 FROM visits',
  ])
  const perSecond = visits / (await countAll(filled, visits))
  const counted = `${visits} visits counted, ${perSecond.toFixed(0)} a second`
  const bytes = [rawBytes, store.bytes(filled) - rawBytes].map(one => `${(one / 1e6).toFixed(0)} MB`)
  console.log(
    `${store.name}: ${counted}; ${bytes[0]}, and ${bytes[1]} of numbers; ${copies} times as many are asked for`,
  )
  if (copies > 1) store.run(filled, toCopies(copies, yearMs / visits / copies))
  const rows = await askAll(load, store, empty, filled, visits)
  store.drop(empty)
  store.drop(filled)
  return rows
}

/**
 * Asks every question on both databases.
 *
 * @param only a part of the names of the questions that are asked.
 */
export async function askAll(load, store, empty, filled, visits, only = '') {
  const sites = [await startCollector(empty, { name: 'empty' }), await startCollector(filled, { name: 'filled' })]
  const rows = []
  for (const { kind, name, toPath } of toQuestions(visits).filter(one => one.name.includes(only))) {
    const { times, codes, cpuMs } = await timesOf(load, store, sites, toPath)
    const [emptyMs, p50Ms, p95Ms] = [at(times[0], 0.5), at(times[1], 0.5), at(times[1], 0.95)]
    rows.push({ kind, name, emptyMs, cpuMs, p50Ms, p95Ms, ratio: p50Ms / emptyMs, codes, goal: goalMs })
    printRow(store.name, rows.at(-1))
  }
  for (const { stop } of sites) await stop()
  return rows
}

function printRow(store, { name, emptyMs, cpuMs, p50Ms, p95Ms, ratio, codes, goal }) {
  const said = codes.length === 1 && codes[0] === 200 ? '' : `, answered ${codes.join(' and ')}`
  const kept = p95Ms <= goal ? '' : ', **missed**'
  const times = `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, CPU ${cpuMs.toFixed(1)} ms`
  console.log(
    `${store.padEnd(9)} ${times}, ${ratio.toFixed(1)} of empty (${emptyMs.toFixed(1)} ms)${kept}${said}  ${name}`,
  )
}
