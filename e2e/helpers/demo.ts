import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'

/** The demo in a process of its own, with a new database. */
export interface RunningDemo {
  /** The address of the shop, without a slash at its end. */
  readonly shop: string
  /** All that it has printed so far. */
  said(): string
  /** Asks the demo's collector for a path of `/v1` or `/backend/data`, and parses the reply. */
  ask<T>(path: string): Promise<T>
  stop(): Promise<void>
}

/** Starts the demo. @param flags as of `npm run demo`. */
export async function startDemo(...flags: string[]): Promise<RunningDemo> {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-demo-'))
  const args = ['demo/serve.mjs', '--port', '0', '--collector-port', '0', '--db', join(folder, 'demo.db'), ...flags]
  const demo: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const shop = await new Promise<string>((resolve, reject) => {
    demo.stdout?.on('data', text => {
      said += String(text)
      const found = /http:\S+?:\d+/.exec(said)
      if (found) resolve(found[0])
    })
    demo.once('exit', code => reject(new Error(`the demo ended with ${code}`)))
  })
  return {
    shop,
    said: () => said,
    async ask<T>(path: string) {
      const response = await fetch(`${shop}/live${path}`)
      expect(response.status, path).toBe(200)
      return (await response.json()) as T
    },
    async stop() {
      const ended = new Promise(resolve => demo.once('exit', resolve))
      demo.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
