import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { parseAst } from 'rollup/parseAst'
import { describe, expect, it } from 'vitest'
import budgets from '../budgets.json' with { type: 'json' }
import { makeScript, readExports } from '../scripts/runtimes/exports.mjs'
import { readGolden } from './helpers/golden.js'
import { nodesOf } from './helpers/source.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const scriptTag = 'dist/sojourn.js'
const isBuilt = existsSync(root + scriptTag)
const modules = isBuilt
  ? readdirSync(`${root}dist/esm`, { recursive: true, encoding: 'utf8' })
      .map(name => name.replaceAll('\\', '/'))
      .filter(name => name.endsWith('.js'))
      .map(name => `dist/esm/${name}`)
      .concat(readdirSync(`${root}dist/tag`).flatMap(name => (name.endsWith('.js') ? `dist/tag/${name}` : [])))
  : []
const read = (path: string): string => readFileSync(root + path, 'utf8')

/** Syntax that is younger than ES2020, as it stands in a syntax tree. */
function youngSyntaxIn(text: string): string[] {
  const found: string[] = []
  for (const node of nodesOf(parseAst(text) as never)) {
    const { type, operator, regex } = node as unknown as { type: string; operator?: string; regex?: { flags: string } }
    if (['PrivateIdentifier', 'PropertyDefinition', 'StaticBlock'].includes(type)) found.push(type)
    if (type === 'AssignmentExpression' && ['??=', '||=', '&&='].includes(operator ?? ''))
      found.push(operator as string)
    if (regex && /[dv]/.test(regex.flags)) found.push(`/${regex.flags}`)
    if (type === 'Literal' && /^[\d.]+_\d/.test(String((node as { raw?: unknown }).raw))) found.push('1_000')
  }
  return found
}

describe.skipIf(!isBuilt)('a build', () => {
  it.each(budgets.filter(({ path }) => existsSync(root + path)))('keeps to its bytes: $what', ({ path, maxBytes }) => {
    expect(brotliCompressSync(readFileSync(root + path)).length).toBeLessThanOrEqual(maxBytes)
  })

  it.each([scriptTag, ...modules])('speaks ES2020 in %s', path => {
    expect(youngSyntaxIn(read(path))).toEqual([])
  })

  it.each([scriptTag, ...modules])('calls nothing that browsers of 2021 lack in %s', path => {
    // Only a browser that prerenders pages copies calls with `structuredClone`, and such a browser has it.
    const text = read(path).replace('structuredClone', '')
    for (const young of [
      '.at(',
      '.replaceAll(',
      'Object.hasOwn',
      'structuredClone',
      '.findLast(',
      'AbortSignal.timeout',
      '.any(',
    ])
      expect(text).not.toContain(young)
  })

  it.each([scriptTag, ...modules])('keeps no page out of the back/forward cache with %s', path => {
    expect(read(path)).not.toMatch(/['"`](before)?unload['"`]/)
  })

  it.each([scriptTag, ...modules])('says nothing to the console but what is asked for in %s', path => {
    const said = new Set([...read(path).matchAll(/console\.(\w+)/g)].map(([, name]) => name))
    expect([...said].filter(name => !['error', 'warn', 'debug'].includes(name as string))).toEqual([])
  })

  it('sets one global from a script tag, by one name', () => {
    expect(parseAst(read(scriptTag)).body.map(({ type }) => type)).toEqual(['ExpressionStatement'])
  })

  it.each(['import', 'require'] as const)(
    'changes no global and starts nothing when any export is taken by %s',
    kind => {
      const active = `process.getActiveResourcesInfo().filter(one => /Timeout|Immediate|Server|Message/.test(one))`
      const text = `${makeScript(kind)}\nconsole.log(JSON.stringify(${active}))`
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', text], {
        cwd: root,
        encoding: 'utf8',
        timeout: 120_000,
        // What Node says of its own old modules is shown only if the process fails.
        stdio: 'pipe',
      })
      expect(said).toBe('[]\n[]\n')
      expect(Object.keys(readExports(kind))).toContain('sojourn/plugins/clicks')
    },
  )
})

describe('the reader of a build', () => {
  it.each([
    ['a ??= b', '??='],
    ['a ||= b', '||='],
    ['class A { #b = 1 }', 'PrivateIdentifier'],
    ['class A { b = 1 }', 'PropertyDefinition'],
    ['class A { static {} }', 'StaticBlock'],
    ['a = 1_000', '1_000'],
    ['a = /b/d', '/d'],
  ])('sees that %s is younger than ES2020', (text, found) => {
    expect(youngSyntaxIn(text)).toContain(found)
  })

  it('takes ES2020 for what it is', () => {
    expect(youngSyntaxIn('a?.b ?? c; import("d"); export * as e from "f"; class G { h() {} }; 10n ** 2n')).toEqual([])
  })
})

describe.runIf(isBuilt)('the README', () => {
  it('states the size as it is measured', () => {
    const bytes = brotliCompressSync(read('dist/esm/index.js')).length
    expect(read('README.md')).toContain(`${(bytes / 1024).toFixed(1)} KiB`)
  })
})

describe.runIf(isBuilt)('the words for collectors', () => {
  it('keep their names in the build: a batch read by sojourn/record has its facts', async () => {
    const { parseBatch, sessionOf } = (await import(
      `${root}dist/esm/record.js`
    )) as typeof import('../src/record/index.js')
    const { batch } = readGolden('seed-example')
    const { facts } = parseBatch(JSON.stringify(batch))
    expect(facts.length).toBeGreaterThan(0)
    expect(facts.map(sessionOf).find(one => one)?.identityId).toBe('user@genesyslab.com')
  })
})
