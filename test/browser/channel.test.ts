import { afterEach, describe, expect, it, vi } from 'vitest'
import { createChannel } from '../../src/browser/channel.js'

afterEach(() => vi.unstubAllGlobals())

describe('a channel between tabs', () => {
  it('tells nobody, and throws nothing, where the page has put one in its place that throws', () => {
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        postMessage(): void {
          throw new Error('a function of the page')
        }
      },
    )
    const channel = createChannel('sojourn-test', () => {})
    expect(channel.open()).toBe(true)
    expect(channel.tell('a')).toBe(false)
    expect(channel.tell('b')).toBe(false)
  })
})
