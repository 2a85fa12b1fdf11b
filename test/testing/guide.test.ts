import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

/** The code of the guide, and the file that runs it. */
const samples = [...read('docs/guide/testing.md').matchAll(/<!-- file: (\S+) -->\n```\w+\n([^]*?)```/g)].map(
  ([, path = '', code = '']) => [path, code] as const,
)

/** What a test is made of. What it imports has other names in the repository, and it finds its page elsewhere. */
const bodyOf = (code: string): string => code.slice(code.search(/^(?:test|jest|export)\b/m))

describe('a sample of the guide', () => {
  it('is one of six', () => {
    expect(samples).toHaveLength(6)
  })

  it.each(samples)('is what %s runs', (path, code) => {
    const flat = (text: string): string => text.replace(/^ +/gm, '')
    expect(flat(read(path))).toContain(flat(bodyOf(code)))
  })

  it.each(samples.filter(([path]) => /^(test|fixtures)/.test(path)))('is all of %s', (path, code) => {
    expect(read(path).replace(/^\/\/ @vitest-environment.*\n/, '')).toBe(code)
  })
})
