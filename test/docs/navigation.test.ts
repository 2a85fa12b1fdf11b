import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { toNavigation } from '../../docs/site/navigation.mjs'
import { readExports } from '../../docs/site/places.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const pagesOf = (...paths: string[]) => paths.map(path => ({ path, title: path.toUpperCase() }))
const pathsOf = (paths: string[]) =>
  toNavigation(pagesOf(...paths)).map(({ title, pages }) => [title, pages.map(({ path }) => path)])

describe('the navigation of the documentation', () => {
  it('has each page once, in its section, and no empty section', () => {
    expect(pathsOf(['operate', 'proof', 'guide/recipes/next', 'api/sojourn', 'index', 'protocol'])).toEqual([
      ['Guide', ['index']],
      ['Recipes', ['guide/recipes/next']],
      ['Operate', ['operate']],
      ['Protocol', ['protocol']],
      ['API', ['api/sojourn']],
      ['Proofs', ['proof']],
    ])
  })

  it('shows a page that it does not know, after those that it knows', () => {
    expect(pathsOf(['guide/b', 'guide/a', 'guide/plugins', 'index', 'what-is-new'])).toEqual([
      ['Guide', ['index', 'guide/plugins', 'guide/a', 'guide/b']],
      ['Proofs', ['what-is-new']],
    ])
  })
})

describe('the reference', () => {
  it('has every export of the package that has types', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const typed = Object.entries<any>(exports).filter(([, target]) => JSON.stringify(target).includes('.d.ts'))
    expect(readExports().map(([name]) => name)).toEqual(typed.map(([path]) => path.replace('.', 'sojourn')))
    for (const [, file] of readExports()) expect([file, existsSync(join(root, file))]).toEqual([file, true])
  })
})
