import { expect, type Page, test } from '@playwright/test'
import type { Status } from '../../src/index.js'
import { buildHouse, type House, type Ledger } from './house.js'
import type { Engine } from './table.js'

/** What a case states beforehand about its records. In every case, no record may be stored twice. */
export type Outcome =
  /** The collector stores all of them, with the next visit at the latest. */
  | 'stored'
  /** The collector stores all of them without another visit. */
  | 'stored without a revisit'
  /** The tracker drops this many for this reason, reports it and counts it. The collector stores all others. */
  | { readonly dropped: number; readonly reason: string }
  /** At most this many are lost, because nobody can promise more. The number that was lost is published. */
  | { readonly atMost: number; readonly because: string }

/** The result of one case: a line of the table. */
export interface Row {
  readonly group: string
  readonly name: string
  readonly engine: Engine
  readonly made: number
  readonly expected: string
  readonly lost: number
  readonly doubled: number
  readonly copies: number
  readonly requests: number
  readonly longestMs: number
  readonly note: string
}

export interface FaultWish {
  readonly expect: Outcome
  /**
   * The number of events. Each number makes a separate case. The default is 100 and 103, so that one is no round
   * number.
   */
  readonly made?: readonly number[]
  /** Whether `npm test` runs the case, with its first number of events. Each group has one such case. */
  readonly isShort?: boolean
  /** Command-line switches for the browser. */
  readonly flags?: readonly string[]
  readonly timeoutMs?: number
}

/** What a body may return: a note for its line, and the outcome if it depends on a measurement of the same run. */
export type Note = string | { readonly note: string; readonly expect: Outcome } | void

export const sayOutcome = (outcome: Outcome): string =>
  typeof outcome === 'string'
    ? outcome
    : 'dropped' in outcome
      ? `${outcome.dropped} dropped: ${outcome.reason}`
      : `at most ${outcome.atMost} lost: ${outcome.because}`

/** Makes the function that defines the cases of one group of the table. */
export function group(title: string): (name: string, wish: FaultWish, run: (house: House) => Promise<Note>) => void {
  return (name, wish, run) => {
    const { expect: outcome, made = [100, 103], isShort, flags, timeoutMs = 120_000 } = wish
    for (const [place, n] of made.entries())
      test(`${title}: ${name} (${n})`, {
        tag: place ? '@again' : isShort ? ['@once', '@short'] : '@once',
      }, async () => {
        test.setTimeout(timeoutMs)
        const house = await buildHouse(n, flags)
        try {
          const said = await run(house)
          const { note, expect: promised } = typeof said === 'object' ? said : { note: said || '', expect: outcome }
          if (outcome === 'stored without a revisit')
            await expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])
          // A case that may lose records waits the full time for late ones. Any other case ends when all have arrived.
          else {
            const dropped = typeof outcome === 'object' && 'dropped' in outcome ? outcome.dropped : 0
            await house.revisit({}, typeof outcome === 'object' ? 20_000 : 40_000, dropped)
          }
          if (promised === 'stored' && house.ledger().lost.length)
            await test.info().attach('the last page', { body: await house.describe() })
          write({ group: title, name, outcome: promised, house, ledger: house.ledger(), note })
          judge(promised, house, house.ledger())
        } finally {
          await house.stop()
        }
      })
  }
}

function judge(outcome: Outcome, house: House, { lost, doubled }: Ledger): void {
  expect(doubled, 'stored twice').toEqual([])
  if (typeof outcome === 'string') expect(lost, 'lost').toEqual([])
  else if ('dropped' in outcome) expect(lost.length, 'dropped, and neither more nor fewer').toBe(outcome.dropped)
  else expect(lost.length, 'lost').toBeLessThanOrEqual(outcome.atMost)
  expect(house.heard, 'console lines and errors in the page').toEqual([])
}

function write(line: {
  group: string
  name: string
  outcome: Outcome
  house: House
  ledger: Ledger
  note: string
}): void {
  const { group: title, name, outcome, house, ledger, note } = line
  const row: Row = {
    group: title,
    name,
    engine: 'chromium',
    made: house.n,
    expected: sayOutcome(outcome),
    lost: ledger.lost.length,
    doubled: ledger.doubled.length,
    copies: ledger.copies,
    requests: ledger.requests,
    longestMs: Math.round(house.longest),
    note,
  }
  test.info().annotations.push({ type: 'row', description: JSON.stringify(row) })
}

/** Checks that `status()` adds up: made = stored + owed + dropped. */
export async function expectBalance(page: Page): Promise<Status> {
  const status = await page.evaluate(() => window.tracker.status())
  const dropped = Object.values(status.dropped).reduce((sum, count) => sum + count, 0)
  expect(status.stored + status.owed + dropped, 'stored + owed + dropped').toBe(status.made)
  return status
}

/** Waits until the collector has every event, without a call to the page. */
export const expectStored = (house: House, withinMs: number): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: withinMs, message: 'lost' }).toEqual([])

/**
 * Waits until `status()` has these values, and checks that it adds up. The sum alone proves little, so the numbers must
 * be those of the case.
 */
export async function expectFate(page: Page, fate: Partial<Status>, withinMs = 10_000): Promise<Status> {
  const status = (): Promise<Status> => page.evaluate(() => window.tracker.status())
  await expect.poll(status, { timeout: withinMs }).toMatchObject(fate)
  return expectBalance(page)
}

/** Waits until the page has made a record, and counts every record that it made as stored. */
export async function expectAllStored(page: Page, withinMs = 10_000): Promise<void> {
  const left = () =>
    page.evaluate(() => {
      const { made, stored, owed, waiting, dropped } = window.tracker.status()
      // Before the first record nothing is owed either, so that must not count.
      return { isMade: made > 0, owed, waiting, unstored: made - stored, dropped }
    })
  await expect
    .poll(left, { timeout: withinMs })
    .toEqual({ isMade: true, owed: 0, waiting: 0, unstored: 0, dropped: {} })
}
