// Builds the pages of `docs/` as a site, into the package of the collector, which serves it at `/docs/`.
//   node docs/site/build.mjs          once; fails if a link leads nowhere
//   node docs/site/build.mjs --serve  again and again, at http://localhost:8080/
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Eleventy } from '@11ty/eleventy'
import { rolldown } from 'rolldown'
import { writeBrotli } from '../../scripts/brotli.mjs'
import { makeApi } from './api.mjs'
import { findFaults } from './check.mjs'
import { configure } from './eleventy.mjs'
import { root, siteFolder } from './places.mjs'
import { toSearchIndex } from './search.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const isServing = process.argv.includes('--serve')

/** Writes what is beside the pages: the styles, the script, what is searched, and the pictures. */
async function writeFiles({ pages, assets }) {
  const styles = [join(root, 'design/tokens.css'), join(root, 'design/plain.css'), here('theme/site.css')]
  writeFileSync(join(siteFolder, 'site.css'), styles.map(path => readFileSync(path, 'utf8')).join('\n'))
  copyFileSync(here('theme/sign.svg'), join(siteFolder, 'sign.svg'))
  writeFileSync(join(siteFolder, 'search.json'), JSON.stringify(toSearchIndex(pages)))
  for (const path of assets) {
    mkdirSync(dirname(join(siteFolder, path)), { recursive: true })
    copyFileSync(join(root, 'docs', path), join(siteFolder, path))
  }
  const bundle = await rolldown({ input: here('theme/site.js') })
  await bundle.write({ file: join(siteFolder, 'site.js'), minify: true })
}

process.chdir(root)
rmSync(siteFolder, { recursive: true, force: true })
const made = { pages: new Map(), assets: new Set() }
const api = await makeApi()
const eleventy = new Eleventy('docs', relative(root, siteFolder), {
  quietMode: true,
  configPath: false,
  config(config) {
    configure(config, { api, made })
    config.addWatchTarget('docs/site/theme/*.{css,js}')
    config.on('eleventy.after', () => writeFiles(made))
  },
})
await eleventy.init()
if (isServing) {
  await eleventy.watch()
  await eleventy.serve(8080)
} else {
  await eleventy.write()
  writeBrotli(siteFolder)
  const faults = findFaults()
  for (const fault of faults) console.error(fault)
  const files = readdirSync(siteFolder, { recursive: true, encoding: 'utf8' }).map(name =>
    statSync(join(siteFolder, name)),
  )
  const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  console.log(`${made.pages.size} pages, ${(bytes / 1e6).toFixed(1)} MB in ${relative(root, siteFolder)}`)
  if (faults.length) process.exit(1)
}
