import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { countOf, type Load, toText, until } from './load.js'

/** Waits a random time of at most so many ms: the moment of a kill is nobody's choice. */
export function atRandom(mostMs: number): Promise<void> {
  return sleep(Math.random() * mostMs)
}

/** Sees to it that the store's trouble has arrived: everybody is answered 503, and nobody 200. */
export async function untilRefused(load: Load, times = 40): Promise<void> {
  const wait = (count: number): Promise<void> =>
    until(
      () => countOf(load, '503') >= count,
      () => `not answered 503: ${toText(load.answers)}`,
    )
  // What was on disk before the trouble came may still be acknowledged.
  await wait(countOf(load, '503') + times)
  const before = countOf(load, '200')
  await wait(countOf(load, '503') + times)
  expect(countOf(load, '200') - before, 'acknowledged while nothing could be kept').toBe(0)
}

/**
 * Holds all answers to the protocol: 200, a 503 that says when to come again, or a connection that broke; nothing else.
 *
 * @param also what somebody between may say.
 */
export function expectHonest(load: Load, also = /^$/): void {
  const known = /^(200|503 (busy|store-failed)|no answer: (ECONNRESET|ECONNREFUSED|EPIPE))$/
  const others = [...load.answers.keys()].filter(kind => !known.test(kind) && !also.test(kind))
  expect(others, toText(load.answers)).toEqual([])
}
