import { randomUUID } from 'node:crypto'
import type { Page } from '@playwright/test'
import type { Tracker } from '../../src/index.js'

declare global {
  interface Window {
    tracker: Tracker
    errors: string[]
  }
}

/** Makes an identity that no other test signs in. */
export const makeIdentity = (): string => `ada-${randomUUID()}`

/** Opens a page and waits until its tracker can keep records. */
export async function openTracker(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => window.tracker?.status().store !== 'opening')
}

/** Signs in. @returns the id of the session, when the collector has it. */
export const signIn = (page: Page, identityId = 'user-42'): Promise<string> =>
  page.evaluate(async id => {
    window.tracker.signIn(id)
    await window.tracker.flush()
    return (await window.tracker.session())?.sessionID as string
  }, identityId)

/** Kills the renderer of the page, as a crash or a lack of memory does. No event fires in the page. */
export async function killRenderer(page: Page): Promise<void> {
  const crashed = new Promise(resolve => page.once('crash', resolve))
  const session = await page.context().newCDPSession(page)
  // The browser never answers, because the page that would answer is killed.
  session.send('Page.crash').catch(() => {})
  await crashed
}

/** The sorted numbers `n` in the data of the events with this name. */
export function numbers(events: readonly { eventName: string; data: unknown }[], eventName: string): number[] {
  return events
    .filter(event => event.eventName === eventName)
    .map(event => (event.data as { n: number }).n)
    .sort((a, b) => a - b)
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
