import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const folder = 'docs/guide/recipes'
const recipes = readdirSync(folder).filter(name => name !== 'README.md')

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

  it('stands in the list of recipes', () => {
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(`(${recipe})`)
  })
})

it('each fixture has a recipe that quotes it', () => {
  const fixtures = readdirSync('fixtures').filter(name => existsSync(join('fixtures', name, 'fixture.json')))
  const quoted = recipes.flatMap(recipe => readBlocks(recipe).map(({ file }) => file?.split('/')[1]))
  expect(fixtures.filter(name => !quoted.includes(name))).toEqual([])
})
