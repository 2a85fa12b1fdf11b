import { expect, type Page } from '@playwright/test'
import Database from 'better-sqlite3'
import type { House } from './house.js'

export const hourMs = 3_600_000
export const yearMs = 365 * 24 * hourMs

/** How far a moved clock may be from its new value: the time that the case itself takes. */
export const slackMs = 60_000

/** Moves the wall clock of a page, as a sleep does: `performance.now` does not jump. The context needs `moveClock`. */
export async function shiftClock(page: Page, ms: number): Promise<void> {
  await page.evaluate(shift => {
    window.shiftMs += shift
  }, ms)
  // The tracker reads the wall clock once a second.
  await page.waitForTimeout(1100)
}

/** A session in the collector's database, with its events. */
export interface KeptSession {
  readonly sessionID: string
  readonly identityId: string
  readonly startDate: number
  readonly endDate: number
  readonly duration: number
  /** The names of its events in order. A numbered event has its number instead. */
  readonly events: readonly (string | number)[]
  /** The name and the reason of its first event, and of the event that ended it. */
  readonly started: string
  readonly ended: string
}

/** All sessions that the collector has, in the order of their start. */
export async function sessionsOf(house: House): Promise<KeptSession[]> {
  const db = new Database(house.collector.db, { readonly: true })
  const ids = db.prepare('SELECT sessionID FROM sessions ORDER BY startDate').pluck().all() as string[]
  db.close()
  return Promise.all(
    ids.map(async sessionID => {
      const session = await house.collector.session(sessionID)
      const events = await house.collector.events(sessionID)
      const reasonOf = (names: readonly string[]): string => {
        const found = events.find(event => names.includes(event.eventName))
        return found ? `${found.eventName} ${(found.data as { reason?: string } | null)?.reason ?? ''}`.trim() : ''
      }
      return {
        sessionID,
        identityId: session?.identityId ?? '',
        startDate: session?.startDate ?? 0,
        endDate: session?.endDate ?? 0,
        duration: session?.duration ?? 0,
        events: events.map(({ eventName, data }) => (eventName === 'Numbered' ? (data as { n: number }).n : eventName)),
        started: reasonOf(['SignIn']),
        ended: reasonOf(['SessionEnded', 'SignOut']),
      }
    }),
  )
}

export const untilStored = (house: House): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])

export { make } from './steps.js'

/** The numbers among the events of a session. */
export const numbersOf = (session: KeptSession | undefined): number[] =>
  (session?.events ?? []).filter(event => typeof event === 'number')

export const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n)
