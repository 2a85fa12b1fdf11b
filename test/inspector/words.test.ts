import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { plainOf, toShown, toTime } from '../../src/inspector/dom.js'
import { describeAttempt, describeFate, explain } from '../../src/inspector/words.js'

/** The codes of `docs/errors.md`, but for those that `createTracker` throws and what is no error. */
const codes = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| <a id="([\w-]+)"><\/a>/gm)]
  .map(([, code]) => code as string)
  .filter(code => code !== 'option' && code !== 'not-signed-in')

describe('the words of the inspector', () => {
  it.each(codes)('say in a sentence what %s means, and link to its anchor', code => {
    const { sentence, link } = explain(code)
    expect(sentence).toMatch(/^\S.+\.$/)
    expect(link).toMatch(new RegExp(`^https://.+/errors\\.md#${code}$`))
  })

  it('say a code that they do not know as it is', () => {
    expect(explain('of-a-later-version').sentence).toBe('of-a-later-version')
  })

  it.each([
    ['owed', 'owed', 'owed'],
    ['in-flight', 'in flight', 'owed'],
    ['stored', 'stored', 'stored'],
    ['full', 'dropped: full', 'dropped'],
    ['refused:too-large', 'dropped: refused, too-large', 'dropped'],
  ])('call the fate %s %s', (fate, word, kind) => {
    expect(describeFate(fate)).toEqual({ word, kind })
  })

  it.each([
    [0, 0, 'nothing to send'],
    [Infinity, 0, 'nothing to send'],
    [Infinity, 1, 'not before the next page load'],
    [0, 1, 'soon'],
    [1000, 1, 'soon'],
    [1001, 1, 'in 1 s'],
    [3500, 1, 'in 3 s'],
  ])('count down to the attempt at %s with %s owed: %s', (at, owed, words) => {
    expect(describeAttempt(at, 1000, owed)).toBe(words)
  })
})

describe('a text of somebody else', () => {
  it('is cut, and shows control characters and marks of direction as symbols', () => {
    expect(toShown('a\u0000b\nc\u202ed\u2066')).toBe('a␀b␊c\ufffdd\ufffd')
    expect(toShown('x'.repeat(10_000))).toBe(`${'x'.repeat(200)}…`)
    expect(toShown(`${'x'.repeat(199)}🛒`)).toBe(`${'x'.repeat(199)}…`)
  })

  it('of several lines keeps them', () => {
    expect(plainOf('a\nb\u202ec', 4)).toBe('a\nb\ufffd')
  })

  it.each([8.64e15 + 1, -1e300, Number.MAX_SAFE_INTEGER])(
    'that is a time outside of a clock, %s, is the number',
    at => {
      expect(toTime(at)).toBe(`${at}`)
    },
  )
})
