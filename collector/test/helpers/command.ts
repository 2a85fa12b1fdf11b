import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { start } from '../../src/start.js'

/** The built command. */
export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** The variables of this process, without those that tell the tests what to do, of which the command would warn. */
const ownEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SOJOURN_')))

/** Runs the command in this process until it has done its work or listens. It is stopped after the test. */
export async function runWith(args: readonly string[], env: Record<string, string> = {}) {
  const printed: string[] = []
  const warned: string[] = []
  let stop = async (): Promise<void> => undefined
  const code = await start({
    args,
    env,
    print: line => printed.push(line),
    warn: line => warned.push(line),
    onStop: given => (stop = given),
  })
  onTestFinished(() => stop())
  return { code, printed, warned, stop: () => stop(), url: /http:\S+/.exec(printed.join())?.[0] ?? '' }
}

/** Starts the built command in a process of its own, which is killed after the test. */
export function spawnWith(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ownEnv, ...env },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()))
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  const ended = closed.then(([code, signal]) => ({ code, signal, ...said }))
  /** Resolves with the URL when the collector listens. */
  const listens = new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const url = /http:\S+/.exec(said.out)?.[0]
      if (url) resolve(url)
    }
    child.stdout.on('data', look)
    void ended.then(({ err }) => reject(new Error(`the command ended: ${err}`)))
  })
  listens.catch(() => undefined)
  return { child, said, listens, ended }
}
