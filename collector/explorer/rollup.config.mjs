import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import resolve from '@rollup/plugin-node-resolve'
import { minify } from '@swc/core'
import { writeBrotli } from '../../scripts/brotli.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const folder = here('../dist/explorer')

/** Minifies for browsers of the last years: who runs a collector has one. */
const small = {
  name: 'small',
  renderChunk: code =>
    minify(code, {
      ecma: 2022,
      module: true,
      compress: { passes: 2, ecma: 2022 },
      mangle: true,
      format: { comments: false },
    }),
}

/** All styles in one text: the tokens, those of the chart library, the frame and the parts, then those of the pages. */
function readStyles() {
  const ours = readdirSync(here('src'), { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.css'))
  const rank = path => ['base.css', 'parts/parts.css'].indexOf(path.replaceAll('\\', '/')) + 1 || 3
  const paths = [
    '../../design/tokens.css',
    '../../design/plain.css',
    '../../node_modules/uplot/dist/uPlot.min.css',
    ...ours.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(path => `src/${path}`),
  ]
  return paths
    .map(path => readFileSync(here(path), 'utf8'))
    .join('\n')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .trim()
}

/** Writes a file with the hash of its text in its name, so that a browser may keep it. @returns its name. */
function writeHashed(name, type, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10)
  writeFileSync(join(folder, `${name}-${hash}.${type}`), text)
  return `${name}-${hash}.${type}`
}

/**
 * Writes the page, the styles and the script. The page names the others as `./…`: whoever serves it puts the way from
 * its address to the base in place of `./`.
 */
const page = {
  name: 'page',
  generateBundle(_options, bundle) {
    const [script] = Object.values(bundle)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const names = {
      'explorer.js': writeHashed('explorer', 'js', script.code),
      'explorer.css': writeHashed('explorer', 'css', readStyles()),
    }
    const text = readFileSync(here('index.html'), 'utf8')
    const named = text.replace(/\.\/(explorer\.\w+)/g, (_whole, name) => `./${names[name]}`)
    writeFileSync(join(folder, 'index.html'), named)
    writeBrotli(folder)
    for (const name of Object.keys(bundle)) delete bundle[name]
  },
}

export default {
  input: here('build/main.js'),
  output: { dir: folder, format: 'es' },
  plugins: [resolve({ browser: true }), small, page],
}
