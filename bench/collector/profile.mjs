// Profiles the collector under load: prints the functions that ran most of the time.

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCollector } from './servers.mjs'

const shown = 40

/** Runs the load on a collector with V8's profiler, and prints the profile of each thread. */
export async function profile({ room, load, connections, ms, warmMs }, store) {
  const folder = mkdtempSync(join(room, 'profile-'))
  const db = store.make('profile')
  const { url, stop, cpuMs } = await startCollector(db, { nodeFlags: ['--cpu-prof', '--cpu-prof-dir', folder] })
  const cpu = cpuMs()
  const { perSecond } = await load.ask('fresh', { url, connections, warmMs, ms, seed: 1 })
  const cores = (cpuMs() - cpu) / (ms + warmMs)
  await stop()
  store.drop(db)
  console.log(`${store.name}: ${Math.round(perSecond)} requests/s under the profiler, ${cores.toFixed(2)} cores`)
  for (const name of readdirSync(folder)) printThread(name, JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

function printThread(name, { nodes, samples, timeDeltas }) {
  const byID = new Map(nodes.map(node => [node.id, node]))
  const selfUs = new Map()
  let busyUs = 0
  for (const [n, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byID.get(id).callFrame
    if (functionName === '(idle)') continue
    busyUs += timeDeltas[n]
    const file = url.replace(/.*\/(?=node_modules\/|dist\/)/, '').replace(/.*node_modules\//, '')
    const key = `${functionName || '(anonymous)'}  ${file ? `${file}:${lineNumber + 1}` : ''}`
    selfUs.set(key, (selfUs.get(key) ?? 0) + timeDeltas[n])
  }
  const totalUs = timeDeltas.reduce((sum, us) => sum + us, 0)
  console.log(
    `\n${name}: busy ${(busyUs / 1e6).toFixed(1)} s of ${(totalUs / 1e6).toFixed(1)} s; parts of the busy time`,
  )
  const top = [...selfUs].sort(([, a], [, b]) => b - a).slice(0, shown)
  for (const [key, us] of top) console.log(`${((100 * us) / busyUs).toFixed(1).padStart(5)} %  ${key}`)
}
