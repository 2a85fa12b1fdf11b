// Measures the size of the builds as a browser loads them, in bytes of brotli.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minify } from '@swc/core'
import { rollup } from 'rollup'
import configs from '../rollup.config.mjs'

const weigh = text => brotliCompressSync(text).length

/** Measures each build of `budgets.json`. */
export function weighBuilds() {
  const budgets = JSON.parse(readFileSync('budgets.json', 'utf8'))
  return budgets.map(budget => ({ ...budget, bytes: weigh(readFileSync(budget.path)) }))
}

/**
 * Measures each part of the module, the largest first: how much smaller the module would be without it. The sum is less
 * than the size of the module, because brotli finds the same words in several parts.
 *
 * @param toPart names the part of a file: `toFile` makes each file a part, `toRoom` each folder of `src`.
 */
export async function weighParts(toPart) {
  const plugins = configs[0].plugins.filter(({ name }) => name !== 'small')
  const bundle = await rollup({ input: configs[0].input, plugins })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  const files = []
  for (const [path, { code }] of Object.entries(output[0].modules)) {
    if (!code) continue
    const options = { ecma: 2020, module: true, compress: { passes: 3, toplevel: false, unused: false }, mangle: true }
    files.push({ part: toPart(relative('.', path)), code: (await minify(code, options)).code })
  }
  const weighAll = list => weigh(list.map(({ code }) => code).join('\n'))
  const whole = weighAll(files)
  const parts = [...new Set(files.map(({ part }) => part))].map(part => ({
    part,
    bytes: whole - weighAll(files.filter(file => file.part !== part)),
  }))
  return parts.sort((a, b) => b.bytes - a.bytes)
}

/** Names a file without the folder of the build or of the packages. */
export function toFile(path) {
  return path.replace(/^build\//, '').replace(/^node_modules\//, '')
}

/** Names the folder of `src` or the package. Files that are in no folder are the composition root. */
export function toRoom(path) {
  const [room, ...rest] = toFile(path).split('/')
  return rest.length ? room : 'composition root'
}
