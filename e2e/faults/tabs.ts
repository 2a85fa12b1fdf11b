import { expect, type Page } from '@playwright/test'

/** Goes back in the history to a page of the tracker; fails if it was loaded anew and did not come from the back/forward cache. */
export async function comeBack(page: Page): Promise<void> {
  await page.goBack({ waitUntil: 'commit' })
  await expect.poll(() => page.evaluate(() => window.isReturned), 'from the back/forward cache').toBe(true)
}

/** Hides a tab behind a new one and freezes it, as browsers do with tabs that nobody looks at; gives what thaws it. */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const front = await page.context().newPage()
  await front.bringToFront()
  // Not `waitForFunction`: it looks at each frame, and a hidden tab draws none.
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  return async () => {
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await page.bringToFront()
    await front.close()
  }
}
