import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import resolve from '@rollup/plugin-node-resolve'
import { minify, transform } from '@swc/core'

/**
 * idb adds shortcuts and async iterators to its proxies as it is loaded. We use neither; marked as free of side effects,
 * they leave with everything else that is not used.
 */
export const plainIdb = {
  name: 'plain-idb',
  transform: (code, id) =>
    id.includes('/idb/') ? { code: code.replace(/^replaceTraps\(/gm, '/*#__PURE__*/ replaceTraps('), map: null } : null,
}

/**
 * Names of internal properties. The builds shorten them, because no page, stored record or other tab ever sees them. Each
 * build is one file, so all uses of a name are shortened in the same way. `sojourn/record` shortens none: a collector uses
 * them all.
 */
const inner = `
  above address adopt again allowed answers append back bind birth chance changed claim clearSpill common
  correct counted counts damaged database departed deviceTime endSession endsPage endsSession enter enterAgain enteredAt
  erase facts fail findAlive firstBatch flusher forgottenAt freeze given goBlind goOn grow guard hasLeftovers hasReturned
  hear held hide hideTimer historyOf hold inherited interrupt isAgain isAged isCalled isCopied isDue isEnded isExpired
  isFresh isHeard isHiding isKnown isLeaving isLegacy isNew isOn isOpen isOpened isOver isPainted isPassive
  isReported isResting isReturned isSettled isShown isStale isStopped isTold isTouched isUntouched isUsed isWanted keep
  keeper keepSettled kept known lastActive learn lease leave leftovers listen listener listeners look lookBack lose make
  makeApart makeId makeWriter mayRecord mayTry names nextId note noteMs notes notice observers off onAdopt onBuild
  onChange onDamaged onDenied onDrop onFail onFate onFirst onGone onGranted onKnown onLater onLeave onLikely onLost onOdd
  onOpen onOwed onPending onSettled onStored onTimeout openPage openSession openState orphan orphanExit orphans others
  outbox pace pageLoad pause purge question readAgain recording reject release remembered remove removeOrphans renew retry rewind
  runs sender settle settled ship spill spillAll startRest stay submit succeed sweepSettled take takeStale
  tellsIdentity texts told touch trouble unknown verbs views wasTaken watch whenKnown
`.match(/\w+/g)

/** What a page may put something else in place of: for tests, as an imitation for old browsers, to watch itself. */
const natives = `
  Array Date JSON Map Math Number Object Set WeakMap XMLHttpRequest clearTimeout fetch performance queueMicrotask
  setInterval setTimeout
`.match(/\w+/g)

/**
 * Takes what the browser has as the script is loaded, so that what the page changes later changes nothing here. Functions of
 * `Object`, `Math` and their like are taken too. The promise is that of async functions, whatever the page has made of
 * `Promise`.
 */
const takeNatives = {
  name: 'take-natives',
  renderChunk(code) {
    const taken = new Set()
    const text = code.replace(/\b(Object|Array|JSON|Math|Date|Number)\.([a-z]\w+)(?=\()/gi, (_all, owner, name) => {
      taken.add(`${owner}.${name}`)
      return `${owner}_${name}`
    })
    const functions = [...taken].map(path => `const ${path.replace('.', '_')} = ${path}\n`).join('')
    const head = `const { ${natives.join()} } = globalThis\nconst Promise = (async () => {})().constructor\n${functions}`
    // In a file of one expression everything stands within its function.
    const start = /^\(function \(\) \{|^'use strict';/.exec(text)?.[0] ?? ''
    return { code: `${start}\n${head}${text.slice(start.length)}`, map: null }
  },
}

/** Only the test kit puts something else in the place of the page's globals and timers. Every other build uses them by name. */
const ownGlobals = {
  name: 'own-globals',
  renderChunk: code => ({
    code: code
      .replace(/^let globals = globalThis;$/m, '')
      // What a worker or a server may not have is asked for as a property.
      .replace(/\bglobals(?=\.\w+(\?\.| \|\|))/g, 'globalThis')
      .replace(/(?<!function )\bscope\(\)/g, 'globalThis')
      .replace(/\bglobals\.(?=\w)/g, '')
      .replace(/(?<!function )\bevenTime\(/g, 'performance.now(')
      .replace(/(?<!function )\bcancel\((?=\w)/g, 'clearTimeout('),
    map: null,
  }),
}

/**
 * Chromium compiles every function of a file that begins so on another thread, while it loads. Otherwise it compiles each on
 * the main thread when it is first called, which was most of the start. In text that stands in a page, the line would have
 * the opposite effect, so only the script tag has it. See https://v8.dev/blog/explicit-compile-hints.
 */
const compileAsLoaded = '//# allFunctionsCalledOnLoad\n'

/** Minifies to ES2020 syntax, for browsers of Baseline 2021. @param head a line to begin with, or nothing. */
function small(module, isShortened, head = '') {
  return {
    name: 'small',
    async renderChunk(text) {
      const { code, map } = await minify(text, {
        ecma: 2020,
        module,
        sourceMap: true,
        compress: {
          passes: 3,
          ecma: 2020,
          toplevel: true,
          // An arrow function is parsed in full together with the function around it, others only when they are called.
          arrows: false,
          unsafe_arrows: false,
          unsafe_methods: false,
          pure_getters: true,
          // A function within the one that calls it is parsed again each time that the outer one is. Left in the file of the
          // tracker, six such levels of up to 42 kB took a tenth of the start.
          ...(isShortened && { inline: 0, reduce_vars: false }),
        },
        mangle: { toplevel: true, ...(isShortened && { props: { regex: `^(${inner.join('|')})$` } }) },
        format: { comments: false, ecma: 2020 },
      })
      const { mappings, ...rest } = JSON.parse(map)
      return { code: head + code, map: { ...rest, mappings: (head && ';') + mappings } }
    },
  }
}

/** Puts the tokens that explorer, inspector and demo share into the style of the inspector. */
const tokens = {
  name: 'tokens',
  transform(code, id) {
    if (!id.endsWith('inspector/styles.js')) return null
    const css = readFileSync('design/tokens.css', 'utf8')
      .replace(/\/\*[^]*?\*\//g, '')
      .replace(/\s+/g, ' ')
    // The page decides how much a rem is.
    const style = code.replace('@tokens;', () => css).replace(/([\d.]+)rem/g, (_, size) => `${size * 16}px`)
    return { code: style, map: null }
  },
}

const plugins = [resolve({ browser: true }), plainIdb, tokens]
const modules = { index: 'build/index.js', record: 'build/record/index.js' }
/** Each plugin and each adapter is an export of its own. What those of a folder share is part of each. */
const extras = ['plugins', 'adapters'].flatMap(folder =>
  readdirSync(`src/${folder}`)
    .map(name => `${folder}/${name.replace('.ts', '')}`)
    .filter(path => !/\/(plugin|adapter)$/.test(path)),
)

/** The test kit has the tracker in it, on parts of its own. It ships to no page. */
const kit = ['index', 'vitest', 'jest', 'playwright'].map(name => `testing/${name}`)

/** Bindings take the tracker from the module beside them, so that an application has it once. */
const bindings = ['react', 'vue', 'svelte', 'schemas', 'contracts']
/** Server components may import hooks only from a module that says so. */
const forClients = { name: 'for-clients', renderChunk: code => ({ code: `'use client';${code}`, map: null }) }
const lastOf = name => (name === 'react' ? [forClients] : [])
const core = fileURLToPath(new URL('build/index.js', import.meta.url))

/**
 * Takes the script tag apart for collectors, which compose it with plugins: `tag/core.js` has `sojournPlugins` in the place
 * where `sojourn.js` has no plugin.
 */
const tagCore = {
  name: 'tag-core',
  renderChunk(code) {
    const parts = code.split('sojournPlugins')
    if (parts.length !== 2) throw new Error('script.ts must name sojournPlugins once')
    this.emitFile({ type: 'asset', fileName: 'tag/core.js', source: code })
    return { code: parts.join('{__proto__:null}'), map: null }
  },
}
/** The plugins as expressions, for the script tag. Those that take attributes of the tag have a file in `src/tag`. */
const piece = name => ({
  name: 'piece',
  resolveId: id => (id === name ? id : null),
  load(id) {
    if (id !== name) return null
    const path = [`build/tag/${name}.js`, `build/plugins/${name}.js`].find(existsSync)
    return `export { ${name} as default } from ${JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))}`
  },
  // What is declared and not used would be left out.
  renderChunk: code => ({ code: code.replace(/^var /, 'globalThis.'), map: null }),
})
const toExpression = {
  name: 'to-expression',
  renderChunk: code => ({ code: `(${/^globalThis\.piece=([^]*);\s*$/.exec(code)[1]})`, map: null }),
}
/** web-vitals is written for newer browsers. One of Baseline 2021 would not run a script that has it, nor record anything. */
const older = {
  name: 'older',
  transform: (code, id) =>
    id.includes('/web-vitals/')
      ? transform(code.replace(/(this\.\w+)\.at\(-1\)/g, '$1[$1.length-1]'), {
          jsc: { target: 'es2020' },
          sourceMaps: true,
        })
      : null,
}
const pieces = extras
  .filter(path => path.startsWith('plugins/'))
  .map(path => path.replace('plugins/', ''))
  .map(name => ({
    input: name,
    output: { file: `dist/tag/${name}.js`, format: 'iife', name: 'piece' },
    plugins: [piece(name), ...plugins, older, small(false, false), toExpression],
  }))

/** Each build includes idb and nanoid. So its size is all that a page loads, and the package has no dependencies. */
const build = (input, output, isModule, isShortened, last = [], head = '') => ({
  input,
  external: ['web-vitals', 'react', 'vue', 'vitest', '@playwright/test', ...(input === 'build/index.js' ? [] : [core])],
  output: { sourcemap: true, ...output },
  plugins: [...plugins, ...(isShortened ? [ownGlobals, takeNatives] : []), small(isModule, isShortened, head), ...last],
})

export default [
  ...Object.entries(modules).flatMap(([name, input]) => [
    build(input, { file: `dist/esm/${name}.js`, format: 'es' }, true, name !== 'record'),
    build(input, { file: `dist/cjs/${name}.cjs`, format: 'cjs' }, false, name !== 'record'),
  ]),
  ...[...extras, ...kit].flatMap(path => [
    build(`build/${path}.js`, { file: `dist/esm/${path}.js`, format: 'es' }, true, false),
    build(`build/${path}.js`, { file: `dist/cjs/${path}.cjs`, format: 'cjs' }, false, false),
  ]),
  ...bindings.flatMap(name => [
    build(
      `build/${name}.js`,
      { file: `dist/esm/${name}.js`, format: 'es', paths: { [core]: './index.js' } },
      true,
      false,
      lastOf(name),
    ),
    build(
      `build/${name}.js`,
      { file: `dist/cjs/${name}.cjs`, format: 'cjs', paths: { [core]: './index.cjs' } },
      false,
      false,
      lastOf(name),
    ),
  ]),
  build('build/inspector/inspector.js', { file: 'dist/esm/inspector.js', format: 'es' }, true, false),
  build('build/inspector/inspector.js', { file: 'dist/cjs/inspector.cjs', format: 'cjs' }, false, false),
  build('build/inspector/script.js', { file: 'dist/inspector.js', format: 'iife' }, false, false),
  // The script tag: one file, one global, which `script.ts` sets itself.
  build('build/script.js', { file: 'dist/sojourn.js', format: 'iife' }, false, true, [tagCore], compileAsLoaded),
  ...pieces,
]
