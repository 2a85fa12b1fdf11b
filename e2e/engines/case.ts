import { expect, test } from '@playwright/test'
import { type Outcome, type Row, sayOutcome } from '../faults/fault.js'
import { engines, isThere, titles } from './engine.js'
import { buildEngineHouse, type EngineHouse } from './house.js'

export interface EngineWish {
  readonly expect: Outcome
  /** The number of events; default 100. */
  readonly made?: number
  /** Whether `npm test` runs the case in the other engines, or in which. In Chromium it runs the case of the fault suite. */
  readonly isShort?: boolean | 'webkit'
  /** Engines in which the exit of the page may be missing, each with the reason. */
  readonly mayLackExit?: Partial<Record<(typeof engines)[number], string>>
}

/**
 * What a body may return for its line of the table: a note; how many events the page could make, if the browser stopped
 * its scripts; and the outcome, if it depends on a measurement of the same run.
 */
export interface EngineNote {
  readonly note?: string
  readonly made?: number
  readonly expect?: Outcome
}

/** The body of a case. It ends with the collector up. If records are missing then, the runner calls `revisit` once. */
export type EngineBody = (house: EngineHouse) => Promise<EngineNote | void>

const asked = process.env.SOJOURN_ENGINES?.split(',') ?? engines

/** Makes the function that defines the cases of one group of the table. Each case runs in every engine. */
export function groupInEngines(title: string): (name: string, wish: EngineWish, run: EngineBody) => void {
  return (name, wish, run) => {
    for (const engine of engines)
      if (asked.includes(engine))
        test(`${title}: ${name}, in ${titles[engine]}`, {
          tag: (wish.isShort === true ? engine !== 'chromium' : wish.isShort === engine)
            ? ['@once', '@short']
            : '@once',
        }, async () => {
          test.skip(!isThere(engine), `${titles[engine]} is not installed`)
          test.setTimeout(120_000)
          const house = await buildEngineHouse(engine, wish.made ?? 100)
          try {
            await runCase(title, name, wish, house, run)
          } finally {
            await house.stop()
          }
        })
  }
}

async function runCase(title: string, name: string, wish: EngineWish, house: EngineHouse, run: EngineBody) {
  const { expect: outcome, mayLackExit = {} } = wish
  const isExitPromised = !mayLackExit[house.engine]
  let said: EngineNote = { note: 'the case did not run to its end' }
  try {
    said = (await run(house)) ?? {}
    await complete(outcome, house, said, isExitPromised)
  } finally {
    test.info().annotations.push({ type: 'row', description: JSON.stringify(toRow(title, name, outcome, house, said)) })
  }
  judge(outcome, house, said, isExitPromised)
}

/**
 * Waits until the collector has all that it should have. Opens another page for it, unless the case promises it
 * without.
 */
async function complete(
  outcome: Outcome,
  house: EngineHouse,
  said: EngineNote,
  isExitPromised: boolean,
): Promise<void> {
  const isMissing = (): boolean => lostOf(house, said).length > 0 || (isExitPromised && house.unended().length > 0)
  if (outcome !== 'stored without a revisit') {
    if (isMissing() && !house.isRevisited()) await house.revisit()
    return
  }
  for (const end = Date.now() + 20_000; Date.now() < end && isMissing(); )
    await new Promise(resolve => setTimeout(resolve, 100))
}

function toRow(title: string, name: string, outcome: Outcome, house: EngineHouse, said: EngineNote): Row {
  const { doubled, copies, requests } = house.ledger()
  const unended = house.unended().length
  const notes = [
    said.note,
    unended && `${unended} ${unended > 1 ? 'pages' : 'page'} without an exit`,
    house.heard().length && 'lines in the console',
  ]
  return {
    group: title,
    name,
    engine: house.engine,
    made: said.made ?? house.n,
    expected: sayOutcome(outcome),
    lost: lostOf(house, said).length,
    doubled: doubled.length,
    copies,
    requests,
    longestMs: 0,
    note: notes.filter(Boolean).join('; '),
  }
}

function judge(outcome: Outcome, house: EngineHouse, said: EngineNote, isExitPromised: boolean): void {
  const promised = said.expect ?? outcome
  const lost = lostOf(house, said).length
  const bound = typeof promised === 'object' && 'atMost' in promised ? promised.atMost : 0
  const found = {
    lost,
    doubled: house.ledger().doubled,
    unended: isExitPromised ? house.unended() : [],
    heard: [...new Set(house.heard())],
  }
  expect(found, 'lost, stored twice, pages without an exit, lines in the console').toEqual({
    lost: Math.min(lost, bound),
    doubled: [],
    unended: [],
    heard: [],
  })
}

/** The numbers of events that the page made and the collector does not have. */
function lostOf(house: EngineHouse, { made = house.n }: EngineNote): number[] {
  return house.ledger().lost.filter(number => number < made)
}
