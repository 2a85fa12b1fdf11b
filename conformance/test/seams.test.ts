import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)

describe('the seams of the kit', () => {
  it('allow no import but its own files and Node, and no dependency', () => {
    const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter(name =>
      name.endsWith('.ts'),
    )
    expect(files.length).toBeGreaterThan(10)
    const strange = files.flatMap(name =>
      [...readFileSync(new URL(`src/${name}`, root), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)]
        .map(([, from = '']) => from)
        .filter(
          from =>
            !from.startsWith('node:') &&
            !new URL(from, new URL(`src/${name}`, root)).href.startsWith(`${root.href}src/`),
        )
        .map(from => `${name} imports ${from}`),
    )
    expect(strange).toEqual([])
    expect(JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))).not.toHaveProperty('dependencies')
  })
})
