/** The conformance kit as parts: for a test suite of one's own. */
export type { Check, House, Need } from './check.js'
export { toSummary, toText } from './report.js'
export { checks, type Report, type Result, type RunParts, runConformance } from './run.js'
