import { expect, type Page } from '@playwright/test'

/**
 * Goes back to a page with a tracker. Fails if the page was loaded again, and did not come from the back/forward cache.
 */
export async function comeBack(page: Page): Promise<void> {
  await page.goBack({ waitUntil: 'commit' })
  await expect.poll(() => page.evaluate(() => window.isReturned), 'from the back/forward cache').toBe(true)
}

/** Hides a tab behind a new one and freezes it, as browsers do with hidden tabs. @returns the undo. */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const front = await page.context().newPage()
  await front.bringToFront()
  // `waitForFunction` would not work: it checks with each animation frame, and a hidden tab has none.
  await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  return async () => {
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await page.bringToFront()
    await front.close()
  }
}
