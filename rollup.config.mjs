import resolve from '@rollup/plugin-node-resolve'
import { minify } from '@swc/core'

/**
 * idb adds shortcuts and async iterators to its proxies as it is loaded. We use neither; marked as free of side effects,
 * they leave with everything else that is not used.
 */
const plainIdb = {
  name: 'plain-idb',
  transform: (code, id) =>
    id.includes('/idb/') ? { code: code.replace(/^replaceTraps\(/gm, '/*#__PURE__*/ replaceTraps('), map: null } : null,
}

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
        mangle: { toplevel: true },
        format: { comments: false, ecma: 2020 },
      }),
  }
}

const plugins = [resolve({ browser: true }), plainIdb]
const modules = { index: 'build/index.js', record: 'build/record/index.js' }

// Each build carries idb and nanoid inside: what is measured is what is loaded, and installing brings nothing else.
export default [
  {
    input: modules,
    output: { dir: 'dist/esm', format: 'es', sourcemap: true, chunkFileNames: 'shared.js' },
    plugins: [...plugins, small(true)],
  },
  {
    input: modules,
    output: {
      dir: 'dist/cjs',
      format: 'cjs',
      sourcemap: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: 'shared.cjs',
    },
    plugins: [...plugins, small(false)],
  },
  // The script tag: one file, one global, which `script.ts` sets itself.
  {
    input: 'build/script.js',
    output: { file: 'dist/sojourn.js', format: 'iife', sourcemap: true },
    plugins: [...plugins, small(false)],
  },
  // The tracker alone, as a bundler leaves it in an app that imports `createTracker`: for the byte budget.
  {
    input: 'build/index.js',
    output: { file: 'build/core/core.js', format: 'es', sourcemap: true },
    plugins: [...plugins, small(true)],
  },
]
