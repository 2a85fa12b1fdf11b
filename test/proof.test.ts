import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Found, toTable } from '../collector/proof/table.js'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

describe('the table of proofs in docs/proof.md', () => {
  const found = JSON.parse(read('docs/proof.json')) as Found

  it('is the one that the last whole run has made', () => {
    expect(read('docs/proof.md')).toContain(toTable(found))
  })

  it('has nothing lost and nothing doubled', () => {
    expect(found.rows.filter(({ lost, doubled }) => lost || doubled)).toEqual([])
  })

  it('has the long form: the collector killed 200 times on each store', () => {
    const killed = found.rows.filter(({ proof }) => proof === 'collector killed')
    expect(killed.map(({ store, trouble }) => [store, trouble])).toEqual([
      ['PostgreSQL', '200 times kill -9'],
      ['SQLite', '200 times kill -9'],
    ])
  })
})
