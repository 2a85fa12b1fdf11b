import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect } from '@playwright/test'
import { webkitPython } from '../../scripts/browser.mjs'
import type { Browser, BrowserWish, Tab } from './engine.js'

const shell = fileURLToPath(new URL('webkit-shell.py', import.meta.url))

/** A message of the shell: the answer to a command, or a notice. */
interface Said {
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
  readonly notice?: string
  readonly tab?: number
}

interface Waiting {
  readonly tab: number
  readonly isRun: boolean
  readonly resolve: (value: never) => void
  readonly reject: (cause: Error) => void
}

/** Starts `webkit-shell.py`, a small browser with WebKitGTK, on a separate display without a screen. */
export async function openWebkit({ profile, quota, isBlocked }: BrowserWish): Promise<Browser> {
  const heard: string[] = []
  const waiting = new Map<number, Waiting>()
  const closed = new Set<number>()
  const { display, stop } = await startDisplay()
  const wish = { profile, isBlocked, ...(quota && { quotaBytes: quota.bytes }) }
  // A separate process group, so that one signal reaches all of its processes.
  const child = spawn(webkitPython, [shell, JSON.stringify(wish)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  })
  const ended = once(child, 'exit').finally(stop)
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream as Readable }).on('line', line => {
      if (/CONSOLE /.test(line)) heard.push(`console: ${line}`)
    })
  // A killed browser reads no more commands, so writing to it fails.
  child.stdin?.on('error', () => {})

  function take({ id, value, error, notice, tab = 0 }: Said): void {
    const one = waiting.get(id ?? 0)
    waiting.delete(id ?? 0)
    if (one && error !== undefined) one.reject(new Error(error))
    else one?.resolve(value as never)
    if (notice === 'closed') closed.add(tab)
    // A page that leaves may not answer what still runs in it.
    if (notice === 'committed' || notice === 'closed' || notice === 'crashed') leave(tab)
  }

  function leave(tab: number): void {
    for (const [id, one] of waiting)
      if (one.isRun && one.tab === tab) {
        waiting.delete(id)
        one.reject(new Error('the page has left'))
      }
  }

  let count = 0
  function ask<R>(command: string, tab: number, more: object = {}): Promise<R> {
    const id = ++count
    child.stdin?.write(`${JSON.stringify({ id, command, tab, ...more })}\n`)
    return new Promise<R>((resolve, reject) => waiting.set(id, { tab, isRun: command === 'run', resolve, reject }))
  }

  async function open(url: string): Promise<Tab> {
    const tab = await ask<number>('open', 0, { url })
    const run: Tab['run'] = (step, arg) => ask('run', tab, { body: `return (${String(step)})(${JSON.stringify(arg)})` })
    return {
      run,
      load: to => ask('load', tab, { url: to }),
      reload: () => ask('reload', tab),
      back: () => ask('back', tab),
      async hide() {
        await ask('hide', tab)
        await expect.poll(() => run(() => document.visibilityState, null)).toBe('hidden')
      },
      async close() {
        await ask('close', tab)
        await expect.poll(() => closed.has(tab)).toBe(true)
      },
    }
  }

  const gone = (): Promise<void> => ended.then(() => {})

  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdio[3] as Readable }).on('line', line => {
      const said = JSON.parse(line) as Said
      if (said.notice === 'up') resolve()
      else take(said)
    })
    child.once('exit', code => reject(new Error(`WebKit ended with ${code}`)))
  })

  return {
    heard,
    open,
    kill: () => killGroup(child),
    gone,
    async quit() {
      void ask('quit', 0)
      await gone()
      killGroup(child)
    },
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-(pid as number), 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Starts an X server without a screen, on a free display. It ends with the browser that uses it. */
async function startDisplay(): Promise<{ display: string; stop: () => void }> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-terminate', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    let said = ''
    server.stdio[3]?.on('data', chunk => {
      said += String(chunk)
      if (said.includes('\n')) resolve(said.trim())
    })
    server.once('error', reject)
    server.once('exit', code => reject(new Error(`Xvfb ended with ${code}`)))
  })
  return { display: `:${number}`, stop: () => void server.kill() }
}
