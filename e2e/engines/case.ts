import { expect, test } from '@playwright/test'
import { type Outcome, type Row, sayOutcome } from '../faults/fault.js'
import { engines, isThere, titles } from './engine.js'
import { buildEngineHouse, type EngineHouse } from './house.js'

export interface EngineWish {
  readonly expect: Outcome
  /** How many events; default 100. */
  readonly made?: number
  /** `npm test` runs it, in every engine. */
  readonly isShort?: boolean
}

/**
 * What a body may add to its line of the table: how many events the page could make before the browser stopped its
 * scripts, where that is not all of them; and the outcome, where it depends on something that is measured in the same run.
 */
export interface EngineNote {
  readonly note?: string
  readonly made?: number
  readonly expect?: Outcome
}

/** A body leaves the collector and the browser as a person who comes back finds them; what it revisits itself it says. */
export type EngineBody = (house: EngineHouse) => Promise<EngineNote | void>

const asked = process.env.SOJOURN_ENGINES?.split(',') ?? engines

/** Names the cases of one group of the table; each runs in every engine. */
export function groupInEngines(title: string): (name: string, wish: EngineWish, run: EngineBody) => void {
  return (name, wish, run) => {
    for (const engine of engines)
      if (asked.includes(engine))
        test(`${title}: ${name}, in ${titles[engine]}`, {
          tag: wish.isShort ? ['@once', '@short'] : '@once',
        }, async () => {
          test.skip(!isThere(engine), `there is no ${titles[engine]} here`)
          test.setTimeout(120_000)
          const house = await buildEngineHouse(engine, wish.made ?? 100)
          try {
            await runCase(title, name, wish.expect, house, run)
          } finally {
            await house.stop()
          }
        })
  }
}

async function runCase(title: string, name: string, outcome: Outcome, house: EngineHouse, run: EngineBody) {
  const { note = '', made = house.n, expect: promised = outcome } = (await run(house)) ?? {}
  const isMissing = (): boolean => lostOf(house, made).length + house.unended().length > 0
  if (outcome === 'stored without a revisit')
    // Judged below, with all that there is to say.
    await expect
      .poll(isMissing, { timeout: 20_000 })
      .toBe(false)
      .catch(() => {})
  else if (isMissing()) await house.revisit()
  const { doubled, copies, requests } = house.ledger()
  const lost = lostOf(house, made)
  const unended = house.unended()
  const notes = [
    note,
    unended.length ? `no exit of ${unended.length} pages` : '',
    house.heard().length ? 'console lines' : '',
  ]
  const row: Row = {
    group: title,
    name,
    engine: house.engine,
    made,
    expected: sayOutcome(promised),
    lost: lost.length,
    doubled: doubled.length,
    copies,
    requests,
    longestMs: 0,
    note: notes.filter(Boolean).join('; '),
  }
  test.info().annotations.push({ type: 'row', description: JSON.stringify(row) })
  const found = { lost: lost.length, doubled, unended, heard: [...new Set(house.heard())] }
  const bound = typeof promised === 'object' && 'atMost' in promised ? Math.min(lost.length, promised.atMost) : 0
  expect(found, 'lost, stored twice, pages without an exit, lines in the console').toEqual({
    lost: bound,
    doubled: [],
    unended: [],
    heard: [],
  })
}

/** Numbers of events that the page made and that the collector does not have. */
function lostOf(house: EngineHouse, made: number): number[] {
  return house.ledger().lost.filter(number => number < made)
}
