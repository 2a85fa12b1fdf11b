import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toPublished } from '../../scripts/prepack.mjs'
import { isLong } from './stores.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders = { sojourn: '', 'sojourn-collector': 'collector', 'sojourn-conformance': 'conformance' }
const scene = join(tmpdir(), `sojourn-packages-${process.pid}`)
const home = join(scene, 'home')
const bin = join(home, 'node_modules/.bin')

function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    // npm would look for the workspaces of the checkout.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  })
  return { status, stdout, stderr }
}

function must(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = run(command, args, cwd)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || stdout}`)
  return stdout
}

/**
 * Packs the present build as `npm pack` would after its script "prepack". It works on a copy, because other proofs use the
 * build meanwhile.
 */
function pack(name: string, folder: string): string {
  const from = join(root, folder)
  const [{ files }] = JSON.parse(must('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], from))
  const copy = join(scene, name)
  for (const { path } of files as { path: string }[]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(from, path), join(copy, path))
  }
  writeFileSync(join(copy, 'README.md'), toPublished(readFileSync(join(from, 'README.md'), 'utf8'), folder))
  const [packed] = JSON.parse(must('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scene], copy))
  return join(scene, packed.filename)
}

// Installing takes half a minute, so only the long form does it.
describe.runIf(isLong)('the packed packages, installed in an empty folder', () => {
  beforeAll(() => {
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "private": true }')
    const tarballs = Object.entries(folders).map(([name, folder]) => pack(name, folder))
    must('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--engine-strict', ...tarballs], home)
  })

  afterAll(() => rmSync(scene, { recursive: true, force: true }))

  it('bring their licence, and a README without a link that is relative to the repository', () => {
    for (const name of Object.keys(folders)) {
      const installed = join(home, 'node_modules', name)
      expect(readdirSync(installed)).toEqual(expect.arrayContaining(['LICENSE', 'README.md']))
      expect(readFileSync(join(installed, 'README.md'), 'utf8')).not.toMatch(/\]\((?!https:|#)/)
    }
  })

  it('run their commands', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'collector/package.json'), 'utf8'))
    expect(must(join(bin, 'sojourn-collector'), ['--version'], home)).toContain(version)
    expect(must(join(bin, 'sojourn-collector'), ['--help'], home)).toContain('--db')
    expect(must(join(bin, 'sojourn-conformance'), ['--help'], home)).toContain('--key')
  })

  it('give the library to modules and to CommonJS', () => {
    const print = `console.log(typeof createTracker, typeof limits.maxIdLength)`
    const imports = `import { createTracker } from 'sojourn'; import { limits } from 'sojourn/record'; ${print}`
    const requires = `const { createTracker } = require('sojourn'), { limits } = require('sojourn/record'); ${print}`
    expect(must('node', ['--input-type=module', '-e', imports], home).trim()).toBe('function number')
    expect(must('node', ['--input-type=commonjs', '-e', requires], home).trim()).toBe('function number')
  })

  it('make a collector that serves the script and its description, and that the kit can check', async () => {
    const child = spawn(join(bin, 'sojourn-collector'), ['--db', join(scene, 'test.db'), '--port', '0'], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      const url = /http:\/\/[\d.:]+/.exec(line)?.[0] as string
      for (const path of ['/healthz', '/sojourn.js', '/sojourn.js.map', '/openapi.json', '/openapi'])
        expect([path, (await fetch(url + path)).status]).toEqual([path, 200])
      const { status, stdout } = run(
        join(bin, 'sojourn-conformance'),
        [url, '--key', 'demo', '--only', 'missing'],
        home,
      )
      expect([status, stdout]).toEqual([0, expect.stringContaining('missing')])
    } finally {
      child.kill()
      await once(child, 'exit')
    }
  })
})
