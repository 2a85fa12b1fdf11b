import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeBrotli } from '../scripts/brotli.mjs'
import { missingIn, publishReadme, readRepository, restoreReadme, toPublished } from '../scripts/prepack.mjs'
import { anchorsOf } from './helpers/anchors.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const folders = ['', 'collector', 'conformance']
/** npm alone takes a second to start, and longer while other tests run. */
const npmTimeoutMs = 60_000
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8')
const readPackage = (folder: string): any => JSON.parse(read(folder, 'package.json'))

/** What is wrong with the links of a README that stands alone. */
function wrongLinks(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(2)
  return links.filter(link => {
    if (link.startsWith('#')) return !anchorsOf(text).includes(link.slice(1))
    if (!link.startsWith(readRepository())) return !link.startsWith('https://')
    const [, kind, path = '', anchor] =
      /^\/(blob|tree|raw)\/main\/([^#]+)(?:#(.+))?$/.exec(link.slice(readRepository().length)) ?? []
    if (!existsSync(join(root, path)) || statSync(join(root, path)).isDirectory() !== (kind === 'tree')) return true
    return anchor !== undefined && !anchorsOf(read(path)).includes(anchor)
  })
}

describe('each package', () => {
  it.each(folders)('names its repository, its home and its licence (%s)', folder => {
    const { license, repository, homepage, bugs } = readPackage(folder)
    expect({ license, repository, homepage, bugs }).toEqual({
      license: 'MIT',
      repository: {
        type: 'git',
        url: 'git+https://github.com/sojourn-dev/sojourn.git',
        ...(folder && { directory: folder }),
      },
      homepage: `https://github.com/sojourn-dev/sojourn${folder && `/tree/main/${folder}`}#readme`,
      bugs: { url: 'https://github.com/sojourn-dev/sojourn/issues' },
    })
    expect(read(folder, 'LICENSE')).toBe(read('LICENSE'))
  })

  it.each(folders)(
    'has the licence, the README and what it needs in its tarball (%s)',
    folder => {
      const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
        cwd: join(root, folder),
        encoding: 'utf8',
        shell: process.platform === 'win32',
      })
      const paths = JSON.parse(packed.stdout)[0].files.map(({ path }: { path: string }) => path)
      expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
      for (const path of [...paths].filter((path: string) => /(^|\/)(test|src)\//.test(path))) expect(path).toBe('')
    },
    npmTimeoutMs,
  )

  it.each(folders)('has a README whose links work from the registry (%s)', folder => {
    expect(wrongLinks(toPublished(read(folder, 'README.md'), folder))).toEqual([])
  })
})

describe('the package of the collector', () => {
  it('is not packed without its pages and scripts, which a build of the repository alone does not make', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'package.json'), read('collector', 'package.json'))
    const all = [
      'dist/docs/index.html',
      'dist/docs/search.json.br',
      'dist/explorer/index.html',
      'dist/sojourn.js',
      'dist/inspector.js',
    ]
    expect(missingIn(directory)).toEqual(all)
    for (const path of all) {
      mkdirSync(join(directory, path, '..'), { recursive: true })
      writeFileSync(join(directory, path), '')
    }
    expect(missingIn(directory)).toEqual([])
    expect(['', 'conformance'].flatMap(folder => missingIn(join(root, folder)))).toEqual([])
    expect(readPackage('collector').scripts.prepack).toBe('node ../scripts/prepack.mjs')
  })
})

describe('the brotli forms of large texts', () => {
  it('are beside those of a folder, and no others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sojourn-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const text = 'a word '.repeat(10_000)
    mkdirSync(join(folder, 'guide'))
    for (const name of ['search.json', 'guide/long.html', 'picture.png']) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'index.html'), 'short')
    writeBrotli(folder)
    const forms = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.br'))
    expect(forms.map(name => name.replaceAll('\\', '/')).toSorted()).toEqual(['guide/long.html.br', 'search.json.br'])
    for (const name of forms) expect(brotliDecompressSync(readFileSync(join(folder, name))).toString()).toBe(text)
  })

  it('are in the build of the explorer', () => {
    const folder = join(root, 'collector/dist/explorer')
    const script = readdirSync(folder).find(name => name.endsWith('.js')) as string
    const form = readFileSync(join(folder, `${script}.br`))
    expect(brotliDecompressSync(form).toString()).toBe(readFileSync(join(folder, script), 'utf8'))
  })
})

describe('the package of the browser', () => {
  it('asks for no version of Node, so that every installer takes it', () => {
    expect(readPackage('')).not.toHaveProperty('engines')
    expect(readPackage('')).not.toHaveProperty('dependencies')
    for (const folder of ['collector', 'conformance']) expect(readPackage(folder).engines).toEqual({ node: '>=22' })
  })
})

describe('the README for the registry', () => {
  const repository = 'https://example.org/it'

  it('has absolute links to files, folders and pictures', () => {
    const text =
      '[a](docs/protocol.md#asking) [b](#the-verbs) [c](https://x.example/) [d](conformance/) ![e](docs/delivery.svg)'
    expect(toPublished(text, '', repository)).toBe(
      `[a](${repository}/blob/main/docs/protocol.md#asking) [b](#the-verbs) [c](https://x.example/) [d](${repository}/tree/main/conformance) ![e](${repository}/raw/main/docs/delivery.svg)`,
    )
    expect(toPublished('[a](../docs/protocol.md)', 'collector', repository)).toBe(
      `[a](${repository}/blob/main/docs/protocol.md)`,
    )
  })

  it('is not made if a link leads nowhere', () => {
    expect(() => toPublished('[a](docs/nothing.md)', '')).toThrow('no docs/nothing.md')
    expect(() => toPublished('[a](../../other.md)', 'collector')).toThrow('no ../../other.md')
  })

  it('is put back after the pack, also if that was interrupted', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'README.md')
    // A folder outside of the repository has no relative links.
    const text = '[a](https://x.example/)\n'
    writeFileSync(path, text)
    publishReadme(directory)
    writeFileSync(path, 'half a README')
    publishReadme(directory)
    restoreReadme(directory)
    expect(readFileSync(path, 'utf8')).toBe(text)
    restoreReadme(directory)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
