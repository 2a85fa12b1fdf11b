import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { openBrowser } from '../faults/browser.js'
import { isNetworkLine } from '../faults/house.js'
import type { Browser, BrowserWish, Tab } from './engine.js'

/** Starts Chromium. */
export async function openChromium({ profile, quota, isBlocked }: BrowserWish): Promise<Browser> {
  const heard: string[] = []
  if (isBlocked) blockStorage(profile)
  const browser = await openBrowser(profile)
  const { context } = browser
  if (quota) {
    // The limit holds as long as this debugger session is open.
    const session = await context.newCDPSession(context.pages()[0] ?? (await context.newPage()))
    await session.send('Storage.overrideQuotaForOrigin', { origin: quota.origin, quotaSize: quota.bytes })
  }

  async function open(url: string): Promise<Tab> {
    const page = await context.newPage()
    page.on('pageerror', error => heard.push(`exception: ${error.message}`))
    page.on('console', message => {
      if (!isNetworkLine(message.text())) heard.push(`console: ${message.text()}`)
    })
    await page.goto(url, { waitUntil: 'commit' })
    return {
      ...toTab(page),
      back: async () => void (await page.goBack({ waitUntil: 'commit' })),
      async hide() {
        const front = await context.newPage()
        await front.bringToFront()
        await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
      },
    }
  }

  return {
    heard,
    open,
    kill: browser.kill,
    gone: browser.close,
    quit: browser.close,
  }
}

/** The actions of a tab that are the same in every browser that Playwright drives. */
export function toTab(page: Page): Omit<Tab, 'back' | 'hide'> {
  return {
    run: (step, arg) => page.evaluate(step as never, arg) as never,
    load: async url => void (await page.goto(url, { waitUntil: 'commit' })),
    reload: async () => void (await page.reload({ waitUntil: 'commit' })),
    async close() {
      await page.close({ runBeforeUnload: true })
      await expect.poll(() => page.isClosed()).toBe(true)
    },
  }
}

/** Makes a new profile with the setting "block all site data". */
function blockStorage(profile: string): void {
  const folder = join(profile, 'Default')
  mkdirSync(folder, { recursive: true })
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } }
  writeFileSync(join(folder, 'Preferences'), JSON.stringify(preferences))
}
