import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toNumbersTable, toTables } from '../bench/collector/publish.mjs'

const docs = (name: string): URL => new URL(`../docs/${name}`, import.meta.url)

describe.runIf(existsSync(docs('collector-figures.json')))('the figures of the collector in docs/scale.md', () => {
  const figures = () => JSON.parse(readFileSync(docs('collector-figures.json'), 'utf8'))

  it('are those that the last published run has made', () => {
    expect(readFileSync(docs('scale.md'), 'utf8')).toContain(toTables(figures()))
  })

  it('are of a whole run: both stores, ten million events, and every request answered', () => {
    const { about, baseline, replays, filled, reads } = figures()
    expect(about.events).toBe(10_000_000)
    for (const rows of [baseline.slice(1), replays, filled, reads])
      expect(rows.map(({ name }) => name)).toEqual(['sqlite', 'postgres'])
    expect(reads.flatMap(({ rows }) => rows.filter(({ ratio }) => ratio === null))).toEqual([])
  })
})

describe('the figures of the numbers in docs/scale.md', () => {
  const figures = JSON.parse(readFileSync(docs('numbers-figures.json'), 'utf8'))

  it('are those that the last published run has made', () => {
    expect(readFileSync(docs('scale.md'), 'utf8')).toContain(toNumbersTable(figures))
  })

  it('are of ten million events on both stores, and every question was answered', () => {
    expect(figures.about.events).toBe(10_000_000)
    expect(figures.numbers.map(({ name }: { name: string }) => name)).toEqual(['sqlite', 'postgres'])
    for (const { rows } of figures.numbers)
      expect(new Set(rows.flatMap(({ codes }: { codes: number[] }) => codes))).toEqual(new Set([200]))
  })
})
