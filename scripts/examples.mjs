// `npm run examples [-- names]`: installs the applications of examples/ as a reader would, with the packages of this checkout in place of
// those of the registry, starts each with `npm start`, and drives it in Chromium.
// `commands.mjs` has its options.
//
// An example is installed in build/examples/<name>/. Its ports there are free ones, so that nothing else is in the way.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'
import './check-node.mjs'
import { needBrowsers } from './browser.mjs'
import { needPostgres } from './postgres.mjs'

const place = resolve('build/examples')
/** The packages of this checkout that examples depend on, and their folders. */
const ours = { sojourn: '.', 'sojourn-collector': 'collector' }

const switches = process.argv.slice(2).filter(one => one.startsWith('--'))
const asked = process.argv.slice(2).filter(one => !one.startsWith('--'))
const all = readdirSync('examples').filter(name => existsSync(join('examples', name, 'package.json')))
const names = asked.length ? asked : all
const unknown = names.filter(name => !all.includes(name))
if (unknown.length) {
  console.error(`No example ${unknown.join(', ')}. There are ${all.join(', ')}.`)
  process.exit(1)
}

function run(command, args, cwd = '.', stdio = 'inherit', env = {}) {
  const shell = process.platform === 'win32'
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    stdio,
    encoding: 'utf8',
    shell,
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} in ${cwd} ended with ${status}`)
  return stdout
}

/** Packs the packages as they are built now. @returns the tarball of each. */
function pack() {
  mkdirSync(place, { recursive: true })
  return Object.fromEntries(
    Object.entries(ours).map(([name, folder]) => {
      const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', place]
      const file = run('npm', args, folder, ['ignore', 'pipe', 'inherit']).trim()
      renameSync(join(place, file), join(place, `${name}.tgz`))
      return [name, join(place, `${name}.tgz`)]
    }),
  )
}

async function findPort() {
  const server = createServer()
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise(done => server.close(done))
  return String(port)
}

/** Copies an example without what was installed in it. @param change changes the text of each file. */
function copy(name, change) {
  const folder = join(place, name)
  for (const entry of existsSync(folder) ? readdirSync(folder) : [])
    if (entry !== 'node_modules') rmSync(join(folder, entry), { recursive: true })
  const isOurs = path => !/(^|[\\/])(node_modules|\.next|dist|[^\\/]*\.db(-\w+)?)([\\/]|$)/.test(path)
  cpSync(join('examples', name), folder, { recursive: true, filter: isOurs })
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const one of files) {
    const path = join(one.parentPath, one.name)
    if (!one.isFile() || path.includes('node_modules') || one.name === 'package-lock.json') continue
    const text = readFileSync(path, 'utf8')
    const changed = change(text)
    if (changed !== text) writeFileSync(path, changed)
  }
  return folder
}

/** Puts tarballs in the place of versions, in `package.json` and in the lockfile. */
function depend(folder, tarballs) {
  const each = ({ dependencies = {}, devDependencies = {} }) => {
    for (const list of [dependencies, devDependencies])
      for (const [name, file] of Object.entries(tarballs)) if (list[name]) list[name] = `file:${file}`
  }
  edit(join(folder, 'package.json'), each)
  edit(join(folder, 'package-lock.json'), lock => {
    each(lock.packages[''])
    for (const [name, file] of Object.entries(tarballs)) {
      const entry = lock.packages[`node_modules/${name}`]
      if (entry) entry.resolved = `file:${file}`
    }
  })
}

function edit(path, change) {
  if (!existsSync(path)) return
  const value = JSON.parse(readFileSync(path, 'utf8'))
  change(value)
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

/** Writes the lockfile that an example has once the packages are in the registry. They have no hash yet. */
function lock(name, tarballs) {
  const folder = copy(name, text => text)
  rmSync(join(folder, 'package-lock.json'), { force: true })
  const given = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  depend(folder, tarballs)
  run('npm', ['install', '--package-lock-only', ...quiet], folder)
  edit(join(folder, 'package-lock.json'), written => {
    const { dependencies, devDependencies } = given
    Object.assign(written.packages[''], {
      ...(dependencies && { dependencies }),
      ...(devDependencies && { devDependencies }),
    })
    for (const own of Object.keys(ours)) {
      const entry = written.packages[`node_modules/${own}`]
      if (!entry) continue
      entry.resolved = `https://registry.npmjs.org/${own}/-/${own}-${entry.version}.tgz`
      delete entry.integrity
    }
  })
  cpSync(join(folder, 'package-lock.json'), join('examples', name, 'package-lock.json'))
}

/** Installs an example in its copy. @returns where it is, and its addresses. */
async function prepare(name, tarballs, ports) {
  const folder = copy(name, text => text.replaceAll('4318', ports.collector).replaceAll('8080', ports.page))
  depend(folder, tarballs)
  run('npm', ['ci', ...quiet], folder)
  return { folder, page: `http://127.0.0.1:${ports.page}`, collector: `http://127.0.0.1:${ports.collector}` }
}

const tarballs = pack()
if (switches.includes('--lock')) for (const name of names) lock(name, tarballs)
else if (switches.includes('--start')) {
  const { folder } = await prepare(names[0], tarballs, { collector: '4318', page: '8080' })
  run('npm', ['start'], folder)
} else {
  const browsers = needBrowsers()
  needPostgres()
  const prepared = {}
  for (const name of names) {
    console.log(`▸ ${name}`)
    prepared[name] = await prepare(name, tarballs, { collector: await findPort(), page: await findPort() })
  }
  const args = ['test', '--project', 'examples', '--workers', '1']
  run('playwright', args, '.', 'inherit', { ...browsers, SOJOURN_EXAMPLES: JSON.stringify(prepared) })
}
