import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { anchorsOf } from './helpers/anchors.js'

// The documents as GitHub shows them. `npm run docs` checks the links of the site.

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const isOurs = (name: string): boolean => !/^(node_modules|build|dist|\.next|\.git)$/.test(name)

/** The documents of a folder of the repository and below. */
function below(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(one => {
    const path = posix.join(folder, one.name)
    if (one.isDirectory()) return isOurs(one.name) ? below(path) : []
    return path.endsWith('.md') ? [path] : []
  })
}

const documents = below('.').toSorted()

describe('every link of a document', () => {
  it('is looked at', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/guide/in-a-page.md']))
  })

  it.each(documents)('leads to a file, and to a heading of it (%s)', path => {
    const text = read(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .replace(/`[^`\n]*`/g, '')
    const links = [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link = '']) => decodeURI(link))
    const broken = links.filter(link => {
      const [file = '', anchor] = link.split('#')
      const target = file ? posix.join(posix.dirname(path), file) : path
      if (target.startsWith('..') || !existsSync(join(root, target))) return true
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})
