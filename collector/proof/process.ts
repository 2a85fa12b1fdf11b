import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { freePort } from '../test/helpers/postgres.js'
import { keepTidy } from '../test/helpers/processes.js'

/** The built command of the collector, or of a mutant on which the proofs must fail. */
export const cli = process.env.SOJOURN_COLLECTOR ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url))

// The collector ends when this process ends in any way, because its input then closes. Its threads load this module
// too.
const leash = `
  import { isMainThread } from 'node:worker_threads'
  if (isMainThread) process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL')).unref()`

/** A collector as operators run it: a process that can be killed and started again, always on the same port. */
export interface Collector {
  readonly url: string
  readonly port: number
  readonly pid: () => number
  /** Kills it with SIGKILL. It finishes and writes nothing more. */
  readonly kill: () => Promise<void>
  /** Starts it with the same options. Resolves when it listens. */
  readonly start: () => Promise<void>
  /** Its log since the last start. */
  readonly log: () => string
  /** Its resident memory, bytes. */
  readonly residentBytes: () => number
}

/**
 * Makes a collector that ends with the test. It is not started yet.
 *
 * @param args more flags.
 * @param uid of the user that it runs as. If left out, the user of this process.
 */
export async function makeCollector(db: string, args: readonly string[] = [], uid?: number): Promise<Collector> {
  const port = await freePort()
  let running: ChildProcess | null = null
  let said = ''

  async function kill(): Promise<void> {
    const child = running
    running = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  onTestFinished(kill)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: () => running?.pid ?? 0,
    kill,
    async start() {
      const node = ['--import', `data:text/javascript,${encodeURIComponent(leash)}`, cli]
      const options = ['--db', db, '--port', String(port), '--host', '127.0.0.1', ...args]
      const child = spawn(process.execPath, [...node, ...options], {
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(uid === undefined ? {} : { uid, gid: uid }),
      })
      running = child
      said = ''
      child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)))
      await new Promise<void>((resolve, reject) => {
        let line = ''
        child.stdout.on('data', (chunk: Buffer) => (line += chunk.toString()).includes('listens on') && resolve())
        child.once('exit', (code, signal) => reject(new Error(`the collector ended with ${code ?? signal}: ${said}`)))
      })
      // A waiting test only sees that there is no answer. This prints the cause.
      child.once('exit', (code, signal) => {
        if (running === child) process.stderr.write(`the collector ended with ${code ?? signal}: ${said}\n`)
      })
    },
    log: () => said,
    residentBytes: () => 1024 * residentKiB(String(running?.pid)),
  }
}

function residentKiB(pid: string): number {
  const status = `/proc/${pid}/status`
  if (existsSync(status)) return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(status, 'utf8'))?.[1])
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', pid], { encoding: 'utf8' }))
}

/** Makes a collector as `makeCollector` does, and starts it. */
export async function startCollector(db: string, args?: readonly string[], uid?: number): Promise<Collector> {
  const collector = await makeCollector(db, args, uid)
  await collector.start()
  return collector
}

/** Makes a folder that is removed after the test, also if this process is interrupted. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-proof-'))
  const keeper = keepTidy(folder)
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
    keeper.end()
  })
  return folder
}
