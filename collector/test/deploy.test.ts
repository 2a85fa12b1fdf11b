import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { parseOptions } from '../src/options.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const deploy = join(root, 'collector/deploy')
const read = (name: string): string => readFileSync(join(deploy, name), 'utf8')

const dockerfile = read('Dockerfile')
const compose = parse(read('compose.yaml'))
const unit = read('sojourn-collector.service')

/** Whether a path is in the build's context, as Docker reads a .dockerignore file: the last pattern that matches decides. */
function isInContext(path: string): boolean {
  let isIn = true
  for (const line of read('Dockerfile.dockerignore').split('\n')) {
    const pattern = line.replace(/^!/, '')
    if (!pattern || pattern.startsWith('#')) continue
    const source = pattern.replace(/[.+]/g, '\\$&').replace(/\*\*\/|\*/g, part => (part === '*' ? '[^/]*' : '(.*/)?'))
    if (new RegExp(`^${source}(/.*)?$`).test(path)) isIn = line.startsWith('!')
  }
  return isIn
}

describe('the Dockerfile', () => {
  it('passes the linter', () => {
    expect(validate(dockerfile)).toEqual([])
  })

  it('runs the Node with which the project is tested, in every stage', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(new Set(images)).toEqual(new Set([`node:${devDependencies.node}-bookworm-slim`]))
  })

  it('runs as another user than root, keeps its data in a volume, and is watched', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM'))
    expect(last).toMatch(/^USER node$/m)
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'))
    expect(last).toMatch(/^VOLUME \/var\/lib\/sojourn$/m)
    expect(last).toContain('/healthz')
  })

  it('gets all that the build reads, and no tests, builds or databases', () => {
    const { files, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const steps = [...`${scripts.build} ${scripts.prepack}`.matchAll(/scripts\/\S+/g)].map(String)
    const read = `package-lock.json LICENSE THIRD-PARTY.md rollup.config.mjs tsconfig.json src/index.ts docs/protocol.md
      collector/src/cli.ts collector/rollup.config.mjs collector/tsconfig.json collector/README.md collector/LICENSE
      collector/deploy/Caddyfile collector/explorer/index.html collector/explorer/tsconfig.json design/tokens.css design/plain.css conformance/schemas/event.schema.json conformance/tsconfig.json`.split(
      /\s+/,
    )
    const needed = [...steps, ...read, ...files.filter((name: string) => !/^!?dist/.test(name))]
    expect(needed.filter(path => !existsSync(join(root, path)) || !isInContext(path))).toEqual([])
    const unneeded = [
      'node_modules/x',
      'collector/dist/cli.js',
      'collector/test/a.ts',
      '.git/config',
      'e2e/a.ts',
      'docs/a.db',
    ]
    expect(unneeded.filter(isInContext)).toEqual([])
  })

  it('starts the collector with variables that it knows', () => {
    const env = Object.fromEntries(
      [...dockerfile.matchAll(/\b(SOJOURN_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    )
    expect(parseOptions([], { ...env, SOJOURN_KEY: 'k', SOJOURN_READ_TOKEN: 't' })).toMatchObject({
      host: '0.0.0.0',
      port: 4318,
      db: '/var/lib/sojourn/sojourn.db',
    })
  })
})

describe('the compose file', () => {
  const services: [string, any][] = Object.entries(compose.services)

  it('declares every secret, network, volume and service that it uses', () => {
    const named = (value: unknown): string[] => (Array.isArray(value) ? value : Object.keys(value ?? {}))
    for (const [, { secrets, networks, volumes = [], depends_on }] of services) {
      expect(named(compose.secrets)).toEqual(expect.arrayContaining(named(secrets)))
      expect(named(compose.networks)).toEqual(expect.arrayContaining(named(networks)))
      expect(named(compose.services)).toEqual(expect.arrayContaining(named(depends_on)))
      const kept = volumes.map((volume: string) => volume.split(':')[0]).filter((name: string) => !name.startsWith('.'))
      expect(named(compose.volumes)).toEqual(expect.arrayContaining(kept))
    }
    expect(existsSync(join(deploy, compose.services.collector.build.context, 'package-lock.json'))).toBe(true)
    const { context, dockerfile: path } = compose.services.collector.build
    expect(existsSync(join(deploy, context, path))).toBe(true)
  })

  it('has no password in it, and only the proxy is reachable', () => {
    const variables = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).map(one => one.join('=')),
    )
    const secret = variables.filter(one => /PASSWORD|TOKEN|SOJOURN_DB/.test(one))
    expect(secret.filter(one => !/^\w+_FILE=\/run\/secrets\/\w/.test(one))).toEqual([])
    expect(secret.length).toBe(2)
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['caddy'])
    expect(compose.networks.inside.internal).toBe(true)
    expect(compose.services.postgres.networks).toEqual(['inside'])
  })

  it('gives no service new privileges, names its version, and starts it again', () => {
    for (const [name, { image, security_opt, restart }] of services) {
      expect([name, security_opt]).toEqual([name, ['no-new-privileges:true']])
      expect([name, restart]).toEqual([name, 'unless-stopped'])
      if (image) expect(image).toMatch(/:\d+\.\d+/)
    }
    expect(compose.services.collector).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
  })

  it('waits until the database and the collector answer', () => {
    expect(compose.services.collector.depends_on.postgres).toEqual({ condition: 'service_healthy' })
    expect(compose.services.caddy.depends_on.collector).toEqual({ condition: 'service_healthy' })
    expect(compose.services.postgres.healthcheck.test).toContain('CMD-SHELL')
  })
})

describe('the unit of systemd', () => {
  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

  function analyze(...args: string[]) {
    const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'sojourn-collector.service')
    // Node may be elsewhere on this machine.
    writeFileSync(path, unit.replace('/usr/bin/node', process.execPath))
    const { status, stdout, stderr } = spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }

  it.runIf(hasSystemd)('is understood by systemd', () => {
    expect(analyze('verify')).toEqual({ status: 0, said: '' })
  })

  it.runIf(hasSystemd)('leaves the collector an exposure of at most 1.5 of 10', () => {
    expect(analyze('security', '--offline=true', '--no-pager', '--threshold=15').status).toBe(0)
  })

  it('starts the command with flags that it knows, and shows no secret', () => {
    const [, line = ''] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit) ?? []
    const [, script, ...args] = line.replace(/\\\n/g, ' ').split(/ +/)
    expect(existsSync(join(root, 'collector/bin', script?.split('/').pop() ?? ''))).toBe(true)
    const token = join(mkdtempSync(join(tmpdir(), 'sojourn-')), 'read-token')
    onTestFinished(() => rmSync(join(token, '..'), { recursive: true }))
    writeFileSync(token, 'a-token-of-readers\n')
    const env = { STATE_DIRECTORY: '/var/lib/sojourn', CREDENTIALS_DIRECTORY: join(token, '..') }
    const filled = args.map(arg => arg.replace(/\$\{(\w+)\}/g, (_all, name: keyof typeof env) => env[name]))
    expect(parseOptions(filled, {})).toMatchObject({
      db: '/var/lib/sojourn/sojourn.db',
      isLoopback: true,
      readToken: 'a-token-of-readers',
    })
    expect(args).not.toContain('--read-token')
  })
})
