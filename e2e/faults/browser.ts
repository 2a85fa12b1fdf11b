import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'
import { chromiumArgs, needChromium } from '../../scripts/browser.mjs'

/**
 * A whole browser with a profile on disk. A test can kill it and start it again. This file starts it, and not
 * Playwright, because Playwright turns the back/forward cache off and hides the processes.
 */
export interface Browser {
  readonly context: BrowserContext
  /** Sends SIGKILL to all of its processes at once. No page runs another task. */
  kill(): void
  /** Sends SIGKILL to the processes of all pages, as a lack of memory does. The browser itself goes on. */
  killRenderers(): Promise<void>
  /** Closes the browser. Resolves when the processes are gone. */
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
  // A separate process group, so that one signal reaches all of its processes.
  const child = spawn(needChromium(), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const address = await addressOf(child)
  // With Playwright's default settings all tabs are always visible, and cannot be hidden or frozen.
  const browser = await chromium.connectOverCDP(address, { noDefaults: true })
  const signal = (name: NodeJS.Signals, pid = -(child.pid as number)): void => {
    try {
      process.kill(pid, name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  return {
    context: browser.contexts()[0] as BrowserContext,
    kill: () => signal('SIGKILL'),
    async killRenderers() {
      const session = await browser.newBrowserCDPSession()
      const renderers = async (): Promise<number[]> => {
        const { processInfo } = await session.send('SystemInfo.getProcessInfo')
        return processInfo.flatMap(({ type, id }) => (type === 'renderer' ? id : []))
      }
      const killed = await renderers()
      for (const id of killed) signal('SIGKILL', id)
      // Until the browser notices that they are gone, it may assign one of them to the next page.
      while ((await renderers()).some(id => killed.includes(id)));
      await session.detach()
    },
    async close() {
      // Closes the browser as a person does: pages get their events, and the profile is written to disk.
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
