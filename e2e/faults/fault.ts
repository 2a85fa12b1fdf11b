import { expect, type Page, test } from '@playwright/test'
import type { Status } from '../../src/index.js'
import { buildHouse, type House, type Ledger } from './house.js'
import type { Engine } from './table.js'

/** What a case says beforehand will become of its records. Whatever is stated, none is ever stored twice. */
export type Outcome =
  /** All of them stored, at the latest at the next visit. */
  | 'stored'
  /** All of them stored, and nobody has to come back for it. */
  | 'stored without a revisit'
  /** So many dropped for that reason, which the page is told and `status()` counts; all others stored. */
  | { readonly dropped: number; readonly reason: string }
  /** Nobody can promise more: so many may be lost at the most, or as many as the body says; what was is published. */
  | { readonly atMost: number; readonly because: string }

/** A line of the table. */
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
  /** How many events: each number is a case of its own. Default 100 and 103, so that no batch size is lucky. */
  readonly made?: readonly number[]
  /** One of each group is run by `npm test`, with its first number. */
  readonly isShort?: boolean
  /** Switches for the browser. */
  readonly flags?: readonly string[]
  readonly timeoutMs?: number
}

/** What a body may add to its line; and the outcome, where it depends on something that is measured in the same run. */
export type Note = string | { readonly note: string; readonly expect: Outcome } | void

export const sayOutcome = (outcome: Outcome): string =>
  typeof outcome === 'string'
    ? outcome
    : 'dropped' in outcome
      ? `${outcome.dropped} dropped: ${outcome.reason}`
      : `at most ${outcome.atMost} lost: ${outcome.because}`

/** Names the cases of one file: a group of the table. */
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
          // Measured losses wait for what comes late; everything else is over when it is complete.
          else {
            const dropped = typeof outcome === 'object' && 'dropped' in outcome ? outcome.dropped : 0
            await house.revisit({}, typeof outcome === 'object' ? 20_000 : 40_000, dropped)
          }
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
  expect(house.heard, 'what the host page had to bear').toEqual([])
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

/** Holds `status()` to its word: made = stored + owed + dropped. */
export async function expectBalance(page: Page): Promise<Status> {
  const status = await page.evaluate(() => window.tracker.status())
  const dropped = Object.values(status.dropped).reduce((sum, count) => sum + count, 0)
  expect(status.stored + status.owed + dropped, 'stored + owed + dropped').toBe(status.made)
  return status
}

/** Waits until the collector has every event, with nobody's help. */
export const expectStored = (house: House, withinMs: number): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: withinMs, message: 'lost' }).toEqual([])

/**
 * Waits until `status()` says so, and holds it to its word. `owed` is what `made` leaves, so that the sum alone could not
 * be wrong: the numbers must be those of the case.
 */
export async function expectFate(page: Page, fate: Partial<Status>, withinMs = 10_000): Promise<Status> {
  const status = (): Promise<Status> => page.evaluate(() => window.tracker.status())
  await expect.poll(status, { timeout: withinMs }).toMatchObject(fate)
  return expectBalance(page)
}

/** Waits until the page has made something, and has every record that it made counted as stored. */
export async function expectAllStored(page: Page, withinMs = 10_000): Promise<void> {
  const left = () =>
    page.evaluate(() => {
      const { made, stored, owed, waiting, dropped } = window.tracker.status()
      // At first nothing is made, and so nothing is owed either.
      return { isMade: made > 0, owed, waiting, unstored: made - stored, dropped }
    })
  await expect
    .poll(left, { timeout: withinMs })
    .toEqual({ isMade: true, owed: 0, waiting: 0, unstored: 0, dropped: {} })
}
