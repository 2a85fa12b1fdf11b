import type { CaseFile } from '../cases.js'
import type { Check } from '../check.js'
import { accessChecks } from './access.js'
import { bodyChecks } from './bodies.js'
import { firstChecks } from './first.js'
import { toGoldenChecks } from './golden.js'
import { listChecks } from './lists.js'
import { valueChecks } from './values.js'

/** Makes the list of all checks, in the order in which they run. */
export function toChecks(cases: readonly CaseFile[]): readonly Check[] {
  return [...toGoldenChecks(cases), ...bodyChecks, ...accessChecks, ...valueChecks, ...firstChecks, ...listChecks]
}
