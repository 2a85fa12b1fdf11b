import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'
import { chromiumArgs, needChromium } from '../../scripts/browser.mjs'

/**
 * A whole browser with a profile on disk, which can be killed as one and started again. It is started by us and not by
 * Playwright, which turns the back/forward cache off and hides the processes.
 */
export interface Browser {
  readonly context: BrowserContext
  /** SIGKILL to all of its processes at once: nobody gets to say another word. */
  kill(): void
  /** Ends when the processes are gone. */
  close(): Promise<void>
}

export const makeProfile = (): string => mkdtempSync(join(tmpdir(), 'sojourn-profile-'))

export const removeProfile = (profile: string): void =>
  rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

/** @param flags further switches, such as `--incognito`. */
export async function openBrowser(profile: string, flags: readonly string[] = []): Promise<Browser> {
  const args = [
    ...chromiumArgs,
    '--headless=new',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    '--no-default-browser-check',
    '--disable-session-crashed-bubble',
    '--disable-hang-monitor',
    '--disable-popup-blocking',
    '--use-mock-keychain',
    '--password-store=basic',
    ...flags,
    'about:blank',
  ]
  // A group of its own, so that one signal reaches all of its processes.
  const child = spawn(needChromium(), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const address = await addressOf(child)
  const browser = await chromium.connectOverCDP(address)
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return {
    context: browser.contexts()[0] as BrowserContext,
    kill: () => signal('SIGKILL'),
    async close() {
      // As a person closes it: pages hear of it, and what the profile holds is written.
      const session = await browser.newBrowserCDPSession().catch(() => null)
      await session?.send('Browser.close').catch(() => {})
      const timer = setTimeout(() => signal('SIGKILL'), 10_000)
      await gone
      clearTimeout(timer)
      signal('SIGKILL')
    },
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', chunk => {
      said += String(chunk)
      const found = /DevTools listening on (ws:\S+)/.exec(said)
      if (found) resolve(found[1] as string)
    })
    child.once('exit', code => reject(new Error(`the browser ended with ${code}: ${said.slice(-500)}`)))
  })
}
