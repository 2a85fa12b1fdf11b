// Measures ingest: compared with the baseline, for replayed batches, and with ten million events stored.

import { join } from 'node:path'
import { medianOf } from './report.mjs'
import { startBaseline, startCollector } from './servers.mjs'
import { recordsPerBatch } from './settings.mjs'

/**
 * Sends fresh batches to the servers in turn. The order changes each round, so that no server always follows the same
 * one.
 */
async function takeTurns({ load, connections, ms, warmMs }, servers, round, size) {
  const results = {}
  for (const place of servers.keys()) {
    const { name, url, cpuMs, store } = servers[(place + round) % servers.length]
    const [cpu, databaseCpu] = [cpuMs(), store?.cpuMs() ?? 0]
    const result = await load.ask('fresh', { url, connections, warmMs, ms, seed: round, size })
    const toUs = spentMs => (1000 * spentMs) / result.all
    results[name] = { ...result, cpuUs: toUs(cpuMs() - cpu), databaseUs: toUs((store?.cpuMs() ?? 0) - databaseCpu) }
  }
  return results
}

/**
 * Compares each store with the baseline in the same rounds, on new databases. With `against`, another version of the
 * collector takes turns too, on a database of its own.
 *
 * @param size records of one batch.
 * @returns a row for each, with medians over the rounds. `ratio` compares with the baseline of the same round, `ofOld` with
 *   the other version in it.
 */
export async function compareWithBaseline(parts, size = recordsPerBatch) {
  const { room, stores, rounds, against } = parts
  const versions = against ? [{ end: ' old', checkout: against }, { end: '' }] : [{ end: '' }]
  const servers = [await startBaseline(join(room, 'log'))]
  for (const store of stores)
    for (const { end, checkout } of versions) {
      const [name, db] = [store.name + end, store.make(`fresh${end.trim()}${size}`)]
      servers.push({ ...(await startCollector(db, { name, checkout })), store, db })
    }
  const measured = []
  for (let round = 0; round < rounds; round++) measured.push(await takeTurns(parts, servers, round, size))
  for (const { stop } of servers) await stop()
  const rows = servers.map(({ name, store, db }) => {
    const of = key => medianOf(measured.map(round => round[name][key]))
    const toRatios = other => measured.map(round => round[name].perSecond / round[other].perSecond)
    const [ratios, ofOlds] = [toRatios('baseline'), against && store?.name === name ? toRatios(`${name} old`) : null]
    const batches = measured.reduce((sum, round) => sum + round[name].all, 0)
    return {
      name,
      size,
      perSecond: of('perSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      cpuUs: of('cpuUs'),
      databaseUs: of('databaseUs'),
      loadCpu: of('loadCpu'),
      ratio: medianOf(ratios),
      ratios,
      ofOld: ofOlds && medianOf(ofOlds),
      ofOlds,
      bytesPerEvent: store ? store.bytes(db) / batches / size : null,
      goal: size === recordsPerBatch ? (store?.goal ?? null) : null,
    }
  })
  for (const { store, db } of servers) store?.drop(db)
  return rows
}

/** Compares the time for replayed batches with the time for the same batches when they were new. */
export async function compareReplays({ load, stores, rounds, connections, passBatches }) {
  const rows = []
  for (const store of stores) {
    const db = store.make('replay')
    const { url, stop } = await startCollector(db)
    const pass = seed => load.ask('pass', { url, connections, count: passBatches, seed })
    // Two passes to warm up, which are not measured.
    await pass(1000)
    await pass(1000)
    const ratios = []
    for (let round = 0; round < rounds; round++) {
      const first = await pass(round)
      const again = await pass(round)
      ratios.push(again.ms / first.ms)
    }
    await stop()
    store.drop(db)
    rows.push({ name: store.name, ratio: medianOf(ratios), ratios, goal: 1 })
  }
  return rows
}

/**
 * Compares ingest into a filled database with ingest into an empty one. Each round has a new empty database, and new
 * collectors for both.
 *
 * @param filled `--db` of the filled database.
 */
export async function compareFilled(parts, store, filled) {
  const ratios = []
  for (let round = 0; round < parts.rounds; round++) {
    const empty = store.make(`empty${round}`)
    const servers = [await startCollector(empty, { name: 'empty' }), await startCollector(filled, { name: 'filled' })]
    const results = await takeTurns(parts, servers, round)
    ratios.push(results.filled.perSecond / results.empty.perSecond)
    for (const { stop } of servers) await stop()
    store.drop(empty)
  }
  return { name: store.name, ratio: medianOf(ratios), ratios, goal: 0.8 }
}
