import { readCases } from './cases.js'
import type { Check, Context, Need } from './check.js'
import { toChecks } from './checks/all.js'
import { Failure, NotChecked } from './expect.js'
import { shorten } from './json.js'
import { createWire, NoAnswer } from './wire.js'

/** What a run needs. */
export interface RunParts {
  /** The address of the collector, such as `https://my-collector.example`. */
  readonly url: string
  /** A write key of the collector. */
  readonly key: string
  readonly readToken: string | null
  /** An origin whose pages may send. `null`: checks that need one are left out. */
  readonly origin: string | null
  /** Leaves out the checks of reads. */
  readonly isWriteOnly: boolean
  /** Names of the checks to run. If empty, all checks run. */
  readonly only: readonly string[]
  /** The end of all ids of this run, unlike that of other runs: letters and digits. */
  readonly runID: string
  /** Called with the result of each check when it is done. */
  readonly onResult?: (result: Result) => void
}

/** The result of one check. */
export interface Result {
  readonly name: string
  readonly promise: string
  /** The section of the documentation that contains the promise. */
  readonly anchor: string
  readonly is: 'passed' | 'failed' | 'not checked'
  /** Why the check failed or was not made; empty if it passed. */
  readonly reason: string
  /** The request of a failure, shortened; empty if no single request shows it. */
  readonly sent: string
  /** The reply of a failure, shortened; empty if no single reply shows it. */
  readonly came: string
}

/** The results of a run. */
export interface Report {
  readonly url: string
  readonly runID: string
  readonly results: readonly Result[]
  readonly passed: number
  readonly failed: number
  readonly notChecked: number
  /** The number of visits that the run has sent. Their ids end with the id of the run. */
  readonly visits: number
}

/** All checks, in the order in which they run. */
export const checks: readonly Check[] = toChecks(readCases())

/**
 * Runs the checks against a collector, one after another, each with new ids. Sent records stay in the collector.
 *
 * @returns the report. Never rejects: a collector that cannot be reached fails every check.
 */
export async function runConformance(parts: RunParts): Promise<Report> {
  const { url, runID, only, onResult } = parts
  const base = url.replace(/\/+$/, '')
  let made = 0
  let visits = 0
  const context: Context = {
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
    const result = await runCheck(check, context)
    results.push(result)
    onResult?.(result)
  }
  const count = (is: Result['is']): number => results.filter(one => one.is === is).length
  const counts = { passed: count('passed'), failed: count('failed'), notChecked: count('not checked') }
  return { url: base, runID, results, ...counts, visits }
}

async function runCheck({ name, promise, section, needs, run }: Check, context: Context): Promise<Result> {
  const result = { name, promise, anchor: `docs/protocol.md#${section}`, reason: '', sent: '', came: '' }
  const lacking = needs.map(need => toReason(need, context)).find(Boolean)
  if (lacking) return { ...result, is: 'not checked', reason: lacking }
  try {
    await run(context)
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

function toReason(need: Need, { hasReads, origin, readToken }: Context): string {
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
