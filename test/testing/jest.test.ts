import { expect } from 'expect'
import { afterAll, afterEach, describe, it, vi } from 'vitest'
import { stopTestTrackers } from '../../src/testing/index.js'
import { describeMatchers } from './matchers.js'

// Jest gives its `expect` as a global.
vi.stubGlobal('expect', expect)
await import('../../src/testing/jest.js')

afterEach(stopTestTrackers)
afterAll(() => void vi.unstubAllGlobals())

describeMatchers(expect as never, { describe, it })
