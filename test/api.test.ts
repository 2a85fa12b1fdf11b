import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toSnapshot } from '../scripts/api.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))

describe.runIf(existsSync(`${root}dist/esm/index.d.ts`))('the public types', () => {
  it('are those of test/api.d.ts', () => {
    const how = 'The public types have changed. If that is intended, update test/api.d.ts: npm run build && npm run api'
    expect(toSnapshot(root), how).toBe(readFileSync(`${root}test/api.d.ts`, 'utf8'))
  })

  it('name what applications import', () => {
    const [entry] = toSnapshot(root).match(/^\/\/ sojourn: .*$/m) ?? []
    expect(entry).toContain('createTracker')
    expect(entry).toContain('TrackerOptions')
  })
})
