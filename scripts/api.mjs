// `npm run api`: writes `test/api.d.ts`, the public types of every entry point. `test/api.test.ts` compares it with the build.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const snapshot = 'test/api.d.ts'
const head = '// Made by `npm run api`. A change here is a change of what applications compile against.\n'

/**
 * The snapshot of a package: the names that each entry point exports, then each declaration that these names reach, in the
 * order of their names. Comments are stripped, so a change of wording is no change of the snapshot.
 *
 * @param root the package's folder. Its declarations must have been built.
 */
export function toSnapshot(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const read = createReader()
  const found = new Map()
  const entries = Object.entries(exports)
    .filter(([, to]) => to.import?.types)
    .map(([path, to]) => {
      const file = resolve(root, to.import.types)
      const names = read.exportsOf(file)
      for (const one of names) read.reach(found, file, one)
      return `// ${path.replace('.', name)}: ${names.join(', ')}\n`
    })
  const declarations = [...found.values()].sort((a, b) => compare(a.name, b.name) || compare(a.file, b.file))
  const texts = declarations.map(one => `${one.texts.join('\n')}\n`)
  return [head, ...entries, ...texts].join('\n')
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Reads declaration files as tsc writes them: every statement begins in the first column. Each file is read once. */
function createReader() {
  const modules = new Map()

  function moduleOf(file) {
    if (!modules.has(file)) modules.set(file, parseModule(file, readFileSync(file, 'utf8')))
    return modules.get(file)
  }

  function exportsOf(file) {
    const { exported, starred } = moduleOf(file)
    return [...exported.keys(), ...starred.flatMap(exportsOf)].sort(compare)
  }

  /** Adds the declaration of a name, and of all types that it mentions, to `found`. Names of other packages are skipped. */
  function reach(found, file, name, isExport = true) {
    const { exported, starred, imported, declared } = moduleOf(file)
    const target = (isExport && exported.get(name)) || imported.get(name)
    if (target && !(target.file === file && target.name === name)) {
      const { file: from, name: original } = target
      if (original === '*') for (const one of exportsOf(from)) reach(found, from, one)
      else if (from) reach(found, from, original, from !== file)
      return
    }
    const texts = declared.get(name)
    if (!texts) {
      for (const from of isExport ? starred : []) if (exportsOf(from).includes(name)) reach(found, from, name)
      return
    }
    const key = `${name} ${file}`
    if (found.has(key)) return
    found.set(key, { name, file, texts })
    for (const text of texts) {
      for (const [, from, inner] of text.matchAll(/\bimport\("(\.[^"]+)"\)\.(\w+)/g))
        reach(found, toFile(file, from), inner)
      for (const [, type, mentioned] of text.matchAll(/(\btypeof )?\b([A-Za-z_$][\w$]*)/g))
        if (mentioned !== name && (type || isType(file, mentioned))) reach(found, file, mentioned, false)
    }
  }

  /** Whether the name stands for a type here: a property may have the name of a function or a constant. */
  function isType(file, name) {
    const { declared, imported } = moduleOf(file)
    if (declared.has(name))
      return /^(export )?(declare )?(abstract )?(type|interface|class|enum) /.test(declared.get(name)[0])
    return imported.has(name)
  }

  return { exportsOf, reach }
}

function parseModule(file, text) {
  const module = { exported: new Map(), starred: [], imported: new Map(), declared: new Map() }
  const bare = text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  for (const statement of bare.split(/^(?=[a-z])/m).map(toLayout)) if (statement) addStatement(module, file, statement)
  return module
}

function addStatement({ exported, starred, imported, declared }, file, statement) {
  const from = toFile(file, /\bfrom ['"]([^'"]+)['"];?$/.exec(statement)?.[1])
  const list = /^(import|export) (?:type )?\{([^]*?)\}/.exec(statement)
  const all = /^(import|export) (?:type )?\* as (\w+) from/.exec(statement)
  if (all) (all[1] === 'import' ? imported : exported).set(all[2], { file: from, name: '*' })
  else if (statement.startsWith('export *')) starred.push(from)
  else if (list)
    for (const part of list[2].split(',')) {
      const [name, alias = name] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ')
      const target = { file: list[1] === 'export' && !/\bfrom /.test(statement) ? file : from, name }
      if (name) (list[1] === 'import' ? imported : exported).set(alias, target)
    }
  else {
    const declaration =
      /^(export )?(?:default )?(?:declare )?(?:abstract )?(?:function|const|let|class|type|interface|enum) (\w+)/
    const [, isExported, name] = declaration.exec(statement) ?? []
    if (!name) return
    declared.set(name, [...(declared.get(name) ?? []), statement])
    if (isExported) exported.set(statement.startsWith('export default ') ? 'default' : name, { file, name })
  }
}

/** @returns the declaration file that an import names; `undefined` for a package. */
function toFile(file, from) {
  return from?.startsWith('.') ? join(dirname(file), from.replace(/\.js$/, '.d.ts')) : undefined
}

/** Two spaces a level, no empty lines, and one line for each member of a long union: a change shows as a short difference. */
function toLayout(statement) {
  const lines = statement.split('\n').filter(line => line.trim())
  const text = lines.map(line => line.replace(/^( {4})+/, spaces => ' '.repeat(spaces.length / 2)).trimEnd()).join('\n')
  const isLongUnion =
    lines.length === 1 && text.length > 120 && /^export type \w+ = [^{(<]*(\$\{\w+\}[^{(<]*)*$/.test(text)
  return isLongUnion ? text.replace(/ \| /g, '\n  | ').replace(' = ', ' =\n  | ') : text
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(snapshot, toSnapshot('.'))
