import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { putTables } from '../bench/browser/publish.mjs'
import budgets from '../budgets.json' with { type: 'json' }

const docs = (name: string): URL => new URL(`../docs/${name}`, import.meta.url)

describe.runIf(existsSync(docs('speed.json')))('the tables in docs/size-and-speed.md', () => {
  const figures = () => JSON.parse(readFileSync(docs('speed.json'), 'utf8'))
  const page = () => readFileSync(docs('size-and-speed.md'), 'utf8')

  it('are those of docs/speed.json', () => {
    expect(page(), 'run: npm run bench -- --publish').toBe(putTables(page(), figures()))
  })

  it('show every part of the benchmark', () => {
    const parts = ['sizes', 'start', 'leftovers', 'large']
    expect([...page().matchAll(/<!-- bench: (\w+) -->/g)].map(([, part]) => part)).toEqual(parts)
    expect(Object.keys(figures()).sort()).toEqual(parts.sort())
  })

  it('state the budgets of budgets.json', () => {
    const published = figures().sizes.builds.map(({ bytes: _bytes, ...budget }: { bytes: number }) => budget)
    expect(published, 'run: npm run bench -- --parts sizes --publish').toEqual(budgets)
  })
})
