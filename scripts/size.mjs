// Weighs each build as a browser would load it (brotli); `npm run size`. With --parts: what each file of the module weighs,
// as what the whole would lose without it.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { minify } from '@swc/core'
import { rollup } from 'rollup'
import configs, { plainIdb } from '../rollup.config.mjs'

const weigh = text => brotliCompressSync(text).length

for (const { what, path, maxBytes, goalBytes } of JSON.parse(readFileSync('budgets.json', 'utf8')))
  console.log(`${what}: ${weigh(readFileSync(path))} B brotli (budget ${maxBytes}, goal ${goalBytes})`)

if (process.argv.includes('--parts')) {
  const bundle = await rollup({ input: configs[0].input, plugins: [configs[0].plugins[0], plainIdb] })
  const { output } = await bundle.generate({ format: 'es' })
  const parts = []
  for (const [path, { code }] of Object.entries(output[0].modules)) {
    if (!code) continue
    const options = { ecma: 2020, module: true, compress: { passes: 3, toplevel: false, unused: false }, mangle: true }
    parts.push({
      path: relative('.', path).replace(/^build\/|^node_modules\//, ''),
      code: (await minify(code, options)).code,
    })
  }
  const whole = weigh(parts.map(({ code }) => code).join('\n'))
  const rows = parts.map(part => ({
    ...part,
    bytes: whole - weigh(parts.flatMap(other => (other === part ? [] : other.code)).join('\n')),
  }))
  console.log('\n| part | brotli B |\n|---|---:|')
  for (const { path, bytes } of rows.sort((a, b) => b.bytes - a.bytes)) console.log(`| \`${path}\` | ${bytes} |`)
}
