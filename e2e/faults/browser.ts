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
  /** SIGKILL to the processes of all pages, as where memory is short; the browser lives on. */
  killRenderers(): Promise<void>
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
  // Without Playwright's own settings tabs are hidden and shown as a person's are; with them all are for ever in front,
  // and can neither be hidden nor frozen.
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
      // Until the browser has noticed, it may give one of them to the next page.
      while ((await renderers()).some(id => killed.includes(id)));
      await session.detach()
    },
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
