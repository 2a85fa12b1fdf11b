import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createTestTracker, createTracker } from '../../src/testing/index.js'
import { describeTestTracker } from './promises.js'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

describeTestTracker()

describe('where there is no page', () => {
  it('adds no global', () => {
    const before = Object.getOwnPropertyNames(globalThis)
    const { tracker, stop } = createTestTracker()
    tracker.page()
    stop()
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before)
  })

  it('gives an application that imports this module the tracker of its key, before and after the test makes it', async () => {
    const options = { collector: 'https://collector.example', key: 'early' }
    const early = createTracker(options)
    const { tracker, collector } = createTestTracker({ key: 'early' })
    expect(early).toBe(tracker)
    expect(createTracker(options)).toBe(tracker)
    early.track('Search')
    await tracker.flush()
    expect(collector.events()).toHaveLength(2)
    tracker.stop()
  })

  it.runIf(existsSync(`${dist}esm/testing/index.js`)).each([
    ['a module', ['--input-type=module'], `const kit = await import('${dist}esm/testing/index.js')`],
    ['CommonJS', ['--input-type=commonjs'], `const kit = require('${dist}cjs/testing/index.cjs')`],
  ])('leaves nothing that keeps Node alive, as %s', (_kind, flags, load) => {
    const text = `${load}
      const { tracker, collector } = kit.createTestTracker()
      tracker.signIn('ada')
      const active = () => process.getActiveResourcesInfo().filter(one => !/Pipe|TTY/.test(one))
      tracker.flush().then(() => console.log(collector.events().length, active().length))`
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', text], {
      encoding: 'utf8',
      timeout: 120_000,
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '2 0\n', stderr: '' })
  })
})
