import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createShapes } from '../../src/export/shapes.js'
import { maxShapeNames, maxShapeProperties, maxShapeRoom } from '../../src/export/type-limits.js'
import { toInterface } from '../../src/export/typescript.js'

type Sent = readonly (readonly [eventName: string, data: object | null])[]

/** The interface of some events. */
function typesOf(sent: Sent, hasLiterals = false): string {
  const shapes = createShapes()
  for (const [name, data] of sent) shapes.add(name, data)
  return toInterface(shapes, { hasLiterals })
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const require = createRequire(import.meta.url)
const tsc = join(require.resolve('typescript/package.json'), '../bin/tsc')

/** Compiles modules that may import the tracker, and returns what the compiler says. */
function compile(modules: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-types-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [n, text] of modules.entries()) writeFileSync(join(folder, `m${n}.ts`), text)
  const compilerOptions = {
    noEmit: true,
    declaration: false,
    sourceMap: false,
    inlineSources: false,
    erasableSyntaxOnly: false,
    rootDir: '/',
    noUnusedLocals: false,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
  }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  return stdout + stderr
}

const trackerOf = (
  types: string,
): string => `import { createTracker } from ${JSON.stringify(join(root, 'src/index.ts'))}
${types}
const tracker = createTracker<Events>({ collector: 'https://collector.example', key: 'shop' })
`

describe('the types of events', () => {
  it('say which properties may be missing, and what differs between events', () => {
    const sent: Sent = [
      ['AddToCart', { sku: 'A1', price: 4.5, gift: null, tags: ['a', 1] }],
      ['AddToCart', { sku: 7, by: { name: 'Ada' }, tags: [], deep: [{ a: 1 }, { b: true }] }],
      ['Logout', null],
      ['Search', null],
      ['Search', { words: 'tea', 'in title': true }],
      ['Empty', {}],
      ['Lists', { none: [], more: [[1], []] }],
    ]
    expect(typesOf(sent)).toBe(`export interface Events {
  AddToCart: {
    by?: {
      name: string
    }
    deep?: {
      a?: number
      b?: boolean
    }[]
    gift?: null
    price?: number
    sku: string | number
    tags: (string | number)[]
  }
  Empty: Record<string, never>
  Lists: {
    more: number[][]
    none: unknown[]
  }
  Logout: undefined
  Search: {
    "in title": boolean
    words: string
  } | undefined
}
`)
    expect(typesOf(sent.toReversed())).toBe(typesOf(sent))
  })

  it('write few short values as literals only if asked, and ids never', () => {
    const sent: Sent = [1, 2, 3, 4].map(n => ['Sort', { by: n % 2 ? 'price' : 'name', id: `id-${n}` }])
    expect(typesOf(sent)).toContain('by: string\n')
    expect(typesOf(sent, true)).toContain('by: "name" | "price"\n    id: string\n')
  })

  it('write names and values of strangers only as texts that end where they seem to end', () => {
    const nasty = [
      '*/ evil() /*',
      '"; evil(); "',
      '\\',
      '`${evil()}`',
      '\n//',
      '\u2028evil()',
      '\u202Eevil',
      '\ud800',
      '\u0085',
      '🍵',
      '',
    ]
    const sent: Sent = nasty.flatMap(text => [
      [text, { [text]: text, __proto__0: text }],
      [text, { [text]: text, __proto__0: text }],
    ])
    const text = typesOf(sent, true)
    const outside = text.replaceAll(/"(?:[^"\\\n]|\\(?:["\\bfnrt]|u[0-9a-f]{4}))*"/g, '')
    expect(outside).toMatch(/^[\w\s{}:?;|]*$/)
    expect(outside).not.toContain('evil')
    expect(text).not.toMatch(/[\u2028\u202e\u0085\ud800](?<!🍵)/)
    expect(text).toContain('"🍵"')
  })

  it('compile, and the tracker takes exactly the events of which they were made', () => {
    const names = fc.oneof(fc.constantFrom('a', 'b', 'toString', '__proto__', '1', '*/', 'x y', '\u2028'), fc.string())
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 1, -0.5, 'a', '*/ "`\u202e'),
        fc.string(),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    const data = fc.option(fc.dictionary(names, tree, { maxKeys: 4 }))
    const sites = fc.sample(fc.array(fc.tuple(names, data), { maxLength: 8 }), { numRuns: 60, seed: 13 }) as Sent[]
    // As it is stored: a JSON text.
    const stored = sites.map(site => JSON.parse(JSON.stringify(site)) as Sent)
    const modules = stored.map((site, n) => {
      const calls = site.map(([name, value]) => {
        // In a literal of an object, `"__proto__":` is no property.
        const text = value ? JSON.stringify(value).replaceAll('"__proto__":', '["__proto__"]:') : 'undefined'
        return `tracker.track(${JSON.stringify(name)}, ${text})`
      })
      const wrong = [`// @ts-expect-error no such event\ntracker.track('Never seen before', {})`]
      return trackerOf(typesOf(site, n % 2 > 0)) + [...calls, ...wrong].join('\n')
    })
    expect(compile(modules)).toBe('')
  })

  it('refuse what was never sent', () => {
    const sent: Sent = [
      ['AddToCart', { sku: 'A1' }],
      ['Logout', null],
    ]
    const wrong = `
// @ts-expect-error sku is a text
tracker.track('AddToCart', { sku: 1 })
// @ts-expect-error data is needed
tracker.track('AddToCart')
// @ts-expect-error it has no data
tracker.track('Logout', { a: 1 })
tracker.track('Logout')`
    expect(compile([trackerOf(typesOf(sent)) + wrong])).toBe('')
  })

  it('are bounded, whatever was sent', () => {
    const shapes = createShapes()
    for (let n = 0; n < maxShapeNames + 5; n++) shapes.add(`name ${n}`, null)
    expect([shapes.byName.size, shapes.isCut()]).toEqual([maxShapeNames, true])

    const many = Object.fromEntries(Array.from({ length: maxShapeProperties + 1 }, (_, n) => [`p${n}`, n]))
    expect(typesOf([['Many', many]])).toContain('Many: { [name: string]: unknown }\n')
    let deep: object = { end: 1 }
    for (let n = 0; n < 150; n++) deep = n % 2 ? [deep] : { deep }
    expect(typesOf([['Deep', { deep }]]).split('\n').length).toBeLessThan(20)

    const wide = Array.from({ length: maxShapeRoom }, (_, n): Sent[number] => [
      `e${n % 900}`,
      { [`p${n}`]: { [`q${n}`]: 1 } },
    ])
    expect(typesOf(wide).match(/^\s+[pq]\d+\?: /gm)?.length ?? 0).toBeLessThanOrEqual(maxShapeRoom)
  })
})
