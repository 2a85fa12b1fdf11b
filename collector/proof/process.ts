import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { freePort } from '../test/helpers/postgres.js'
import { keepTidy } from '../test/helpers/processes.js'

/** The collector's command, built; or a mutant of it, which the proofs must not pass. */
export const cli = process.env.SOJOURN_COLLECTOR ?? fileURLToPath(new URL('../dist/cli.js', import.meta.url))

// It dies with us, however we end: then its input ends. Its threads load this too.
const leash = `
  import { isMainThread } from 'node:worker_threads'
  if (isMainThread) process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL')).unref()`

/** The collector as operators run it: a process, killed and started at will, always on one port. */
export interface Collector {
  readonly url: string
  readonly port: number
  readonly pid: () => number
  /** SIGKILL: nothing is finished, nothing is written any more. */
  readonly kill: () => Promise<void>
  /** Starts it again with the same options; resolves when it listens. */
  readonly start: () => Promise<void>
  /** What it has told its log since the last start. */
  readonly log: () => string
  /** Memory it holds, bytes. */
  readonly residentBytes: () => number
}

/**
 * Makes a collector that ends with the test, not started yet.
 *
 * @param args further flags.
 * @param uid whom it runs as; ours, unless given.
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
      // Whoever waits for it learns only that nobody answers; this says why.
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

/** The same, started. */
export async function startCollector(db: string, args?: readonly string[], uid?: number): Promise<Collector> {
  const collector = await makeCollector(db, args, uid)
  await collector.start()
  return collector
}

/** A folder that is gone after the test, or after us if we are interrupted. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-proof-'))
  const keeper = keepTidy(folder)
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
    keeper.end()
  })
  return folder
}
