import { expect, firefox, type Page } from '@playwright/test'
import { findFirefox } from '../../scripts/browser.mjs'
import { toTab } from './chromium.js'
import type { Browser, BrowserWish, Tab } from './engine.js'
import { type ConsoleLine, findPort, openConsole } from './firefox-console.js'

// The values of `network.cookie.cookieBehavior`: accept all cookies and site data, or none.
const cookieBehavior = { all: 0, none: 2 }

/** Starts Firefox. Playwright opens every tab in a separate window. */
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
      // The limit for all origins together, in KiB; -1 is the default limit.
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
    // Tells Playwright that the browser is gone. It may know already.
    await context.close().catch(() => {})
  }

  async function open(url: string): Promise<Tab> {
    const page = await context.newPage()
    page.on('console', message => heard.push(`console: ${message.type()}: ${message.text()}`))
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
      // Playwright starts the browser in a separate process group, with all of its processes.
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

/** Makes code that opens an empty tab in front of the tab with this address. */
function putInFront(url: string): string {
  return `{
    const windows = [...Services.wm.getEnumerator('navigator:browser')]
    const { gBrowser } = windows.find(({ gBrowser }) => gBrowser.currentURI.spec === ${JSON.stringify(url)})
    gBrowser.selectedTab = gBrowser.addTrustedTab('about:blank')
    0
  }`
}

/** Whether a line of the browser console is about a page, and not about windows and scripts of the browser itself. */
function isOfPage({ source, category }: ConsoleLine): boolean {
  return !category.startsWith('chrome') && !/^(chrome|resource|moz-extension|about):/.test(source)
}

/**
 * Whether the line is one that no page can prevent. Firefox writes it about a failed request, about blocked storage,
 * about a transaction that a slow disk has not finished when its page is left, and about a page that closes as the last
 * page of its process. In a third of such closes Firefox stops even an empty `pagehide` listener of a page without a
 * library.
 */
function isOfAnyPage({ text }: ConsoleLine): boolean {
  return /^Cross-Origin Request Blocked|^Request to access cookie or storage|^An IndexedDB transaction that was not yet complete|^Script terminated by timeout/.test(
    text,
  )
}

/** Whether the line is about code of a test, which Playwright evaluates in the page. */
function isOfStep({ source }: ConsoleLine): boolean {
  return source.endsWith('> eval')
}
