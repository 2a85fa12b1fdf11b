import { describe, expect, it } from 'vitest'
import { checks } from '../src/run.js'
import { access } from './broken/access.js'
import { answers } from './broken/answers.js'
import { bodies } from './broken/bodies.js'
import { first } from './broken/first.js'
import { lives } from './broken/lives.js'
import { reads } from './broken/reads.js'
import { states } from './broken/states.js'
import { collectorOver, reportOf } from './helpers/app.js'

const rows = [...answers, ...states, ...bodies, ...access, ...lives, ...reads, ...first]

describe('a collector that', () => {
  for (const [what, fails, make] of rows)
    it(`${what} fails the checks ${fails.join(', ')}`, async () => {
      const { results } = await reportOf(make(collectorOver()), { only: fails })
      expect(Object.fromEntries(results.map(({ name, is }) => [name, is]))).toEqual(
        Object.fromEntries(fails.map(name => [name, 'failed'])),
      )
      for (const { reason } of results) expect(reason).not.toContain('the check itself failed')
    })
})

describe('each check', () => {
  it('has its own name, and fails for at least one of the collectors above', () => {
    const names = checks.map(({ name }) => name)
    expect(names.toSorted()).toEqual([...new Set(rows.flatMap(([, fails]) => fails))].toSorted())
  })
})
