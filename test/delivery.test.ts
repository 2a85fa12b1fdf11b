import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toTable } from '../e2e/faults/table.js'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

describe('the table of faults in docs/delivery.md', () => {
  const lines = JSON.parse(read('docs/faults.json')) as Parameters<typeof toTable>[0]

  it('is the one that the last published run has made', () => {
    expect(read('docs/delivery.md')).toContain(toTable(lines))
  })

  it('has no broken line, and none of a record that was stored twice', () => {
    expect(lines.filter(({ isGreen, doubled }) => !isGreen || doubled).map(({ name }) => name)).toEqual([])
  })

  it('has lines of all seven groups, and loses only what was said beforehand', () => {
    expect(new Set(lines.map(({ group }) => group[0]))).toEqual(new Set(['1', '2', '3', '4', '5', '6', '7']))
    expect(lines.filter(({ expected, lost }) => lost && expected.startsWith('stored')).map(({ name }) => name)).toEqual(
      [],
    )
  })
})
