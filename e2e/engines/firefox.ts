import { expect, firefox, type Page } from '@playwright/test'
import { findFirefox } from '../../scripts/browser.mjs'
import { toTab } from './chromium.js'
import type { Browser, BrowserWish, Tab } from './engine.js'
import { type ConsoleLine, findPort, openConsole } from './firefox-console.js'

// Cookies and site data: accept all, or refuse all.
const cookieBehavior = { all: 0, none: 2 }

/** Starts Firefox. Every tab is a window of its own, which is how Playwright opens them. */
export async function openFirefox({ profile, quota, isBlocked }: BrowserWish): Promise<Browser> {
  const heard: string[] = []
  const port = await findPort()
  const context = await firefox.launchPersistentContext(profile, {
    channel: 'moz-firefox',
    executablePath: findFirefox() as string,
    headless: true,
    args: [`--start-debugger-server=${port}`],
    firefoxUserPrefs: {
      'devtools.debugger.remote-enabled': true,
      'devtools.debugger.prompt-connection': false,
      'devtools.chrome.enabled': true,
      'browser.sessionstore.resume_from_crash': false,
      'toolkit.startup.max_resumed_crashes': -1,
      'network.cookie.cookieBehavior': isBlocked ? cookieBehavior.none : cookieBehavior.all,
      // In KiB, for all origins together; 0 stands for the usual bound.
      'dom.quotaManager.temporaryStorage.fixedLimit': quota ? Math.ceil(quota.bytes / 1024) : -1,
    },
  })
  const console = await openConsole(port, line => {
    if (isOfPage(line) && !isOfAnyPage(line) && !isOfStep(line)) heard.push(`browser: ${line.text} (${line.source})`)
  })
  const pid = Number(await console.run('Services.appinfo.processID'))

  function isAlive(): boolean {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  async function gone(): Promise<void> {
    await expect.poll(isAlive, { timeout: 20_000 }).toBe(false)
    console.close()
    // Playwright has noticed by itself, or learns of it here.
    await context.close().catch(() => {})
  }

  async function open(url: string): Promise<Tab> {
    const page = await context.newPage()
    page.on('console', message => heard.push(`console: ${message.text()}`))
    await page.goto(url, { waitUntil: 'commit' })
    return {
      ...toTab(page),
      // `page.goBack` waits for a load, which a page from the back/forward cache does not have.
      back: () => page.evaluate(() => history.back()).catch(() => {}),
      async hide() {
        await console.run(putInFront(page.url()))
        await expect.poll(() => visibilityOf(page)).toBe('hidden')
      },
    }
  }

  return {
    heard,
    open,
    kill() {
      // Playwright gives the browser a group of its own, which all of its processes are in.
      process.kill(-pid, 'SIGKILL')
    },
    gone,
    async quit() {
      await context.close()
      await gone()
    },
  }
}

const visibilityOf = (page: Page): Promise<string> => page.evaluate(() => document.visibilityState)

/** Code that opens an empty tab in front of the one that shows this address. */
function putInFront(url: string): string {
  return `{
    const windows = [...Services.wm.getEnumerator('navigator:browser')]
    const { gBrowser } = windows.find(({ gBrowser }) => gBrowser.currentURI.spec === ${JSON.stringify(url)})
    gBrowser.selectedTab = gBrowser.addTrustedTab('about:blank')
    0
  }`
}

/** Whether a line of the browser console is about a page, and not about the browser's own windows and scripts. */
function isOfPage({ source, category }: ConsoleLine): boolean {
  return !category.startsWith('chrome') && !/^(chrome|resource|moz-extension|about):/.test(source)
}

/**
 * Whether Firefox writes such a line about any page: one whose request fails, one that asks for storage where it is blocked,
 * and one that closes as the last of its process. There Firefox stops even an empty `pagehide` listener of a page without a
 * library, in a third of all closes.
 */
function isOfAnyPage({ text }: ConsoleLine): boolean {
  return /^Cross-Origin Request Blocked|^Request to access cookie or storage|^Script terminated by timeout/.test(text)
}

/** Whether the line is about a step of a case, which Playwright evaluates in the page. */
function isOfStep({ source }: ConsoleLine): boolean {
  return source.endsWith('> eval')
}
