// What the builds weigh as a browser loads them: brotli, bytes.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minify } from '@swc/core'
import { rollup } from 'rollup'
import configs from '../rollup.config.mjs'

const weigh = text => brotliCompressSync(text).length

/** Each build of `budgets.json`, with its bytes. */
export function weighBuilds() {
  const budgets = JSON.parse(readFileSync('budgets.json', 'utf8'))
  return budgets.map(budget => ({ ...budget, bytes: weigh(readFileSync(budget.path)) }))
}

/**
 * Each part of the module, heaviest first, as what the whole would lose without it. The sum is below the whole, because
 * brotli finds the same words in several parts.
 *
 * @param toPart names the part that a file is in: `toFile` for each file alone, `toRoom` for each room of `src`.
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

export function toFile(path) {
  return path.replace(/^build\//, '').replace(/^node_modules\//, '')
}

/** The folder of `src`, the package, or the composition root for the files that are in no folder. */
export function toRoom(path) {
  const [room, ...rest] = toFile(path).split('/')
  return rest.length ? room : 'composition root'
}
