import type { Report, Result } from './run.js'

const signs = { passed: '✓', failed: '✗', 'not checked': '–' } as const

/** One check of a report, for people: name and promise, and for a failure what was sent and what came back. */
export function toText({ name, promise, anchor, is, reason, sent, came }: Result): string {
  const lines = [`${signs[is]} ${name}: ${promise}`]
  if (is === 'not checked') lines.push(`    not checked: ${reason}`)
  if (is === 'failed') lines.push(`    failed: ${reason}`, `    promised in ${anchor}`)
  if (sent) lines.push('    sent:', ...indent(sent))
  if (came) lines.push('    came back:', ...indent(came))
  return lines.join('\n')
}

/** The last lines of a report: what the run has left behind, and the count. */
export function toSummary({ runID, visits, passed, failed, notChecked }: Report): string {
  return [
    '',
    `Left behind: ${visits} visits, each with "-${runID}" at the end of its id, as in those of all that belongs to them.`,
    `${passed} passed, ${failed} failed, ${notChecked} not checked`,
  ].join('\n')
}

function indent(text: string): string[] {
  return text.split('\n').map(line => `      ${line}`)
}
