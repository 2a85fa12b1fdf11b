import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { countOf, type Load, toText, until } from './load.js'

/** Waits for a random time of at most so many ms, so that kills happen at random moments. */
export function atRandom(mostMs: number): Promise<void> {
  return sleep(Math.random() * mostMs)
}

/** Waits until the store is unavailable: new replies are 503, and none is 200. */
export async function untilUnavailable(load: Load, times = 40): Promise<void> {
  const wait = (count: number): Promise<void> =>
    until(
      () => countOf(load, '503') >= count,
      () => `not answered 503: ${toText(load.answers)}`,
    )
  // Batches that were on disk before the trouble may still be acknowledged.
  await wait(countOf(load, '503') + times)
  const before = countOf(load, '200')
  await wait(countOf(load, '503') + times)
  expect(countOf(load, '200') - before, 'acknowledged while nothing could be kept').toBe(0)
}

/**
 * Checks that each reply was a 200, a 503 with Retry-After, or a broken connection, as the protocol allows.
 *
 * @param also matches replies that a balancer may make.
 */
export function expectKnownAnswers(load: Load, also = /^$/): void {
  const known = /^(200|503 (busy|store-failed)|no answer: (ECONNRESET|ECONNREFUSED|EPIPE))$/
  const others = [...load.answers.keys()].filter(kind => !known.test(kind) && !also.test(kind))
  expect(others, toText(load.answers)).toEqual([])
}
