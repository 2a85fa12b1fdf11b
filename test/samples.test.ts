import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'
import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { readExports } from '../docs/site/places.mjs'

// Every sample of the documents and of the docstrings. e2e/guide.spec.ts and e2e/consent-recipes.spec.ts run those of the guide.

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'build/samples')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Sample {
  /** Where it stands: the file, and which sample of the file it is. */
  readonly from: string
  readonly language: string
  readonly code: string
  /** The file that it was taken from, as a comment before it says: `<!-- file: fixtures/next/app/tracking.tsx -->`. */
  readonly file: string | null
}

const listFiles = (path: string, end: string): string[] =>
  readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map(name => `${path}/${name.replaceAll('\\', '/')}`)
    .filter(name => name.endsWith(end) && !name.includes('node_modules'))

// The samples of recipes are compiled in their applications, and test/recipes.test.ts compares them.
const documents = ['README.md', 'collector/README.md', 'conformance/README.md', ...listFiles('docs', '.md')].filter(
  name => !name.startsWith('docs/guide/recipes/'),
)

const all: readonly Sample[] = documents.flatMap(from =>
  [...read(from).matchAll(/(?:<!-- file: (\S+) -->\n)?^ *```(\w+)[^\n]*\n([\s\S]*?)\n *```$/gm)].map(
    ([, file = null, language = '', code = ''], at) => ({ from: `${from} ${at + 1}`, language, code, file }),
  ),
)

/** A fixture is built and driven by `npm run fixtures`, so its files need no compiler here. */
const samples = all.filter(({ file }) => file === null)

/** The samples of the docstrings. One without JSX may say what a function returns, so each is the body of a function. */
const examples: readonly Sample[] = listFiles('src', '.ts').flatMap(from =>
  [...read(from).matchAll(/@example(?: (.+))?\n((?:[ \t]*\* (?!@).*\n)*)/g)].map(([, line = '', lines = ''], at) => ({
    from: `${from} ${at + 1}`,
    language: 'tsx',
    file: null,
    code: line.replace(/\s*\*\/$/, '') || lines.replace(/^[ \t]*\* ?/gm, '').trim(),
  })),
)

/** What the samples take from the application around them. */
const around = `import type { Tracker, TrackerOptions as Options, JsonObject } from 'sojourn'
declare global {
  type TrackerOptions = Options
  interface Events { AddToCart: { sku: string }; Logout: undefined }
  const tracker: Tracker
  const report: (...what: unknown[]) => void
  const auth: { user: { id: string; name?: string } | null }
  const userId: import('svelte/store').Readable<string | null>
  const user: any, app: any, address: string, body: string
  type KeyValueStore = import('sojourn').KeyValueStore
  type Transport = import('sojourn').Transport
  const bridgeTransport: Transport & ((bridge: any) => Transport), memoryStore: () => KeyValueStore
  const test: (name: string, run: () => unknown) => void
  const clock: import('sojourn/testing').TestClock, collector: import('sojourn/testing').TestCollector
  const context: import('@playwright/test').BrowserContext, page: import('@playwright/test').Page
  const vi: typeof import('vitest').vi
  const identityId: string, sessionID: string, secret: string, sku: string
  const proofFromMyServer: string, tokenFromMyServer: string
  const props: { sku: string }
  function greet(name: string | null): void
  function list(names: readonly string[]): void
  function badge(owed: number): void
  function App(): null
  function makeMyStore(...given: any[]): any
  function makeMyTransport(...given: any[]): any
  const chrome: any, jest: any
  function sojourn(verb: string, ...rest: unknown[]): Promise<unknown>
  interface Window {
    OneTrust: any; Cookiebot: any; klaro: any
    analytics: any; _gt: any; dataLayer: any; gtag: any; plausible: any
  }
  interface RequestInit { duplex?: string }
  interface MessageEvent { waitUntil(work: Promise<unknown>): void }
  interface WindowEventMap { OneTrustGroupsUpdated: CustomEvent<string[]> }
}
`

/** The names that each export of the package has, those of the package itself first. */
const exported: readonly (readonly [module: string, file: string, names: readonly string[]])[] = readExports().map(
  ([module, file]: [string, string]) => {
    const { default: built } = JSON.parse(read('package.json')).exports[module.replace('sojourn', '.')].import
    const lists = [...read(built).matchAll(/export\s*\{([^}]*)\}/g)].map(([, list = '']) => list)
    return [module, file, lists.flatMap(list => list.split(',').map(one => one.trim().split(' as ').at(-1) as string))]
  },
)

/** Imports what a sample uses without an import of its own: of the export whose docstring it is, or of the first that has it. */
function withImports(code: string, own = ''): { imports: string; body: string } {
  const given = code.match(/^import .*$/gm) ?? []
  const body = code.replace(/^import .*\n?/gm, '').trim()
  const known = new Set<string>()
  const added = exported
    .toSorted(([, a], [, b]) => Number(b === own) - Number(a === own))
    .flatMap(([module, , names]) =>
      names.flatMap(name => {
        const isUsed =
          new RegExp(`(?<![\\w.'"])${name}(?=[(<]| )`).test(body.replace(/\/\/.*/g, '')) && !known.has(name)
        if (!isUsed || new RegExp(`\\b${name}\\b`).test(given.join()) || isMade(body, name)) return []
        known.add(name)
        return [`import { ${name} } from '${module}'`]
      }),
    )
  return { imports: [...given, ...added].join('\n'), body }
}

/** Whether code makes this name itself. */
function isMade(code: string, name: string): boolean {
  return new RegExp(`(const|let|function) (\\{[^}]*)?\\b${name}\\b|\\b${name} =>`).test(code)
}

/** Declares what samples import from packages that are not installed here, and from files of an application. */
function declareOthers(files: ReadonlyMap<string, string>): string {
  const { resolve } = createRequire(join(root, 'package.json'))
  const imported = [...files.values()].flatMap(code =>
    [...code.matchAll(/\b(?:from|import) '([^']+)'/g)].map(([, name = '']) => name),
  )
  const isThere = (name: string): boolean => {
    if (name.startsWith('sojourn')) return true
    try {
      return Boolean(resolve(name))
    } catch {
      return false
    }
  }
  const others = [...new Set(imported)].filter(name => name.startsWith('.') || !isThere(name))
  return others.map(name => `declare module '${name.replace(/^\.+\//, '*/')}'\n`).join('')
}

/** Compiles samples, and returns what the compiler says. */
function compile(name: string, files: ReadonlyMap<string, string>, options: Readonly<Record<string, unknown>>): string {
  const place = join(folder, name)
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'around.d.ts'), around)
  writeFileSync(join(place, 'others.d.ts'), declareOthers(files))
  for (const [file, code] of files) writeFileSync(join(place, file), code)
  const compilerOptions = {
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    module: 'NodeNext',
    jsx: 'react-jsx',
    types: ['node', 'vitest/globals'],
    skipLibCheck: true,
    ...options,
  }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc, '-p', place, '--pretty', 'false'], { cwd: place, encoding: 'utf8' }).stdout
}

const fileOf = ({ from }: Sample, end: string): string => `${from.replace(/\W+/g, '-')}.${end}`

describe('every sample', () => {
  it('compiles against the built package, in documents', () => {
    rmSync(folder, { recursive: true, force: true })
    const of = (...languages: string[]) =>
      new Map(
        samples
          .filter(({ language }) => languages.includes(language))
          // Those are whole files, which import each other, and which tests run (`test/testing/guide.test.ts`).
          .filter(({ from }) => !from.startsWith('docs/guide/testing.md'))
          .map(sample => {
            const { imports, body } = withImports(sample.code)
            return [fileOf(sample, sample.language), `${imports}\n${body}\n`]
          }),
      )
    const [loose, strict] = [of('js', 'jsx'), of('ts', 'tsx')]
    expect([loose.size > 20, strict.size > 0]).toEqual([true, true])
    expect(compile('loose', loose, { allowJs: true, checkJs: true, strict: false })).toBe('')
    expect(compile('strict', strict, { strict: true })).toBe('')
  })

  it('compiles against the built package, in docstrings', () => {
    const bodies = new Map(
      examples.map(sample => {
        const { imports, body } = withImports(sample.code, sample.from.split(' ')[0])
        return [fileOf(sample, 'tsx'), `${imports}\nexport async function sample() {\n${body}\n}\n`]
      }),
    )
    expect(bodies.size).toBeGreaterThan(30)
    expect(compile('docstrings', bodies, { strict: true, noImplicitAny: false })).toBe('')
  })

  it('that is taken from a file is what the file has, line by line', () => {
    for (const { from, code, file } of all.filter(one => one.file !== null)) {
      const text = read(file as string)
      // A test of this repository may import from other places, and under other names.
      const others = code.split('\n').filter(line => !line.startsWith('import ') && !text.includes(line.trim()))
      expect([from, file, others]).toEqual([from, file, []])
    }
  })

  it('of HTML parses without an error, and so do its scripts', () => {
    const pages = samples.filter(({ language }) => language === 'html')
    expect(pages.length).toBeGreaterThan(3)
    for (const { from, code } of pages) {
      const errors: string[] = []
      parse(`<!doctype html><title>Sample</title><body>${code}`, {
        onParseError: ({ code: error }) => errors.push(error),
      })
      expect([from, errors]).toEqual([from, []])
      for (const [, script = ''] of code.matchAll(/<script>([\s\S]*?)<\/script>/g))
        expect(() => new Script(script), from).not.toThrow()
    }
  })

  it('of JSON parses', () => {
    for (const { code } of samples.filter(({ language }) => language === 'json')) JSON.parse(code)
  })

  it('of a shell names scripts, commands and flags that there are', () => {
    const lines = samples
      // collector/test/docs.test.ts reads the commands of this page.
      .filter(({ language, from }) => language === 'sh' && !from.startsWith('docs/operate.md'))
      .flatMap(({ from, code }) =>
        code
          .split('\n')
          .flatMap(line => line.replace(/\s#.*$/, '').split(/&&|\||;/))
          .map(call => [from, call.trim()] as const),
      )
    const { scripts } = JSON.parse(read('package.json'))
    const helps = new Map<string, string>()
    const helpOf = (...words: string[]): string => {
      const key = words.join(' ')
      const [command = '', ...rest] = words
      const bin = join(root, command.replace('sojourn-', ''), 'bin', `${command}.mjs`)
      if (!helps.has(key))
        helps.set(key, spawnSync(process.execPath, [bin, ...rest, '--help'], { encoding: 'utf8' }).stdout)
      return helps.get(key) as string
    }
    let seen = 0
    for (const [from, call] of lines) {
      const [, script] = /^npm run ([\w:-]+)/.exec(call) ?? []
      if (script) expect([from, script, Object.hasOwn(scripts, script)]).toEqual([from, script, true])
      const [, command, rest = ''] = /(?:npx |^|sudo )(sojourn-(?:collector|conformance))\b(.*)/.exec(call) ?? []
      if (!command) continue
      seen++
      const [, word] = /^ ([a-z]+)(?= |$)/.exec(rest) ?? []
      const help = helpOf(command, ...(word ? [word] : []))
      for (const [flag] of rest.matchAll(/--[a-z-]+/g))
        expect([from, call, help]).toEqual([from, call, expect.stringContaining(flag)])
      if (word) expect([from, help]).toEqual([from, expect.stringContaining(`${command} ${word}`)])
    }
    expect(seen).toBeGreaterThan(3)
  })
})
