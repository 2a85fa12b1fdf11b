import { mkdirSync, writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import type { Row } from './fault.js'

/** The names of the engines, in the order of their columns. */
export const titles = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKit' } as const

/** A browser engine that the suite drives. */
export type Engine = keyof typeof titles

export const engines = Object.keys(titles) as readonly Engine[]

/** The result of a fault in one engine, over all its runs. */
export interface Result extends Omit<Row, 'group' | 'name' | 'engine' | 'expected' | 'note'> {
  readonly notes: readonly string[]
  readonly isGreen: boolean
}

/** A line of the table: one fault. `engines` has only the engines in which it ran. */
export interface Line extends Pick<Row, 'group' | 'name' | 'expected'> {
  readonly engines: { readonly [engine in Engine]?: Result }
}

/** Collects the rows of all cases into one table. Writes it to `build/results/faults.json`, and prints it if asked. */
export default class Table implements Reporter {
  readonly #lines = new Map<string, Line>()

  onTestEnd(test: TestCase, { status, annotations }: TestResult): void {
    const row = annotations.find(({ type }) => type === 'row')?.description
    if (!row) return
    const { group, name, engine, expected, note, ...figures } = JSON.parse(row) as Row
    const result = { ...figures, notes: note ? [note] : [], isGreen: status === test.expectedStatus }
    const key = `${group}: ${name}`
    const line = this.#lines.get(key) ?? { group, name, expected, engines: {} }
    const before = line.engines[engine]
    this.#lines.set(key, {
      ...line,
      engines: { ...line.engines, [engine]: before ? add(before, result) : result },
    })
  }

  onEnd(): void {
    const lines = sortLines([...this.#lines.values()])
    if (!lines.length) return
    mkdirSync('build/results', { recursive: true })
    writeFileSync('build/results/faults.json', `${JSON.stringify(lines, null, 2)}\n`)
    if (process.env.SOJOURN_FAULTS) console.log(`\n${toTable(lines)}`)
  }

  printsToStdio(): boolean {
    return false
  }
}

function add(a: Result, b: Result): Result {
  return {
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

/** Sorts lines by group. Lines of the same group keep their order. */
export function sortLines(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0))
}

/** Replaces published results with new ones. A line or engine that did not run this time stays unchanged. */
export function mergeLines(published: readonly Line[], fresh: readonly Line[]): Line[] {
  const lines = new Map(published.map(line => [`${line.group}: ${line.name}`, line]))
  for (const line of fresh) {
    const key = `${line.group}: ${line.name}`
    lines.set(key, { ...line, engines: { ...lines.get(key)?.engines, ...line.engines } })
  }
  return sortLines([...lines.values()])
}

/** Makes a Markdown table with a line for each fault. */
export function toTable(lines: readonly Line[]): string {
  const names = Object.values(titles)
  const head = [
    `| fault | stated beforehand | made | lost in ${names.join(' | ')} | twice | copies | requests | |`,
    `|---|---|---:|${'---:|'.repeat(names.length)}---:|---:|---:|---|`,
  ]
  let group = ''
  const rows = lines.flatMap(line => {
    const title = line.group === group ? [] : [`| **${line.group}** |${' |'.repeat(names.length + 6)}`]
    group = line.group
    return [...title, toRow(line)]
  })
  return [...head, ...rows].join('\n')
}

function toRow({ name, expected, engines: results }: Line): string {
  const ran = engines.flatMap(engine => {
    const result = results[engine]
    return result ? [{ engine, ...result }] : []
  })
  const most = (figure: 'made' | 'copies' | 'requests'): number => Math.max(...ran.map(result => result[figure]))
  const said = ran.flatMap(({ engine, notes, isGreen }) => {
    const all = [...(isGreen ? [] : ['**broken**']), ...notes].join('; ')
    return all ? [ran.length > 1 ? `${titles[engine]}: ${all}` : all] : []
  })
  const cells = [
    name,
    expected,
    most('made'),
    ...engines.map(engine => results[engine]?.lost ?? '–'),
    ran.reduce((sum, { doubled }) => sum + doubled, 0),
    most('copies'),
    most('requests'),
    said.join('. '),
  ]
  return `| ${cells.join(' | ')} |`
}
