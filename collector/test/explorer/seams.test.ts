import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const folder = new URL('../../explorer/src/', import.meta.url)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(path => /\.tsx?$/.test(path))
  .map(path => ({ path, text: readFileSync(new URL(path, folder), 'utf8') }))

/** The packages that the explorer is made of. THIRD-PARTY.md names them. */
const packages = ['preact', 'preact/hooks', 'uplot', 'wouter-preact/use-browser-location', 'eventsource-parser']

describe('the explorer', () => {
  it('imports its own files and the packages that THIRD-PARTY.md names', () => {
    expect(files.length).toBeGreaterThan(30)
    const found = files.flatMap(({ path, text }) =>
      [...text.matchAll(/from '([^']+)'|import\('([^']+)'\)/g)].map(([, from, lazy]) => [path, from ?? lazy ?? '']),
    )
    const isOwn = ([path = '', from = '']: string[]): boolean =>
      from.startsWith('.') && new URL(from, new URL(path, folder)).href.startsWith(folder.href)
    expect(found.filter(one => !isOwn(one) && !packages.includes(one[1] ?? ''))).toEqual([])
    const named = readFileSync(new URL('../../../THIRD-PARTY.md', import.meta.url), 'utf8').toLowerCase()
    for (const name of packages) expect(named).toContain(`[${name.split('/')[0]}]`)
  })

  // `style={{…}}` of Preact sets properties by script, which the policy allows.
  it('puts no text into the page but as text, and no style that its policy would block', () => {
    const found = files.filter(({ text }) =>
      /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\bstyle=(?!\{\{)/.test(text),
    )
    expect(found.map(({ path }) => path)).toEqual([])
  })

  it('has no file of more than 250 lines', () => {
    expect(files.filter(({ text }) => text.split('\n').length > 251).map(({ path }) => path)).toEqual([])
  })
})
