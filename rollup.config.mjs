import resolve from '@rollup/plugin-node-resolve'
import { minify } from '@swc/core'

/** ES2020 syntax, for browsers of Baseline 2021. Internal names are shortened, public ones never. */
function small(module) {
  return {
    name: 'small',
    async renderChunk(code) {
      return minify(code, {
        ecma: 2020,
        module,
        sourceMap: true,
        compress: { passes: 3, ecma: 2020, toplevel: true, unsafe_arrows: true, pure_getters: true },
        mangle: { toplevel: true, props: { regex: '^_[a-zA-Z]' } },
        format: { comments: false, ecma: 2020 },
      })
    },
  }
}

const bundled = [resolve({ browser: true })]
const external = ['idb', 'nanoid']

export default [
  // Modules: `idb` and `nanoid` stay imports, so that an app that has them too carries them once.
  {
    input: { index: 'build/index.js', record: 'build/record/index.js' },
    external,
    output: { dir: 'dist/esm', format: 'es', sourcemap: true, chunkFileNames: 'shared.js' },
    plugins: [small(true)],
  },
  // CommonJS carries its dependencies: nanoid is a module only.
  {
    input: { index: 'build/index.js', record: 'build/record/index.js' },
    output: { dir: 'dist/cjs', format: 'cjs', sourcemap: true, entryFileNames: '[name].cjs', chunkFileNames: 'shared.cjs' },
    plugins: [...bundled, small(false)],
  },
  // The script tag: one file, one global, which `script.ts` sets itself.
  {
    input: 'build/script.js',
    output: { file: 'dist/sojourn.js', format: 'iife', sourcemap: true },
    plugins: [...bundled, small(false)],
  },
  // What an app gains by importing the library, for the byte budget; not published.
  {
    input: 'build/index.js',
    output: { file: 'build/core/core.js', format: 'es', sourcemap: true },
    plugins: [...bundled, small(true)],
  },
]
