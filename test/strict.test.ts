import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rollup/parseAst'
import { describe, expect, it } from 'vitest'
import { nodesOf } from './helpers/source.js'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const isBuilt = existsSync(`${dist}sojourn.js`)
/** Every file of the build that runs in a page. The expressions of `tag` are whole only in a composed script. */
const files = isBuilt
  ? readdirSync(dist, { recursive: true, encoding: 'utf8' })
      .map(name => name.replaceAll('\\', '/'))
      .filter(name => /^(esm|cjs|tag)\/.*\.c?js$|^\w+\.js$/.test(name) && existsSync(`${dist}${name}.map`))
  : []
const read = (name: string): string => readFileSync(dist + name, 'utf8')

/** What turns a text into markup or into a script. No build shortens such a name. A timer that runs a text is found by oxlint. */
const sinks =
  /^(innerHTML|outerHTML|insertAdjacentHTML|writeln|srcdoc|createContextualFragment|parseFromString|setHTMLUnsafe|execScript|createPolicy)$/

function isWrite({ object, property }: Readonly<Record<string, unknown>>): boolean {
  return (object as { name?: string }).name === 'document' && (property as { name?: string }).name === 'write'
}

/** What is in a text that a strict policy forbids, or that runs a text, or that loads code. */
function riskIn(text: string): string[] {
  const found: string[] = []
  for (const node of nodesOf(parseAst(text) as never)) {
    const { type, name, value, source } = node as {
      type: string
      name?: string
      value?: unknown
      source?: { type: string }
    }
    if (type === 'Identifier' && (/^(eval|Function|importScripts)$/.test(name ?? '') || sinks.test(name ?? '')))
      found.push(name as string)
    if (type === 'MemberExpression' && isWrite(node)) found.push('write')
    if (type === 'Literal' && typeof value === 'string' && (sinks.test(value) || value === 'script')) found.push(value)
    if (type === 'ImportExpression') found.push(source?.type === 'Literal' ? 'import()' : 'import(…)')
  }
  return [...new Set(found)]
}

describe.runIf(isBuilt)('a build, for a strict page', () => {
  it.each(files.filter(name => name !== 'sojourn.js'))(
    'runs no text, writes no markup and loads no code in %s',
    name => {
      expect(riskIn(read(name))).toEqual([])
    },
  )

  // The inspector, and plugins that did not come with the tag: `import` asks the policy of the page, as a tag does.
  it('loads code in the script tag by import alone, and runs no text and writes no markup', () => {
    expect(riskIn(read('sojourn.js'))).toEqual(['import(…)'])
    expect(read('sojourn.js').match(/\bimport\(/g)).toHaveLength(1)
  })

  it('tells the hash of each file that a tag can load', () => {
    const told = JSON.parse(read('integrity.json')) as Record<string, string>
    expect(Object.keys(told)).toEqual(['sojourn.js', 'inspector.js'])
    for (const [name, integrity] of Object.entries(told))
      expect(integrity).toBe(`sha384-${createHash('sha384').update(read(name)).digest('base64')}`)
  })

  it('has no plugin in the plain script tag, and each in a file of its own for collectors', () => {
    const plugins = readdirSync(`${dist}esm/plugins`).filter(name => name.endsWith('.js'))
    expect(
      readdirSync(`${dist}tag`)
        .filter(name => name.endsWith('.js'))
        .toSorted(),
    ).toEqual([...plugins, 'core.js'].toSorted())
    const core = read('tag/core.js').split('sojournPlugins')
    expect(core).toHaveLength(2)
    expect(read('sojourn.js').startsWith(core.join('{__proto__:null}').trimEnd())).toBe(true)
  })
})

describe('the reader of a build', () => {
  it.each([
    ['eval("1")', 'eval'],
    ['const a = eval; a("1")', 'eval'],
    ['new Function("1")', 'Function'],
    ['a.innerHTML = b', 'innerHTML'],
    ['a["outerHTML"] = b', 'outerHTML'],
    ['document.write(a)', 'write'],
    ['document.createElement("script")', 'script'],
    ['import(a)', 'import(…)'],
    ['import("./a.js")', 'import()'],
    ['trustedTypes.createPolicy("a", b)', 'createPolicy'],
  ])('finds what a strict page forbids: %s', (text, found) => {
    expect(riskIn(text)).toContain(found)
  })
})
