/** The parts of the conformance kit, for your own test suite. */
export type { Check, Context, Need } from './check.js'
export { toSummary, toText } from './report.js'
export { checks, type Report, type Result, type RunParts, runConformance } from './run.js'
