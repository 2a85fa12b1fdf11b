import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { transformSync } from '@swc/core'
import { parseAst } from 'rollup/parseAst'

/** An import or re-export, as the file states it: from `record/event.js`, or from a package. */
export interface Import {
  readonly from: string
  readonly isTypeOnly: boolean
}

/** A file of `src`, and what it takes from elsewhere. */
export interface Source {
  /** Below `src`: `record/event.ts`. */
  readonly path: string
  /** The folder, or the file itself at the top level. */
  readonly room: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** Names that it uses without declaring them: globals. `Date.now` for a member of one. */
  readonly globals: ReadonlySet<string>
  readonly closures: readonly Closure[]
}

const root = fileURLToPath(new URL('../../src/', import.meta.url))

/** Every file of `src`. */
export function readSources(): Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => path.endsWith('.ts'))
    .sort()
    .map(path => toSource(path, readFileSync(root + path, 'utf8')))
}

export function toSource(path: string, text: string): Source {
  const room = path.includes('/') ? path.slice(0, path.indexOf('/')) : path
  return {
    path,
    room,
    lines: text.trimEnd().split('\n').length,
    imports: importsOf(path, text),
    // As in a build, where the globals of the page are used by their names.
    globals: globalsOf(text.replace(/\bglobals\.(?=\w)/g, '')),
    closures: closuresOf(text),
  }
}

function importsOf(path: string, text: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm
  // A sample of a docstring imports nothing.
  const code = text.replace(/\/\*\*[^]*?\*\//g, '')
  return [...code.matchAll(statement)].map(([, type, names = '', from = '']) => {
    const parts = /^\{(.*)\}$/s.exec(names.trim())?.[1]?.split(',') ?? ['all']
    const isTypeOnly = !!type || parts.every(part => !part.trim() || part.trim().startsWith('type '))
    return { from: from.startsWith('.') ? resolve(path, from) : from, isTypeOnly }
  })
}

function resolve(path: string, from: string): string {
  const { pathname } = new URL(from, `file:///${path}`)
  return pathname.slice(1).replace(/\.js$/, '.ts')
}

interface Node {
  readonly type: string
  readonly [part: string]: unknown
}

/** A function, and what its inner functions share: variables of it that change. */
export interface Closure {
  readonly name: string
  readonly variables: number
  /** How many inner functions read or write one of them. */
  readonly inner: number
}

/** The functions of a text, also those within others, that have variables that change. */
export function closuresOf(text: string): Closure[] {
  const found: Closure[] = []
  for (const node of nodesOf(parseAst(toScript(text)) as unknown as Node)) {
    const { body } = node as { body?: { body?: readonly Node[] } }
    if (!isFunction(node) || !Array.isArray(body?.body)) continue
    const variables = new Set<string>()
    for (const one of body.body as Node[])
      if (one.type === 'VariableDeclaration' && one.kind === 'let')
        for (const { id } of one.declarations as { id: Node }[]) declare(id, variables)
    const uses = (inner: Node): boolean =>
      [...nodesOf(inner)].some(({ type, name }) => type === 'Identifier' && variables.has(name as string))
    const inner = innerOf(body as unknown as Node).filter(uses).length
    const { name = '' } = (node.id ?? {}) as { name?: string }
    if (variables.size) found.push({ name, variables: variables.size, inner })
  }
  return found
}

/** The outermost functions below a node. */
function innerOf(node: Node): Node[] {
  return Object.values(node).flatMap(part =>
    (Array.isArray(part) ? part : [part]).filter(isNode).flatMap(one => (isFunction(one) ? [one] : innerOf(one))),
  )
}

const isFunction = ({ type }: Node): boolean => /Function/.test(type)

/** TypeScript without its types. */
function toScript(text: string): string {
  const parser = { syntax: 'typescript' } as const
  return transformSync(text, { jsc: { parser, target: 'es2022', preserveAllComments: false }, isModule: true }).code
}

/** The names that a text uses and nowhere declares, read from its syntax: comments, strings and types do not count. */
export function globalsOf(text: string): Set<string> {
  const declared = new Set<string>()
  const used = new Set<string>()
  walk(parseAst(toScript(text)) as unknown as Node, declared, used)
  return new Set([...used].filter(name => !declared.has(name.split('.')[0] as string)))
}

/** Every node below this one. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node
  for (const part of Object.values(node))
    for (const one of Array.isArray(part) ? part : [part]) if (isNode(one)) yield* nodesOf(one)
}

function walk(tree: Node, declared: Set<string>, used: Set<string>): void {
  const passed = new Set<unknown>()
  for (const node of nodesOf(tree)) {
    if (node.type === 'VariableDeclarator') declare(node.id, declared)
    else if (/Function/.test(node.type)) {
      if (node.id) declare(node.id, declared)
      for (const one of node.params as unknown[]) declare(one, declared)
    } else if (node.type === 'ClassDeclaration') declare(node.id, declared)
    else if (node.type === 'CatchClause') declare(node.param, declared)
    else if (/^Import\w*Specifier$/.test(node.type)) declare(node.local, declared)
    else if (node.type === 'MemberExpression') {
      if (!node.computed) passed.add(node.property)
      const { object, property } = node as unknown as {
        object: { type: string; name: string }
        property: { name: string }
      }
      if (object.type === 'Identifier' && !node.computed) used.add(`${object.name}.${property.name}`)
    } else if (/^(Property|PropertyDefinition|MethodDefinition)$/.test(node.type) && !node.computed) {
      if (node.key !== node.value) passed.add(node.key)
    } else if (/^Export\w*Specifier$/.test(node.type)) passed.add(node.exported)
    else if (node.type === 'Identifier' && !passed.has(node)) used.add(node.name as string)
  }
}

function declare(pattern: unknown, declared: Set<string>): void {
  if (!isNode(pattern)) return
  if (pattern.type === 'Identifier') declared.add(pattern.name as string)
  else if (pattern.type === 'AssignmentPattern') declare(pattern.left, declared)
  else if (pattern.type === 'RestElement') declare(pattern.argument, declared)
  else if (pattern.type === 'Property') declare(pattern.value, declared)
  else for (const one of (pattern.elements ?? pattern.properties ?? []) as unknown[]) declare(one, declared)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** The first cycle of files that import each other, imports of types included; `null` if there is none. */
export function cycleIn(all: readonly Source[]): string[] | null {
  const byPath = new Map(all.map(source => [source.path, source]))
  const isDone = new Set<string>()
  const visit = (path: string, way: readonly string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
    if (isDone.has(path)) return null
    for (const { from } of byPath.get(path)?.imports ?? []) {
      const cycle = byPath.has(from) ? visit(from, [...way, path]) : null
      if (cycle) return cycle
    }
    isDone.add(path)
    return null
  }
  for (const { path } of all) {
    const cycle = visit(path, [])
    if (cycle) return cycle
  }
  return null
}
