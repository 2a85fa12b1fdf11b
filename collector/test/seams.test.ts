import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cycleIn, type Import, type Source, toSource } from '../../test/helpers/source.js'

/** What a room may import, besides itself and `limits.ts`: `values`, and more modules as `types` only. */
interface Allowed {
  readonly values: readonly string[]
  readonly types: readonly string[]
}

const record = 'sojourn/record'

const plan: Readonly<Record<string, Allowed>> = {
  'limits.ts': { values: [], types: [] },
  sites: { values: ['node:crypto'], types: [] },
  store: { values: [record, 'isbot', 'node:crypto', 'node:fs/promises', 'node:path'], types: [] },
  scripts: { values: ['node:crypto', 'node:fs'], types: ['store'] },
  numbers: { values: [record, 'store', 'node:crypto'], types: [] },
  'store/sql': { values: [record, 'numbers', 'store'], types: [] },
  'store/sqlite': {
    values: ['sites', 'store', 'store/sql', 'better-sqlite3', 'node:fs', 'node:worker_threads'],
    types: [],
  },
  'store/postgres': { values: ['sites', 'store', 'store/sql', 'pg', 'node:crypto'], types: [] },
  ops: { values: ['node:fs', 'pino', 'prom-client'], types: ['store'] },
  'ops/sqlite': { values: ['ops', 'store/sqlite', 'better-sqlite3', 'node:fs', 'node:path'], types: ['store'] },
  'ops/doctor': { values: [record, 'scripts', 'sites', 'node:crypto', 'parse5'], types: [] },
  'ops/postgres': { values: ['ops', 'store/postgres'], types: [] },
  query: { values: [record, 'store'], types: [] },
  live: { values: ['ops'], types: ['store'] },
  export: { values: [record, 'hyparquet-writer'], types: ['store'] },
  reply: { values: [record], types: ['query', 'store'] },
  ingest: {
    values: [record, 'ops', 'reply', 'sites', 'store', 'node:crypto', 'node:net', 'node:zlib'],
    types: ['node:http'],
  },
  web: {
    values: [
      'ingest',
      'live',
      'query',
      'reply',
      'scripts',
      'sites',
      '@hono/node-server',
      'node:crypto',
      'node:fs',
      'node:http',
      'node:net',
      'node:util',
      'node:zlib',
    ],
    types: ['hono', 'store'],
  },
  'web/openapi': { values: ['web', 'query', 'node:fs'], types: [] },
  'options.ts': { values: ['ops', 'sites', 'web', 'node:util'], types: [] },
  'variables.ts': { values: ['options.ts'], types: [] },
  'collector.ts': {
    values: ['ingest', 'live', 'ops', 'query', 'reply', 'scripts', 'sites', 'web', 'web/openapi', 'hono'],
    types: ['store'],
  },
  commands: {
    values: [
      'collector.ts',
      'options.ts',
      'variables.ts',
      'numbers',
      'ops',
      'ops/doctor',
      'ops/sqlite',
      'ops/postgres',
      'query',
      'scripts',
      'sites',
      'web',
      'web/openapi',
      'export',
      'store/sqlite',
      'store/postgres',
      'node:fs',
      'node:os',
      'node:stream',
      'node:stream/promises',
    ],
    types: ['store'],
  },
  'start.ts': { values: ['commands', 'ops', 'options.ts', 'variables.ts', 'node:fs'], types: [] },
  'cli.ts': { values: ['start.ts', 'node:process'], types: [] },
  'testing.ts': { values: ['collector.ts', 'store', 'web'], types: [record] },
  'index.ts': {
    values: ['collector.ts', 'scripts', 'sites', 'web', 'web/openapi', 'store', 'store/sqlite', 'store/postgres'],
    types: ['ingest', 'ops', 'reply'],
  },
}

/** Globals, and the only rooms that may use them. */
const owners: Readonly<Record<string, readonly string[]>> = {
  process: [],
  console: ['cli.ts'],
  'Date.now': ['commands', 'testing.ts'],
  Date: ['testing.ts', 'commands', 'ops/doctor'],
  performance: ['commands', 'live', 'sites'],
  'Math.random': [],
  crypto: [],
  fetch: ['commands'],
  setTimeout: ['commands', 'ingest', 'live', 'ops', 'sites', 'web'],
  setInterval: ['commands', 'web'],
  setImmediate: ['ingest', 'query', 'store/sqlite'],
  queueMicrotask: [],
  Buffer: ['export', 'ingest', 'ops/doctor', 'query', 'sites', 'store', 'store/postgres', 'web'],
  Request: ['testing.ts'],
  Response: ['reply', 'web'],
  globalThis: [],
}

const root = fileURLToPath(new URL('../src/', import.meta.url))

/** The folder of a module, the file itself at the top level, or the name of a package. */
function roomOf(path: string): string {
  if (!path.endsWith('.ts')) return path
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path
}

/** Reads a file of `src`. Dynamic imports count as imports of values. */
function read(path: string, text: string): Source {
  const source = toSource(path, text)
  const dynamic = [...text.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, from = '']) => ({
    from: new URL(from, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts'),
    isTypeOnly: false,
  }))
  return { ...source, room: roomOf(path), imports: [...source.imports, ...dynamic] }
}

const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .sort()
  .map(path => read(path, readFileSync(root + path, 'utf8')))

function mayImport({ room }: Source, { from, isTypeOnly }: Import): boolean {
  const { values, types } = plan[room] ?? { values: [], types: [] }
  const target = roomOf(from)
  return target === room || target === 'limits.ts' || values.includes(target) || (isTypeOnly && types.includes(target))
}

const wrongImports = (all: readonly Source[]): string[] =>
  all.flatMap(source =>
    source.imports
      .filter(one => !mayImport(source, one))
      .map(one => `${source.path} imports ${one.isTypeOnly ? 'types of ' : ''}${one.from}`),
  )

const wrongGlobals = (all: readonly Source[]): string[] =>
  all.flatMap(({ path, room, globals }) =>
    Object.entries(owners)
      .filter(([name, allowed]) => globals.has(name) && !allowed.includes(room))
      .map(([name]) => `${path} uses ${name}`),
  )

describe('the seams of the collector', () => {
  it('let each room import only what the plan allows', () => {
    expect(sources.length).toBeGreaterThan(30)
    expect(wrongImports(sources)).toEqual([])
  })

  it('allow nothing that no file imports', () => {
    const used = new Map(Object.keys(plan).map(room => [room, new Set<string>()]))
    for (const { room, imports } of sources) for (const { from } of imports) used.get(room)?.add(roomOf(from))
    const unused = Object.entries(plan).flatMap(([room, { values, types }]) =>
      [...values, ...types].filter(name => !used.get(room)?.has(name)).map(name => `${room}: ${name}`),
    )
    expect(unused).toEqual([])
  })

  it('have a room for each file', () => {
    expect(sources.filter(({ room }) => !plan[room]).map(({ path }) => path)).toEqual([])
  })

  it('give each global to the rooms that own it', () => {
    expect(wrongGlobals(sources)).toEqual([])
  })

  it('have no import cycle', () => {
    expect(cycleIn(sources)).toBeNull()
  })

  it('keep each file under 250 lines', () => {
    const lines = sources.map(({ path }) => [path, readFileSync(root + path, 'utf8').split('\n').length] as const)
    expect(lines.filter(([, count]) => count > 250)).toEqual([])
  })

  it('report a wrong import, a wrong global and a cycle', () => {
    const wrong = [
      read('query/a.ts', `import { b } from '../store/sql/b.js'\nexport const a = b(Date.now())`),
      read('store/sql/b.ts', `import type { a } from '../../query/a.js'\nexport const b = () => process.env`),
      read('cli.ts', `const { a } = await import('./query/a.js')\nexport { a }`),
    ]
    expect(wrongImports(wrong)).toEqual([
      'query/a.ts imports store/sql/b.ts',
      'store/sql/b.ts imports types of query/a.ts',
      'cli.ts imports query/a.ts',
    ])
    expect(wrongGlobals(wrong)).toEqual([
      'query/a.ts uses Date.now',
      'query/a.ts uses Date',
      'store/sql/b.ts uses process',
    ])
    expect(cycleIn(wrong)).toEqual(['query/a.ts', 'store/sql/b.ts', 'query/a.ts'])
  })
})
