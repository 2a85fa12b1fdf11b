import { describe, expect, it } from 'vitest'
import { cycleIn, globalsOf, type Import, readSources, type Source, toSource } from './helpers/source.js'

const rooms = ['record', 'browser', 'store', 'transport', 'outbox']
/** The composition root builds all parts. Its files may import every room and each other. */
const root = [
  'tracker.ts',
  'living.ts',
  'own-parts.ts',
  'under-test.ts',
  'run.ts',
  'run-api.ts',
  'start.ts',
  'stopping.ts',
  'recording.ts',
  'recording-api.ts',
  'parts.ts',
  'keeper.ts',
  'rest.ts',
  'origin.ts',
  'latch.ts',
  'look-back.ts',
  'counts.ts',
  'known.ts',
  'queries.ts',
  'observers.ts',
  'options.ts',
  'tracker-options.ts',
  'consent.ts',
  'consent-word.ts',
  'forgotten.ts',
  'page-life.ts',
  'page-views.ts',
  'entered-page.ts',
  'guards.ts',
  'hooks.ts',
  'properties.ts',
  'sign-in.ts',
  'reports.ts',
  'status.ts',
  'rounds.ts',
  'inert.ts',
]

/** What a room may import, beside itself and `errors.ts`: `values`, and `types` alone. */
const plan: Record<string, { values: string[]; types: string[] }> = {
  record: { values: [], types: [] },
  browser: { values: [], types: [] },
  store: { values: ['record', 'idb'], types: [] },
  transport: { values: ['record'], types: [] },
  outbox: { values: ['record'], types: ['store', 'transport', 'browser'] },
  'react.ts': { values: ['index.ts', 'hold.ts', 'react'], types: [] },
  'vue.ts': { values: ['index.ts', 'hold.ts', 'vue'], types: [] },
  'hold.ts': { values: ['index.ts', 'browser'], types: ['living.ts'] },
  'svelte.ts': { values: [], types: ['index.ts'] },
  'schemas.ts': { values: [], types: ['api.ts'] },
  'contracts.ts': { values: ['contracts'], types: [] },
  contracts: { values: [], types: ['store', 'transport'] },
  testing: { values: [...rooms, ...root, 'vitest', 'expect', '@playwright'], types: ['api.ts'] },
  plugins: { values: ['web-vitals'], types: ['api.ts'] },
  adapters: { values: [], types: ['api.ts'] },
  tag: { values: ['plugins'], types: [] },
  inspector: { values: ['browser'], types: ['api.ts', 'known.ts', 'record'] },
  'errors.ts': { values: [], types: [] },
  ...Object.fromEntries(root.map(name => [name, { values: [...rooms, ...root], types: [] }])),
  'own-parts.ts': { values: [...rooms, ...root, 'misuse.ts'], types: [] },
  'options.ts': { values: ['record', 'nearest.ts', 'misuse.ts'], types: ['tracker-options.ts', 'own-parts.ts'] },
  'nearest.ts': { values: [], types: [] },
  'inert.ts': { values: [], types: ['api.ts', ...root] },
  'misuse.ts': { values: ['errors.ts'], types: [] },
  'reports.ts': { values: ['browser', 'misuse.ts'], types: [] },
  'known.ts': { values: ['record'], types: [] },
  'queries.ts': { values: ['record'], types: ['known.ts'] },
  'observers.ts': { values: ['browser', 'record'], types: [] },
  'api.ts': { values: [], types: [...rooms, ...root, 'errors.ts'] },
  'counts.ts': { values: [], types: [] },
  'index.ts': { values: ['tracker.ts', 'transport'], types: [...rooms, ...root, 'api.ts'] },
  'script.ts': { values: ['browser', 'options.ts', 'living.ts'], types: [...rooms, ...root, 'api.ts', 'tag'] },
}
plan['parts.ts']?.values.push('nanoid')
plan['tracker.ts']?.types.push('api.ts')
plan['living.ts']?.types.push('api.ts')
plan['run.ts']?.types.push('api.ts')
plan['run-api.ts']?.types.push('api.ts')
plan['status.ts']?.types.push('api.ts')
plan['page-views.ts']?.types.push('api.ts')
plan['entered-page.ts']?.types.push('api.ts')

/** Globals, and the only ones that may use them: rooms, or files. */
const owners: Record<string, string[]> = {
  document: ['testing', 'inspector', 'inspector', 'plugins', 'browser', 'script.ts'],
  window: ['inspector', 'inspector', 'plugins', 'adapters', 'browser', 'script.ts'],
  location: ['plugins', 'browser'],
  history: ['browser'],
  navigation: ['browser'],
  localStorage: ['browser'],
  sessionStorage: [],
  performance: ['testing', 'plugins', 'browser'],
  addEventListener: ['inspector', 'inspector', 'plugins', 'browser'],
  removeEventListener: ['inspector', 'inspector', 'plugins', 'browser'],
  BroadcastChannel: ['browser'],
  navigator: ['inspector', 'browser', 'transport'],
  fetch: ['transport'],
  XMLHttpRequest: ['transport'],
  'navigator.sendBeacon': ['transport'],
  indexedDB: ['store'],
  IDBKeyRange: ['store'],
  setInterval: ['inspector', 'inspector', 'plugins', 'browser'],
  setTimeout: ['testing', 'plugins', 'adapters', 'browser'],
  queueMicrotask: ['testing', 'start.ts'],
  'Math.random': ['parts.ts'],
  'Date.now': ['inspector', 'browser', 'transport'],
  crypto: [],
  console: ['schemas.ts', 'reports.ts', 'tracker.ts', 'script.ts'],
}

const sources = readSources()
const roomOf = (from: string): string => (from.includes('/') ? from.slice(0, from.indexOf('/')) : from)

function mayImport({ room }: Source, { from, isTypeOnly }: Import): boolean {
  const { values, types } = plan[room] ?? { values: [], types: [] }
  const wanted = roomOf(from)
  return wanted === room || wanted === 'errors.ts' || values.includes(wanted) || (isTypeOnly && types.includes(wanted))
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

describe('the seams', () => {
  it('let every room import what the plan says, and nothing else', () => {
    expect(sources.length).toBeGreaterThan(20)
    expect(wrongImports(sources)).toEqual([])
  })

  it('have a place for every file', () => {
    expect(sources.filter(({ room }) => !plan[room]).map(({ path }) => path)).toEqual([])
  })

  it('know every file that is imported', () => {
    const paths = new Set(sources.map(({ path }) => path))
    const missing = sources
      .flatMap(({ imports }) => imports.map(({ from }) => from))
      .filter(from => from.endsWith('.ts') && !paths.has(from))
    expect(missing).toEqual([])
  })

  it('give every global of the browser to its rooms', () => {
    expect(wrongGlobals(sources)).toEqual([])
  })

  it('leave record no clock, no random numbers, no storage, no page', () => {
    const pure = sources.filter(({ room }) => room === 'record')
    const impure = [
      'Date',
      'Math.random',
      'setTimeout',
      'setInterval',
      'queueMicrotask',
      'globalThis',
      'self',
      'process',
    ]
    expect(
      pure.flatMap(({ path, globals }) => impure.filter(name => globals.has(name)).map(name => `${path} uses ${name}`)),
    ).toEqual([])
  })

  it('leave transport nothing of navigator but the beacon', () => {
    const used = sources.filter(({ room }) => room === 'transport').flatMap(({ globals }) => [...globals])
    expect(used.filter(name => name.startsWith('navigator.'))).toEqual(['navigator.sendBeacon'])
  })

  it('have one importer of idb and one of nanoid', () => {
    const importers = (name: string): string[] => [
      ...new Set(sources.filter(({ imports }) => imports.some(({ from }) => from === name)).map(({ room }) => room)),
    ]
    expect(importers('idb')).toEqual(['store'])
    expect(importers('nanoid')).toEqual(['parts.ts'])
  })

  it('keep every file short: at most 250 lines', () => {
    const long = sources.filter(({ lines }) => lines > 250).map(({ path, lines }) => `${path}: ${lines} lines`)
    expect(long).toEqual([])
  })

  it('have no function with ten inner functions that share more than six variables: those are several parts', () => {
    const crowded = sources.flatMap(({ path, closures }) =>
      closures
        .filter(({ inner, variables }) => inner >= 10 && variables > 6)
        .map(({ name, inner, variables }) => `${path}: ${name} has ${inner} over ${variables}`),
    )
    expect(crowded).toEqual([])
  })

  it('have no cycle of imports', () => {
    expect(cycleIn(sources)).toBeNull()
  })
})

describe('the reader of the seams', () => {
  it('sees imports of values and of types, in every form', () => {
    const text = `import { a } from './a.js'
import type { B } from '../store/b.js'
import { type C, type D } from 'idb'
import { type E,
  f } from '../transport/f.js'
export * as limits from './limits.js'
export type { G } from './g.js'
import './h.js'
`
    expect(toSource('record/x.ts', text).imports).toEqual([
      { from: 'record/a.ts', isTypeOnly: false },
      { from: 'store/b.ts', isTypeOnly: true },
      { from: 'idb', isTypeOnly: true },
      { from: 'transport/f.ts', isTypeOnly: false },
      { from: 'record/limits.ts', isTypeOnly: false },
      { from: 'record/g.ts', isTypeOnly: true },
      { from: 'record/h.ts', isTypeOnly: false },
    ])
  })

  it('counts what the functions within a function share, and not what is theirs', () => {
    const text = `function make() {
      let [a, b] = [0, 0], c = 0
      const fixed = 1
      function one() { let own = 0; return () => own + a }
      const two = () => fixed
      return { three: () => b, four() { c++ } }
    }`
    expect(toSource('x.ts', text).closures).toEqual([
      { name: 'make', variables: 3, inner: 3 },
      { name: 'one', variables: 1, inner: 1 },
    ])
  })

  it('sees what is wrong', () => {
    const wrong = [
      toSource('record/a.ts', `import { b } from '../store/b.js'\nexport const a = b(Date.now())`),
      toSource('store/b.ts', `import { a } from '../record/a.js'\nexport const b = () => document.title + a`),
      toSource('outbox/c.ts', `import { b } from '../store/b.js'\nimport type { a } from '../record/a.js'\nvoid b`),
    ]
    expect(wrongImports(wrong)).toEqual(['record/a.ts imports store/b.ts', 'outbox/c.ts imports store/b.ts'])
    expect(wrongGlobals(wrong)).toEqual(['record/a.ts uses Date.now', 'store/b.ts uses document'])
    expect(cycleIn(wrong)).toEqual(['record/a.ts', 'store/b.ts', 'record/a.ts'])
  })

  it('sees a global that is taken from `globals`', () => {
    const text = `import { globals } from './globals.js'\nexport const a = () => globals.document.title`
    expect([...toSource('browser/a.ts', text).globals]).toEqual(['document.title', 'document'])
  })

  it('takes no comment, string, type, member, key or local name for a global', () => {
    const text = `// document
      type T = typeof window
      export const a = (history: string, { location: navigator }: any) => [navigator, history, 'fetch', a.document, { indexedDB: 1 }]
      export let caught: Window | null = null
      try { a } catch (performance) { performance }`
    const found = globalsOf(text)
    expect(Object.keys(owners).filter(name => found.has(name))).toEqual([])
    expect([...globalsOf('export const b = { fetch }')]).toEqual(['fetch'])
    expect([...globalsOf('export const c = `${location.href}`')]).toEqual(['location.href', 'location'])
  })
})
