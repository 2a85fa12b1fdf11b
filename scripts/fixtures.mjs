// `npm run fixtures -- [names]`: builds the applications in fixtures/ as their developers would, with the packed library, and
// keeps the promises of fixtures/promises.ts to each of them in a browser, against the real collector.
// `commands.mjs` has its options.
//
// A fixture is built in build/fixtures/<name>/, where what was installed before is used again. Its sources name the collector
// https://collector.example, as the recipes do, and their own address https://shop.example; the copy names those of this run.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import './check-node.mjs'
import { engines as known } from '../e2e/faults/table.ts'
import { startCollector } from '../e2e/helpers/collector.ts'
import { needBrowsers } from './browser.mjs'
import { countKept, noteDriven } from './fixtures-table.mjs'

const place = join('build', 'fixtures')
const tarball = join(place, 'sojourn.tgz')
/** What a new build does not remove from the copy. */
const kept = ['node_modules']

const args = process.argv.slice(2)
const wanted = args.find(arg => arg.startsWith('--browser='))?.slice('--browser='.length) ?? 'chromium'
const engines = wanted === 'all' ? known : wanted.split(',')
if (!engines.every(engine => known.includes(engine))) {
  console.error(`No browser "${wanted}". There are ${known.join(', ')}, and "all".`)
  process.exit(1)
}
const firstSwitch = args.findIndex(arg => arg.startsWith('-') && !/^--(lock|note|serve|browser=.*)$/.test(arg))
const forPlaywright = firstSwitch < 0 ? [] : args.slice(firstSwitch)
const own = firstSwitch < 0 ? args : args.slice(0, firstSwitch)
const asked = own.filter(arg => !arg.startsWith('--'))

const all = readdirSync('fixtures').filter(name => existsSync(join('fixtures', name, 'fixture.json')))
const unknown = asked.filter(name => !all.includes(name))
if (unknown.length) {
  console.error(`No fixture ${unknown.join(', ')}. There are ${all.join(', ')}.`)
  process.exit(1)
}
const isNoted = own.includes('--note')
if (isNoted && forPlaywright.length) {
  console.error('--note counts all promises, so it goes with no other switch of Playwright.')
  process.exit(1)
}
const names = asked.length ? asked : all

function run(command, commandArgs, cwd, env = {}) {
  const { status, error } = spawnSync(command, commandArgs, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`${command} ${commandArgs.join(' ')} in ${cwd}: ${error ?? `ended with ${status}`}`)
}

/** Packs the library as it is built now. Its path is that which the fixtures depend on: ../sojourn.tgz. */
function pack() {
  mkdirSync(place, { recursive: true })
  const { stdout, status } = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', place], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm pack failed')
  cpSync(join(place, stdout.trim()), tarball)
  rmSync(join(place, stdout.trim()))
}

/** Copies the sources of a fixture to where it is built. @param change changes the text of each file. */
function copy(name, change = text => text) {
  const to = join(place, name)
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(to)) if (!kept.includes(entry)) rmSync(join(to, entry), { recursive: true })
  const { status, stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '--', '.'], {
    cwd: join('fixtures', name),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`git does not list the files of ${name}`)
  for (const file of stdout.split('\n').filter(Boolean)) {
    const from = join('fixtures', name, file)
    if (!existsSync(from)) continue
    mkdirSync(join(to, file, '..'), { recursive: true })
    if (/\.(png|ico|jpg|woff2)$/.test(file)) cpSync(from, join(to, file))
    else writeFileSync(join(to, file), change(readFileSync(from, 'utf8')))
  }
  return to
}

/** Installs what the lockfile of a fixture says, and the packed library. */
function install(folder) {
  const stamp = join(folder, 'node_modules', '.fixture')
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) {
    const library = join(folder, 'node_modules', 'sojourn')
    rmSync(library, { recursive: true, force: true })
    mkdirSync(library)
    run('tar', ['-xzf', tarball, '-C', library, '--strip-components=1'], '.')
    return
  }
  run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  writeFileSync(stamp, hash)
}

/** Writes the lockfile of a fixture. It has no hash of the library, because that is another one with each build. */
function lock(name) {
  const folder = copy(name)
  run('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error'], folder)
  const written = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  delete written.packages['node_modules/sojourn'].integrity
  writeFileSync(join('fixtures', name, 'package-lock.json'), `${JSON.stringify(written, null, 2)}\n`)
}

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  // Next asks for text, and loads the whole page anew if it gets another type.
  '.txt': 'text/plain',
}

/** Serves a folder. An address that is no file is answered with the file `fallback`, or with `<address>.html`. */
async function serveFolder(folder, fallback, port) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://site').pathname)
    const candidates = [path, `${path}/index.html`, `${path}.html`, ...(fallback ? [fallback] : [])]
    const file = candidates.map(one => join(folder, one)).find(one => existsSync(one) && statSync(one).isFile())
    // Browsers ask for an icon on their own.
    if (!file || path === '/favicon.ico') {
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end()
      return
    }
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
    response.end(readFileSync(file))
  })
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => server.closeAllConnections() ?? server.close(),
  }
}

/** A port that is free now. */
async function findPort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Starts the server of a fixture, which listens on PORT. */
async function serveCommand(folder, [command, ...rest], port, mode = 'production') {
  const url = `http://127.0.0.1:${port}`
  const child = spawn(command, rest, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: mode,
      PORT: `${port}`,
      HOST: '127.0.0.1',
      HOSTNAME: '127.0.0.1',
      ORIGIN: url,
    },
    // So that all processes of a command such as npx end with it.
    detached: true,
  })
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  for (const until = Date.now() + 60_000; ; ) {
    if (isOver() || Date.now() > until) throw new Error(`${command} ${rest.join(' ')} in ${folder} does not serve`)
    try {
      await fetch(url, { redirect: 'manual' })
      break
    } catch {
      // It does not listen yet.
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  return { url, stop: () => isOver() || process.kill(-Number(child.pid)) }
}

/** Installs, builds and serves a fixture. @returns one thing to try for each build. */
async function start(name, collector) {
  console.log(`\n▸ fixture ${name}`)
  const fixture = JSON.parse(readFileSync(join('fixtures', name, 'fixture.json'), 'utf8'))
  const { folder: served, fallback, command } = fixture.serve
  const port = await findPort()
  const folder = copy(name, text =>
    text
      .replaceAll('https://collector.example', collector.url)
      .replaceAll('https://shop.example', `http://127.0.0.1:${port}`),
  )
  install(folder)
  const build = mode => fixture.build && run('npm', ['run', '--silent', 'build'], folder, { NODE_ENV: mode })
  const started = []
  if (fixture.development === true) {
    build('development')
    renameSync(join(folder, served), join(folder, 'development'))
    const server = await serveFolder(join(folder, 'development'), fallback, await findPort())
    started.push({ name: `${name} (development)`, fixture, folder, server })
  }
  build('production')
  const server = command
    ? await serveCommand(folder, command, port)
    : await serveFolder(join(folder, served), fallback, port)
  if (fixture.development?.command) {
    const { command: develop, edits } = fixture.development
    const developing = await serveCommand(folder, develop, await findPort(), 'development')
    // Such a server builds a page when it is first asked for, which takes a busy machine longer than a promise waits.
    for (const path of ['/', '/teas', '/teas/assam', '/old', '/account', '/sign-in', '/photo', '/nowhere'])
      await fetch(developing.url + path)
    started.push({ name: `${name} (development server)`, fixture: { ...fixture, edits }, folder, server: developing })
  }
  return [{ name, fixture, folder, server }, ...started]
}

pack()
if (own.includes('--lock')) {
  for (const name of names) lock(name)
  process.exit(0)
}

Object.assign(process.env, needBrowsers())
const missing = engines.filter(engine => !process.env[`SOJOURN_${engine.toUpperCase()}`])
// Which of them is missing was said before.
if (missing.length) process.exit(1)
if (engines.some(engine => engine !== 'chromium'))
  console.log(`
  In Firefox and WebKit a script presses and types, because their drivers have no mouse and no keyboard. So loading by
  hovering, and what a page makes of trusted input, is tried in Chromium alone. Back and Forward are history.back() and
  history.forward(), because the button of WebKit passes over pages that were opened without a person.`)

const collector = await startCollector()
const running = []
let failed = 0
try {
  for (const name of names) {
    try {
      running.push(...(await start(name, collector)))
    } catch (error) {
      failed++
      console.error(`  ${name} cannot be tried: ${error.message}`)
    }
  }
  const list = running.map(({ name, fixture, folder, server }) => ({ ...fixture, name, folder, url: server.url }))
  writeFileSync(join(place, 'run.json'), JSON.stringify({ collector: collector.url, engines, fixtures: list }, null, 2))
  if (own.includes('--serve')) {
    for (const { name, url } of list) console.log(`  ${name}: ${url}`)
    await new Promise(resolve => process.once('SIGINT', resolve))
  } else if (running.length) {
    const child = spawn('playwright', ['test', '--config', 'fixtures/playwright.config.ts', ...forPlaywright], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    })
    if (await new Promise(resolve => child.once('exit', resolve))) failed++
    if (isNoted) {
      const kept = countKept(JSON.parse(readFileSync(join(place, 'report.json'), 'utf8')), list)
      const document = 'docs/guide/recipes/index.md'
      writeFileSync(document, noteDriven(readFileSync(document, 'utf8'), kept))
    }
  }
} finally {
  for (const { server } of running) server.stop()
  await collector.stop()
}
process.exit(failed ? 1 : 0)
