// Starts the measured servers and the load, each in a process of its own.

import { fork, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = path => fileURLToPath(new URL(path, import.meta.url))

/** Starts the bare endpoint that appends to a log. */
export function startBaseline(log) {
  return start('baseline', [here('./baseline.mjs'), log])
}

const own = here('../..')

/**
 * Starts the built collector.
 *
 * @param checkout the folder of the version that is started; default: this one.
 */
export function startCollector(db, { nodeFlags = [], name = 'collector', checkout = own } = {}) {
  return start(name, [
    ...nodeFlags,
    join(checkout, 'collector/dist/cli.js'),
    '--db',
    db,
    '--port',
    '0',
    '--host',
    '127.0.0.1',
  ])
}

/** Ends a child process when this process exits. */
export function endWithUs(child, signal = 'SIGTERM') {
  const end = () => child.kill(signal)
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
}

/** Starts a server and waits until it prints its URL. `stop` ends it. */
async function start(name, args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  endWithUs(child)
  const exited = new Promise(resolve => child.once('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', line => {
      const [found] = /http:\/\/\S+/.exec(line) ?? []
      if (found) resolve(found)
    })
    void exited.then(code => reject(new Error(`${name} ended with ${code} before it listened`)))
  })
  return {
    name,
    url,
    cpuMs: () => cpuMsOf(child.pid),
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/**
 * Reads the CPU time of a process and its children, in ms. NaN if this is not Linux. A child that has ended counts
 * after its parent has waited for it.
 */
export function cpuMsOf(pid) {
  try {
    const parent = readStat(pid)
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const ticks = (children ? children.split(' ') : []).map(child => readStat(child))
    const sum = fields => Number(fields[11]) + Number(fields[12])
    // Linux reports ticks of 10 ms to programs, whatever the kernel uses.
    return 10 * (sum(parent) + Number(parent[13]) + Number(parent[14]) + ticks.reduce((all, one) => all + sum(one), 0))
  } catch {
    return Number.NaN
  }
}

/** Reads the CPU time of a process alone, in ms. 0 if it has ended. NaN if this is not Linux. */
export function cpuMsOfOne(pid) {
  try {
    const fields = readStat(pid)
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return process.platform === 'linux' ? 0 : Number.NaN
  }
}

function readStat(pid) {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
}

/** Starts the load process. `ask` sends a task to it, and resolves with the measurements. */
export async function startLoad() {
  const child = fork(here('./load.mjs'))
  const asked = new Map()
  let ids = 0
  await new Promise((resolve, reject) => {
    child.once('exit', code => {
      const error = new Error(`the load ended with ${code}`)
      reject(error)
      for (const { reject: tell } of asked.values()) tell(error)
    })
    child.on('message', ({ ready, id, result, error }) => {
      if (ready) return resolve()
      const one = asked.get(id)
      asked.delete(id)
      if (error) one.reject(new Error(error))
      else one.resolve(result)
    })
  })
  return {
    ask: (kind, rest) =>
      new Promise((resolve, reject) => {
        asked.set(++ids, { resolve, reject })
        child.send({ id: ids, kind, ...rest })
      }),
    stop: () => child.disconnect(),
  }
}
