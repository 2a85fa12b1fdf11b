// What is imported: every export of the package `sojourn`, as ESM or as CommonJS.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

/** What the bindings stand on. They are imported first, because what they do to the globals is theirs. */
export const peers = ['react', 'vue', 'web-vitals']

/** The file of each export, by the name that an application imports. @param kind `import` or `require`. */
export function readExports(kind) {
  const { name, exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  return Object.fromEntries(
    Object.entries(exports)
      // The matchers stand on a test runner, which gives them its `expect`.
      .filter(([path, to]) => to[kind]?.default && !path.startsWith('./testing/'))
      .map(([path, to]) => [path.replace('.', name), fileURLToPath(new URL(to[kind].default, root))]),
  )
}

/**
 * The text of a module that imports all exports and prints what was found as JSON.
 *
 * @param print how it is printed: the beginning of a call.
 */
export function makeScript(kind, print = 'console.log') {
  const loads = Object.entries(readExports(kind)).map(([name, file]) => {
    const load = kind === 'import' ? `import(${quote(`file://${file}`)})` : `require(${quote(file)})`
    return `${quote(name)}: async () => ${load}`
  })
  const before = peers.map(name => (kind === 'import' ? `await import(${quote(name)})` : `require(${quote(name)})`))
  const require = `import { createRequire } from 'node:module'\nconst require = createRequire(${quote(new URL('package.json', root).href)})`
  return `${kind === 'require' ? require : ''}
import { probe } from ${quote(new URL('probe.mjs', import.meta.url).href)}
${before.join('\n')}
${print}(JSON.stringify(await probe({ ${loads.join(', ')} })))`
}

const quote = text => JSON.stringify(text)
