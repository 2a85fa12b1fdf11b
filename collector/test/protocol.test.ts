import { readFileSync } from 'node:fs'
import { limits, systemEvents } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { maxPageSize, maxPeriodDays, maxSteps, minSteps, periodDays } from '../src/limits.js'

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

describe('docs/protocol.md', () => {
  it('names the same numbers as the code', () => {
    const rows = [...page.matchAll(/^\| `(max\w+)` \| (\d+) \|/gm)].map(
      ([, name = '', number]) => [name, Number(number)] as const,
    )
    expect(rows.length).toBeGreaterThanOrEqual(4)
    const known = limits as unknown as Record<string, number>
    for (const [name, number] of rows) if (name in known) expect([name, known[name]]).toEqual([name, number])
    expect(page).toContain(`(1 to ${maxPageSize}, which is`)
    expect(page).toMatch(
      new RegExp(`the last ${periodDays} if .since. is left out, and at most\\s+${maxPeriodDays}\\.`),
    )
    expect(page).toContain(`${minSteps} to ${maxSteps} times`)
    expect(page).toContain(
      `"limits": { "maxBytes": ${limits.maxBodyBytes}, "maxRecords": ${limits.maxBodyRecords}, "maxRecordBytes": ${limits.maxRecordBytes} }`,
    )
    expect(page).toContain(`${limits.idleLimitMs / 60_000} minutes if left out`)
  })

  it('names every system event', () => {
    for (const name of systemEvents) expect(page).toContain(`\`${name}\``)
  })
})
