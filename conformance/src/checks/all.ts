import type { CaseFile } from '../cases.js'
import type { Check } from '../check.js'
import { bodyChecks } from './bodies.js'
import { doorChecks } from './doors.js'
import { toGoldenChecks } from './golden.js'
import { listChecks } from './lists.js'
import { valueChecks } from './values.js'

/** Every check, in the order in which they run. */
export function toChecks(cases: readonly CaseFile[]): readonly Check[] {
  return [...toGoldenChecks(cases), ...bodyChecks, ...doorChecks, ...valueChecks, ...listChecks]
}
