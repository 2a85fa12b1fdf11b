import resolve from '@rollup/plugin-node-resolve'
import { minify } from '@swc/core'

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
 * Names of parts' inner parts, which no page, no stored record and no other tab ever sees: shortened in the builds. Each
 * build is one file, so a name is shortened alike wherever it stands.
 */
const inner = `
  adopt chance claim forget hold isCopied isExpired isForeign isHistory isTailed isUnread lease lose makeId maxAgeMs
  maxChars nextId notice onBack onClose onDenied onDrop onFreeze onHidden onInput onKept onLate onLater onLeave onLost
  onOnline onSpill onStored onTrouble own pause release renew remember retryAfterMs save segment settle submit sweep touch
  transport trim trouble will wills writeAll
`.match(/\w+/g)

/** ES2020 syntax, for browsers of Baseline 2021. */
function small(module) {
  return {
    name: 'small',
    renderChunk: code =>
      minify(code, {
        ecma: 2020,
        module,
        sourceMap: true,
        compress: {
          passes: 3,
          ecma: 2020,
          toplevel: true,
          unsafe_arrows: true,
          unsafe_methods: true,
          pure_getters: true,
        },
        mangle: { toplevel: true, props: { regex: `^(${inner.join('|')})$` } },
        format: { comments: false, ecma: 2020 },
      }),
  }
}

const plugins = [resolve({ browser: true }), plainIdb]
const modules = { index: 'build/index.js', record: 'build/record/index.js' }

/** Each build carries idb and nanoid inside: what is measured is what is loaded, and installing brings nothing else. */
const build = (input, output, isModule) => ({
  input,
  output: { sourcemap: true, ...output },
  plugins: [...plugins, small(isModule)],
})

export default [
  ...Object.entries(modules).flatMap(([name, input]) => [
    build(input, { file: `dist/esm/${name}.js`, format: 'es' }, true),
    build(input, { file: `dist/cjs/${name}.cjs`, format: 'cjs' }, false),
  ]),
  // The script tag: one file, one global, which `script.ts` sets itself.
  build('build/script.js', { file: 'dist/sojourn.js', format: 'iife' }, false),
]
