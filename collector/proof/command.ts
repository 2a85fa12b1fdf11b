import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { cli } from './process.js'

/** A command of the collector that runs as a process of its own. */
export interface RunningCommand {
  /** Kills it with SIGKILL. Resolves when it has ended. */
  readonly kill: () => Promise<void>
  /** Resolves with its exit code, `null` if it was killed, and with all that it printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>
  readonly isRunning: () => boolean
}

/** Starts a command, such as `backup <file> --db <db>`. It ends with the test. */
export function startCommand(...args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  let running = true
  const ended = new Promise<{ code: number | null; text: string }>((resolve, reject) => {
    child.once('error', reject).once('close', code => {
      running = false
      resolve({ code, text })
    })
  })
  async function kill(): Promise<void> {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  return { kill, ended, isRunning: () => running }
}

/**
 * Runs a command to its end, and resolves with what it printed.
 *
 * @throws (rejects) if its exit code is not 0.
 */
export async function runCommand(...args: readonly string[]): Promise<string> {
  const { code, text } = await startCommand(...args).ended
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${text}`)
  return text
}
