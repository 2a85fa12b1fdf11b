import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import type { Row } from './fault.js'

/** A fault, over all of its runs. */
interface Line extends Omit<Row, 'note'> {
  readonly notes: readonly string[]
  readonly isGreen: boolean
}

/** Gathers what each case wrote of itself: one table, printed and kept as `build/results/faults.json`. */
export default class Table implements Reporter {
  readonly #lines = new Map<string, Line>()

  onTestEnd(test: TestCase, { status, annotations }: TestResult): void {
    const row = annotations.find(({ type }) => type === 'row')?.description
    if (!row) return
    const { note, ...said } = JSON.parse(row) as Row
    const key = `${said.group}: ${said.name}`
    const before = this.#lines.get(key)
    const isGreen = status === test.expectedStatus
    const notes = note ? [note] : []
    this.#lines.set(key, before ? add(before, { ...said, notes, isGreen }) : { ...said, notes, isGreen })
  }

  onEnd(): void {
    const lines = [...this.#lines.values()].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0))
    if (!lines.length) return
    mkdirSync('build/results', { recursive: true })
    writeFileSync('build/results/faults.json', `${JSON.stringify(lines, null, 2)}\n`)
    if (process.env.SOJOURN_FAULTS) console.log(`\n${toTable(lines)}`)
  }

  printsToStdio(): boolean {
    return false
  }
}

function add(a: Line, b: Line): Line {
  return {
    ...a,
    made: a.made + b.made,
    lost: a.lost + b.lost,
    doubled: a.doubled + b.doubled,
    copies: a.copies + b.copies,
    requests: a.requests + b.requests,
    longestMs: Math.max(a.longestMs, b.longestMs),
    notes: [...new Set([...a.notes, ...b.notes])],
    isGreen: a.isGreen && b.isGreen,
  }
}

/** Markdown, a line for each fault. */
export function toTable(lines: readonly Line[]): string {
  const head =
    '| fault | stated beforehand | made | lost | twice | copies | requests | |\n|---|---|---:|---:|---:|---:|---:|---|'
  let group = ''
  const rows = lines.flatMap(line => {
    const { name, expected, made, lost, doubled, copies, requests, notes, isGreen } = line
    const title = line.group === group ? [] : [`| **${line.group}** | | | | | | | |`]
    group = line.group
    const said = [...(isGreen ? [] : ['**broken**']), ...notes].join('; ')
    return [...title, `| ${name} | ${expected} | ${made} | ${lost} | ${doubled} | ${copies} | ${requests} | ${said} |`]
  })
  return [head, ...rows].join('\n')
}
