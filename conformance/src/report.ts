import type { Report, Result } from './run.js'

const signs = { passed: '✓', failed: '✗', 'not checked': '–' } as const

/** Formats one result: name and promise, and for a failure the request and the reply. */
export function toText({ name, promise, anchor, is, reason, sent, came }: Result): string {
  const lines = [`${signs[is]} ${name}: ${promise}`]
  if (is === 'not checked') lines.push(`    not checked: ${reason}`)
  if (is === 'failed') lines.push(`    failed: ${reason}`, `    promised in ${anchor}`)
  if (sent) lines.push('    sent:', ...indent(sent))
  if (came) lines.push('    came back:', ...indent(came))
  return lines.join('\n')
}

/** Formats the last lines of a report: what the run left behind, and the numbers of results. */
export function toSummary({ runID, visits, passed, failed, notChecked }: Report): string {
  return [
    '',
    `Left behind: ${visits} visits. Their ids, and the ids of everything in them, end with "-${runID}".`,
    `${passed} passed, ${failed} failed, ${notChecked} not checked`,
  ].join('\n')
}

function indent(text: string): string[] {
  return text.split('\n').map(line => `      ${line}`)
}
