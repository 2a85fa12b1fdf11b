// What a store takes in a second, beside the baseline in the same round.

import { join } from 'node:path'
import { medianOf } from './report.mjs'
import { startBaseline, startCollector } from './servers.mjs'

/** Goals of the stores: how much of the baseline they keep, at least. */
export const goals = { sqlite: 0.5, postgres: 0.35 }

/**
 * Lets the baseline and each store take fresh batches in turns.
 *
 * @returns a row for each, with medians over the rounds; `ratio` is that of the same round's baseline.
 */
export async function compareIngest({ room, load, connections, rounds, ms, warmMs }) {
  const servers = [
    await startBaseline(join(room, 'log')),
    await startCollector(join(room, 'fresh.db'), { name: 'sqlite' }),
  ]
  const measured = new Map(servers.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    // The order turns with the rounds, so that nobody always runs in the wake of the same one.
    const order = servers.map((_, place) => servers[(place + round) % servers.length])
    for (const { name, url, cpuMs } of order) {
      const cpu = cpuMs()
      const result = await load.ask('fresh', { url, connections, warmMs, ms, seed: round })
      measured.get(name).push({ ...result, cpu: (cpuMs() - cpu) / (ms + warmMs) })
    }
  }
  for (const { stop } of servers) await stop()
  return servers.map(({ name }) => {
    const all = measured.get(name)
    const of = key => medianOf(all.map(one => one[key]))
    const ratios = all.map((one, round) => one.perSecond / measured.get('baseline')[round].perSecond)
    return {
      name,
      perSecond: of('perSecond'),
      p50Ms: of('p50Ms'),
      p99Ms: of('p99Ms'),
      cpu: of('cpu'),
      loadCpu: of('loadCpu'),
      ratio: medianOf(ratios),
      ratios,
      goal: goals[name] ?? null,
    }
  })
}
