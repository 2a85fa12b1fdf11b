// The scripts "prepack" and "postpack" of the three packages, run in the package's folder.
// Before: builds everything anew, so that no file of an earlier build is packed, and makes the README fit for the registry.
// The registry does not resolve links that are relative to the repository, so they become absolute.
// After (`--restore`): puts the README back.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { buildDocs } from './docs.mjs'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
/** Where the README lies while its package is packed. npm packs no file with this name. */
const keptName = '.README.md.orig'

/** The address of the repository, without a slash at its end. */
export function readRepository() {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return repository.url.replace(/^git\+|\.git$/g, '')
}

/**
 * Makes every relative link of a README absolute. Links within the page stay as they are.
 *
 * @param folder of the README, relative to the repository; '' for the repository itself.
 * @throws Error if a link leads to a file that does not exist.
 */
export function toPublished(text, folder, repository = readRepository()) {
  return text.replace(/(!?\[[^\]]*\])\(([^)\s]+)\)/g, (whole, label, link) => {
    if (/^(#|[a-z]+:)/.test(link)) return whole
    const [file, anchor] = link.split('#')
    const path = relative(root, resolve(root, folder, file)).replaceAll('\\', '/')
    if (path.startsWith('..') || !existsSync(join(root, path)))
      throw new Error(`README of ${folder || '.'}: no ${link}`)
    const kind = label.startsWith('!') ? 'raw' : statSync(join(root, path)).isDirectory() ? 'tree' : 'blob'
    return `${label}(${repository}/${kind}/main/${path}${anchor ? `#${anchor}` : ''})`
  })
}

/** Puts the README for the registry in place of the README of a package, and keeps that beside it. */
export function publishReadme(directory) {
  // The last pack may have been interrupted.
  restoreReadme(directory)
  const [path, kept] = [join(directory, 'README.md'), join(directory, keptName)]
  const published = toPublished(readFileSync(path, 'utf8'), relative(root, resolve(directory)))
  renameSync(path, kept)
  writeFileSync(path, published)
}

/** Puts the README of a package back. Does nothing if it is in its place. */
export function restoreReadme(directory) {
  const kept = join(directory, keptName)
  if (existsSync(kept)) renameSync(kept, join(directory, 'README.md'))
}

function buildAnew() {
  const folders = ['dist', 'collector/dist', 'collector/build', 'collector/explorer/build', 'conformance/dist']
  // `npm test` packs too, and keeps its results there.
  const built = existsSync(join(root, 'build'))
    ? readdirSync(join(root, 'build')).filter(name => name !== 'results')
    : []
  for (const path of [...folders, ...built.map(name => `build/${name}`)])
    rmSync(join(root, path), { recursive: true, force: true })
  // npm tells a script by these variables which workspace it packs. The build is that of the repository.
  const env = Object.entries(process.env).filter(([name]) => !/^npm_config_(workspace|local_prefix)/.test(name))
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: root,
    env: Object.fromEntries(env),
    // What a script prints to its output goes into that of `npm pack`, which other programs read.
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(1)
  // The collector serves the documentation. `npm run build` leaves it out.
  if (resolve('.') === join(root, 'collector')) buildDocs()
}

/** What the collector serves from its package, besides its own code. Without it, an address answers 404 and nothing else tells. */
const served = [
  'dist/docs/index.html',
  'dist/docs/search.json.br',
  'dist/explorer/index.html',
  'dist/sojourn.js',
  'dist/inspector.js',
]

/** What is missing in the folder of a package that is packed: the collector's pages and scripts. */
export function missingIn(directory) {
  if (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).name !== 'sojourn-collector') return []
  return served.filter(path => !existsSync(join(directory, path)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--restore')) restoreReadme('.')
  else {
    buildAnew()
    const missing = missingIn('.')
    if (missing.length) {
      console.error(`not packed, because these were not built: ${missing.join(', ')}`)
      process.exit(1)
    }
    publishReadme('.')
  }
}
