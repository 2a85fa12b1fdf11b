import { readCases } from './cases.js'
import type { Check, House, Need } from './check.js'
import { toChecks } from './checks/all.js'
import { Failure, NotChecked } from './expect.js'
import { shorten } from './json.js'
import { createWire, NoAnswer } from './wire.js'

/** What a run is given. */
export interface RunParts {
  /** Where the collector is, such as `https://my-collector.example`. */
  readonly url: string
  /** A write key of it. */
  readonly key: string
  readonly readToken: string | null
  /** An origin whose pages may send; `null`: the checks that need one are left out. */
  readonly origin: string | null
  /** Asks nothing of what was sent. */
  readonly isWriteOnly: boolean
  /** Names of the checks to run; none: all. */
  readonly only: readonly string[]
  /** Makes this run's ids unlike those of every other: letters and digits. */
  readonly runID: string
  /** Told of each check as it is done. */
  readonly onResult?: (result: Result) => void
}

/** What became of one check. */
export interface Result {
  readonly name: string
  readonly promise: string
  /** Where the promise stands. */
  readonly anchor: string
  readonly is: 'passed' | 'failed' | 'not checked'
  /** Why it failed, or was not checked, or what of it was left out; empty if there is nothing to say. */
  readonly reason: string
  /** For a failure: what was sent and what came back, shortened; empty if it shows in no one exchange. */
  readonly sent: string
  readonly came: string
}

/** What became of all checks of a run. */
export interface Report {
  readonly url: string
  readonly runID: string
  readonly results: readonly Result[]
  readonly passed: number
  readonly failed: number
  readonly notChecked: number
  /** How many visits the run has sent; each bears the run in its id. */
  readonly visits: number
}

/** Every check there is, in the order in which they run. */
export const checks: readonly Check[] = toChecks(readCases())

/**
 * Runs the checks against a collector, one after another, each under ids of its own. What was sent stays there.
 *
 * @returns the report; never rejects, for a collector that cannot be reached fails every check.
 */
export async function runConformance(parts: RunParts): Promise<Report> {
  const { url, runID, only, onResult } = parts
  const base = url.replace(/\/+$/, '')
  let made = 0
  let visits = 0
  const house: House = {
    wire: createWire({ base, key: parts.key, readToken: parts.readToken }),
    origin: parts.origin,
    readToken: parts.readToken,
    isLoopback: isLoopback(base),
    hasReads: !parts.isWriteOnly,
    cases: readCases(),
    makeId(word) {
      if (word === 'visit') visits++
      return `${word}-${++made}-${runID}`
    },
  }
  const results: Result[] = []
  for (const check of checks.filter(({ name }) => !only.length || only.includes(name))) {
    const result = await runCheck(check, house)
    results.push(result)
    onResult?.(result)
  }
  const count = (is: Result['is']): number => results.filter(one => one.is === is).length
  const counts = { passed: count('passed'), failed: count('failed'), notChecked: count('not checked') }
  return { url: base, runID, results, ...counts, visits }
}

async function runCheck({ name, promise, section, needs, run }: Check, house: House): Promise<Result> {
  const result = { name, promise, anchor: `docs/protocol.md#${section}`, reason: '', sent: '', came: '' }
  const lacking = needs.map(need => toReason(need, house)).find(Boolean)
  if (lacking) return { ...result, is: 'not checked', reason: lacking }
  try {
    await run(house)
    return { ...result, is: 'passed', reason: '' }
  } catch (error) {
    const reason = (error as Error).message
    if (error instanceof NotChecked) return { ...result, is: 'not checked', reason }
    if (error instanceof NoAnswer) return { ...result, is: 'failed', reason }
    if (!(error instanceof Failure)) return { ...result, is: 'failed', reason: `the check itself failed: ${reason}` }
    const { reply } = error
    return { ...result, is: 'failed', reason, sent: reply?.sent ?? '', came: reply ? toCame(reply) : '' }
  }
}

function toReason(need: Need, { hasReads, origin, readToken }: House): string {
  if (need === 'reads') return hasReads ? '' : 'reads are left out by --write-only'
  if (need === 'origin') return origin === null ? 'no allowed origin is known: give one with --origin' : ''
  return readToken === null ? 'no read token is known: give it with --read-token' : ''
}

function toCame({ status, headers, text }: NonNullable<Failure['reply']>): string {
  const lines = [...headers].map(([name, value]) => `\n${name}: ${value}`).join('')
  return `${status}${lines}\n${shorten(text, 600)}`
}

function isLoopback(base: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(new URL(base).hostname)
}
