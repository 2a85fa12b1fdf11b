import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { countKept, noteDriven } from '../scripts/fixtures-table.mjs'

const folder = 'docs/guide/recipes'
const recipes = readdirSync(folder).filter(name => name !== 'index.md')

interface Block {
  readonly language: string
  readonly file: string | undefined
  readonly code: string
}

function readBlocks(recipe: string): Block[] {
  const text = readFileSync(join(folder, recipe), 'utf8')
  const blocks = text.matchAll(/(?:<!-- file: (\S+) -->\n)?```(\w+)\n([\s\S]*?)\n```/g)
  return [...blocks].map(([, file, language = '', code = '']) => ({ language, file, code }))
}

/** The lines of a text without their indentation, because a recipe quotes also what is nested in a file. */
const toLines = (text: string): string => text.replace(/^\s+/gm, '')

describe.each(recipes)('the recipe %s', recipe => {
  it('has only code of a fixture', () => {
    const blocks = readBlocks(recipe).filter(({ language }) => language !== 'sh')
    expect(blocks.length).toBeGreaterThan(1)
    for (const { file, code } of blocks) {
      expect(file, `the file of: ${code}`).toMatch(/^fixtures\/[\w-]+\/./)
      expect(toLines(readFileSync(file as string, 'utf8'))).toContain(toLines(code))
    }
  })

  it('leads to its application', () => {
    const [, name = ''] =
      /\(\.\.\/\.\.\/\.\.\/fixtures\/([\w-]+)\)/.exec(readFileSync(join(folder, recipe), 'utf8')) ?? []
    expect(existsSync(join('fixtures', name, 'fixture.json'))).toBe(true)
  })

  it('stands in the list of recipes', () => {
    expect(readFileSync(join(folder, 'index.md'), 'utf8')).toContain(`(${recipe})`)
  })
})

describe('the table of what was driven where', () => {
  const report = (ok: boolean) => ({
    suites: [{ suites: [{ title: 'astro in Firefox', specs: [{ ok: true }, { ok }] }] }],
  })

  it('has a row for each fixture', () => {
    const text = readFileSync(join(folder, 'index.md'), 'utf8')
    for (const name of readdirSync('fixtures').filter(one => existsSync(join('fixtures', one, 'fixture.json'))))
      expect(text).toContain(`\n| ${name} | `)
  })

  it('keeps what was not driven this time', () => {
    const [astro, nuxt] = [{ name: 'astro' }, { name: 'nuxt' }]
    expect(countKept(report(false), [astro, nuxt])).toEqual([
      { name: 'astro', engine: 'firefox', kept: 1, promised: 2 },
    ])
    const empty = '# A\n<!-- driven: npm run fixtures -- --note -->\n<!-- end -->\n'
    const first = noteDriven(empty, [
      { name: 'nuxt', engine: 'webkit', kept: 3, promised: 3 },
      ...countKept(report(false), [astro]),
    ])
    const [head, ...rows] = noteDriven(first, countKept(report(true), [astro]))
      .split('\n')
      .slice(2)
    expect(head).toBe('| fixture | Chromium | Firefox | WebKit |')
    expect(rows.slice(1)).toEqual(['| astro | – | 2 of 2 | – |', '| nuxt | – | – | 3 of 3 |', '<!-- end -->', ''])
  })
})
