import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { engines, type Line, mergeLines, toTable } from '../e2e/faults/table.js'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

describe('the table of faults in docs/delivery.md', () => {
  const lines = JSON.parse(read('docs/faults.json')) as Line[]
  const results = lines.flatMap(line =>
    engines.flatMap(engine => {
      const result = line.engines[engine]
      return result ? [{ title: `${line.name}, in ${engine}`, expected: line.expected, ...result }] : []
    }),
  )

  it('is the one that the last published run has made', () => {
    expect(read('docs/delivery.md')).toContain(toTable(lines))
  })

  it('has no broken line, and none of a record that was stored twice', () => {
    expect(results.filter(({ isGreen, doubled }) => !isGreen || doubled).map(({ title }) => title)).toEqual([])
  })

  it('shows a fault that ran in Firefox or WebKit in all three engines', () => {
    const partly = lines.filter(line => ![1, engines.length].includes(Object.keys(line.engines).length))
    expect(partly.map(({ name }) => name)).toEqual([])
    expect(lines.filter(line => !line.engines.chromium).map(({ name }) => name)).toEqual([])
  })

  it('has lines of all seven groups, and loses only what was said beforehand', () => {
    expect(new Set(lines.map(({ group }) => group[0]))).toEqual(new Set(['1', '2', '3', '4', '5', '6', '7']))
    expect(
      results.filter(({ expected, lost }) => lost && expected.startsWith('stored')).map(({ title }) => title),
    ).toEqual([])
  })
})

describe('a run of one engine', () => {
  const result = { made: 100, lost: 0, doubled: 0, copies: 0, requests: 1, longestMs: 0, notes: [], isGreen: true }
  const line = { group: '1 group', name: 'fault', expected: 'stored' }

  it('replaces the results of that engine and keeps those of the others', () => {
    const published = [{ ...line, engines: { chromium: result, firefox: { ...result, lost: 7 } } }]
    const fresh = [{ ...line, engines: { firefox: result } }]
    expect(mergeLines(published, fresh)).toEqual([{ ...line, engines: { chromium: result, firefox: result } }])
  })

  it('shows a dash for every engine in which a fault did not run', () => {
    expect(toTable([{ ...line, engines: { firefox: { ...result, lost: 7 } } }])).toContain(
      '| fault | stored | 100 | – | 7 | – |',
    )
  })
})
