// Measures what the join of fresh batches and the count of their visits cost a store, in CPU: without HTTP, without parsing, in
// this process alone. Wall time says nothing on a shared machine; CPU says a little less there than on a quiet one, so
// versions take turns and medians are compared.

import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { createFresh, createIds, cutAtMarks, makeTemplate, templateCount } from './batches.mjs'
import { medianOf } from './report.mjs'
import { cpuMsOfOne } from './servers.mjs'
import { spreadFill } from './spread.mjs'

/** Batches that one merge joins, as under load. */
const groupBatches = 16
/** Merges of one turn. Those of the first turn warm up. */
const turnMerges = 60
/** Visits of one turn of counting, and of all turns. */
const visitsPerTurn = 400
const spreadVisits = 20_000

/** Makes batches one after another. Three of four begin a visit, the fourth continues the visit before it. */
function createBodies(seed, size) {
  const kinds = Array.from({ length: templateCount }, (_, n) => makeTemplate(n, size).map(cutAtMarks))
  const ids = createIds(seed)
  let [turn, place, fresh] = [0, 0, null]
  return () => {
    const goesOn = place === 3
    place = (place + 1) % 4
    if (!goesOn) {
      turn = (turn + 1) % kinds.length
      fresh = createFresh(ids, Date.now() - 200_000)
    }
    const { literals, marks } = kinds[turn][goesOn ? 1 : 0]
    return literals.reduce((body, literal, n) => body + fresh(marks[n - 1]) + literal)
  }
}

const spreadTemplates = Array.from({ length: templateCount }, (_, n) => spreadFill.make(n).map(cutAtMarks))

/** A version of the collector: what it parses with, and how it opens its stores. */
async function load(checkout) {
  const from = path => import(pathToFileURL(join(checkout, path)).href)
  const { parseBatch } = await from('dist/esm/record.js')
  const { foldArrivals, openSqlite, openPostgres } = await from('collector/dist/index.js')
  return { parseBatch, foldArrivals, openSqlite, openPostgres }
}

/** CPU of this process, and of the backends that serve a database, ms. */
function createClock(store, db) {
  const ownMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000
  return () => [ownMs(), (store.pidsOf?.(db) ?? []).reduce((sum, pid) => sum + cpuMsOfOne(pid), 0)]
}

/** Runs some work, and gives its CPU in µs for each of `count`: of this process, and of the database. */
async function measure(clock, count, work) {
  const before = clock()
  await work()
  return clock().map((ms, n) => (1000 * (ms - before[n])) / count)
}

async function measureMerges(subject, makeBody) {
  const { version, opened, clock, results } = subject
  const groups = Array.from({ length: turnMerges }, () =>
    Array.from({ length: groupBatches }, () => ({
      site: 'default',
      receivedAt: Date.now(),
      batch: version.parseBatch(makeBody()),
    })),
  )
  const count = turnMerges * groupBatches
  subject.batches += count
  const [own, database] = await measure(clock, count, async () => {
    for (const group of groups) await opened.merge(group)
  })
  const [fold] = await measure(clock, count, () => {
    for (const group of groups) version.foldArrivals(group)
  })
  results.push({ own, database, all: own + database, fold })
}

/** Opens a store of each version on a new database. */
async function openSubjects(store, { against, room }, label) {
  const versions = [...(against ? [{ end: ' old', checkout: against }] : []), { end: '', checkout: process.cwd() }]
  const subjects = []
  for (const { end, checkout } of versions) {
    const version = await load(checkout)
    const db = store.make(`${label}${end.trim()}`, room)
    const opened = await (store.name === 'sqlite' ? version.openSqlite(db) : version.openPostgres(db))
    const subject = {
      name: store.name + end,
      db,
      version,
      opened,
      clock: createClock(store, db),
      results: [],
      batches: 0,
    }
    subjects.push(subject)
  }
  return subjects
}

/** A row for each subject, with medians over the rounds but the first. */
function toRows(subjects, whole, toRow) {
  const [first] = subjects
  return subjects.map(one => {
    const results = one.results.slice(1)
    const ratios = results.map((result, n) => result[whole] / first.results[n + 1][whole])
    const row = toRow(key => medianOf(results.map(result => result[key])), one)
    return { name: one.name, ...row, ofOld: one === first ? null : medianOf(ratios) }
  })
}

/** Compares the CPU of joining a batch of fresh events. */
export async function compareMerges({ stores, rounds, against, room }, size) {
  const rows = []
  for (const store of stores) {
    const subjects = await openSubjects(store, { against, room }, `merge${size}`)
    const bodies = subjects.map((_, n) => createBodies(n + 1, size))
    for (let round = 0; round <= rounds; round++)
      for (let n = 0; n < subjects.length; n++) {
        const at = (n + round) % subjects.length
        await measureMerges(subjects[at], bodies[at])
      }
    for (const one of subjects) await one.opened.close()
    rows.push(
      ...toRows(subjects, 'all', (of, { db, batches }) => ({
        what: `a batch of ${size} events`,
        cpuUs: of('own'),
        databaseUs: of('database'),
        foldUs: of('fold'),
        bytesPerEvent: store.bytes(db) / batches / size,
      })),
    )
    for (const { db } of subjects) store.drop(db)
  }
  return rows
}

/** Merges the first or the second batch of some visits. */
async function mergeSpread({ version, opened }, from, which) {
  for (let n = from; n < from + visitsPerTurn; n += groupBatches) {
    const group = Array.from({ length: groupBatches }, (_, place) => {
      const { literals, marks } = spreadTemplates[(n + place) % templateCount][which]
      const fresh = spreadFill.fresh(n + place, spreadVisits)
      const body = literals.reduce((text, literal, at) => text + fresh(marks[at - 1]) + literal)
      return { site: 'default', receivedAt: Date.now(), batch: version.parseBatch(body) }
    })
    await opened.merge(group)
  }
}

/** Compares the CPU of counting a visit for the first time, and again after its second batch. */
export async function compareCounts({ stores, rounds, against, room }) {
  const rows = []
  for (const store of stores) {
    const all = await openSubjects(store, { against, room }, 'count')
    // A version before the numbers counts nothing.
    const subjects = all.filter(({ opened }) => 'digest' in opened)
    for (let round = 0; round <= rounds; round++)
      for (let n = 0; n < subjects.length; n++) {
        const subject = subjects[(n + round) % subjects.length]
        const { opened, clock, results } = subject
        const result = {}
        for (const [which, name] of ['first', 'again'].entries()) {
          await mergeSpread(subject, round * visitsPerTurn, which)
          const [own, database] = await measure(clock, visitsPerTurn, async () => {
            while ((await opened.digest()) === 'more');
          })
          Object.assign(result, { [name]: own + database, [`${name}Own`]: own, [`${name}Database`]: database })
        }
        results.push(result)
      }
    for (const which of ['first', 'again'])
      rows.push(
        ...toRows(subjects, which, of => ({
          what: `counting a visit, ${which === 'first' ? 'the first time' : 'again'}`,
          cpuUs: of(`${which}Own`),
          databaseUs: of(`${which}Database`),
        })),
      )
    for (const one of all) await one.opened.close()
    for (const { db } of all) store.drop(db)
  }
  return rows
}

/** Prints the rows of both. */
export function printCosts(rows) {
  for (const { name, what, cpuUs, databaseUs, foldUs, bytesPerEvent, ofOld } of rows) {
    const cpu = `${cpuUs.toFixed(0)}${databaseUs ? ` + ${databaseUs.toFixed(0)}` : ''} µs`
    const fold = foldUs ? ` (fold ${foldUs.toFixed(0)})` : ''
    const bytes = bytesPerEvent ? `, ${bytesPerEvent.toFixed(0)} bytes an event` : ''
    const old = ofOld ? `, of the old ${ofOld.toFixed(2)}` : ''
    console.log(`${name.padEnd(12)} ${what}: CPU ${cpu}${fold}${bytes}${old}`)
  }
}
