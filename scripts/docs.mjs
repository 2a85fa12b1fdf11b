// The commands `npm run docs` and `npm run docs:dev`: installs what builds the site, if it is not there, and builds it. `npm ci` of the
// repository does not install it, because it weighs 80 MB, a seventh of all the rest.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const site = fileURLToPath(new URL('../docs/site', import.meta.url))

/** Whether what builds the site is installed, in the versions of the lockfile. */
function isInstalled() {
  const installed = join(site, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const packagesIn = path => JSON.parse(readFileSync(path, 'utf8')).packages
  const there = packagesIn(installed)
  return Object.entries(packagesIn(join(site, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
  )
}

function run(command, args, cwd) {
  // What is printed goes to the errors, because the output of `npm pack` is read by other programs.
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) process.exit(1)
}

/** Builds the site into the package of the collector, and ends the process if a link leads nowhere. */
export function buildDocs(args = []) {
  if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'], site)
  run(process.execPath, [join(site, 'build.mjs'), ...args], join(site, '../..'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildDocs(process.argv.slice(2))
