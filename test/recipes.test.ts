import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

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
