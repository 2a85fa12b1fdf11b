// `npm run test:jest`: installs the packed library beside Jest, as an application does, and runs the sample of the guide in
// fixtures/jest/. `npm run test:long` runs it too.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import './check-node.mjs'

const place = join('build', 'fixtures')
const folder = join(place, 'jest')
const lockfile = join('fixtures', 'jest', 'package-lock.json')

function run(command, args, cwd) {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', cwd === '.' ? 'pipe' : 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(1)
  return stdout
}

mkdirSync(folder, { recursive: true })
const packed = run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', place], '.')
renameSync(join(place, packed.trim()), join(place, 'sojourn.tgz'))
cpSync(join('fixtures', 'jest'), folder, { recursive: true })
const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
if (process.argv.includes('--lock')) {
  run('npm', ['install', '--package-lock-only', ...quiet], folder)
  const written = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  // The library is another one with each build.
  delete written.packages['node_modules/sojourn'].integrity
  writeFileSync(lockfile, `${JSON.stringify(written, null, 2)}\n`)
} else {
  run('npm', ['ci', '--prefer-offline', ...quiet], folder)
  run('npx', ['jest', '--env', 'node'], folder)
  run('npx', ['jest', '--env', 'jsdom'], folder)
}
