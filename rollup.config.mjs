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
 * Names of parts' inner parts, which no page, no stored record and no other tab ever sees. The builds shorten them. Each
 * build is one file, so a name is shortened alike wherever it stands.
 */
const inner = `
  add_ adopt append bind chance change claim clearSpill common copy counts damaged departed deviceTime
  endSession endsPage endsSession facts flusher forget freeze goBlind grow hasLeftovers hasReturned hear hide historyOf
  hold holdUntil isAged isCopied isDue isExpired isForeign isFresh isHeld isKnown isLeaving isOpen isOver isResting
  isReturned isTold isUsed isWanted keep keeper keepSettled kept leave leftovers life look lookBack lose make makeApart makeId
  makeWriter mayTry nextId note notes notice_ notice off onAdopt onDamaged onDenied onDrop onFail onFreeze onHidden onInput
  onKnown onLater onLeave onLost onOnline onOpen onOwed onResume onReturn onSettled onStored onTimeout onVisible openState
  options orphanExit orphans others outbox owedParcels pace pageLoad pause purge readEach recording reject release
  remove removeOrphans renew retry rewind room runs sender settle settled ship spill spillAll start_ startRest submit succeed
  sweepSettled take takeStaleExits tellsIdentity transport trouble wasTaken whenKnown database fail back
  isWhole counted
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
          // An arrow function is parsed in full together with the function around it, others only when they are called.
          arrows: false,
          unsafe_arrows: false,
          unsafe_methods: false,
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
