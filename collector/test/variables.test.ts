import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands/all.js'
import { OptionError } from '../src/options.js'
import { checkVariables } from '../src/variables.js'
import { databasePath } from './helpers/collector.js'
import { runWith } from './helpers/command.js'

describe('a variable that is misspelt', () => {
  it.each([
    ['SOJOURN_MAX_DB_BYTE', 'SOJOURN_MAX_DB_BYTES'],
    ['SOJOURN_MAXDBBYTES', 'SOJOURN_MAX_DB_BYTES'],
    ['SOJOURN_READ_TOKENS', 'SOJOURN_READ_TOKEN'],
    ['SOJOURN_READTOKEN_FILE', 'SOJOURN_READ_TOKEN_FILE'],
    ['SOJOURN_DBFILE', 'SOJOURN_DB_FILE'],
    ['SOJOURN_PROT', 'SOJOURN_PORT'],
    ['SOJOURN_KEYS', 'SOJOURN_KEY'],
    ['SOJOURN_ORIGINS', 'SOJOURN_ORIGIN'],
    ['SOJOURN_TRUSTED_PROXY', 'SOJOURN_TRUST_PROXY'],
    ['SOJOURN_db', 'SOJOURN_DB'],
  ])('is an error that names the nearest, and not its value: %s', (name, meant) => {
    expect(() => checkVariables({ [name]: 'hunter2' })).toThrow(
      new OptionError(`${name}: there is no such variable; did you mean ${meant}?`),
    )
  })

  it.each(commands.map(({ name }) => name))('ends %s before it does anything', async name => {
    const { code, printed, warned } = await runWith([name, '--db', databasePath()], { SOJOURN_DBS: 'x.db' })
    const said = 'sojourn-collector: SOJOURN_DBS: there is no such variable; did you mean SOJOURN_DB?'
    expect([code, printed, warned]).toEqual([2, [], [said]])
  })

  it('does not keep the help from being printed', async () => {
    expect((await runWith(['--help'], { SOJOURN_DBS: '' })).code).toBe(0)
  })
})

describe('a variable that is like none', () => {
  it('is told in the log of serve, as JSON and without its value', async () => {
    const env = { SOJOURN_WHATEVER: 'hunter2', SOJOURN_TOKEN: 'hunter2' }
    const { code, warned } = await runWith(['--db', databasePath(), '--port=0'], env)
    const [line = ''] = warned.filter(one => one.includes('variables'))
    expect([code, JSON.parse(line)]).toMatchObject([0, { level: 'warn', variables: Object.keys(env) }])
    expect(warned.join()).not.toContain('hunter2')
  })

  it('is none of ours, or one that Kubernetes makes for each service', () => {
    const env = {
      PATH: '/bin',
      sojourn_db: '',
      MY_SOJOURN_BD: '',
      SOJOURN_COLLECTOR_SERVICE_HOST: '10.0.0.7',
      SOJOURN_COLLECTOR_SERVICE_PORT: '4318',
      SOJOURN_SERVICE_PORT_HTTP: '4318',
      SOJOURN_DB_PORT: 'tcp://10.0.0.7:5432',
      SOJOURN_DB_PORT_5432_TCP: 'tcp://10.0.0.7:5432',
      SOJOURN_DB_PORT_5432_TCP_ADDR: '10.0.0.7',
    }
    expect(checkVariables(env)).toEqual([])
  })

  it('is set by none of the files that operators copy', () => {
    for (const file of ['Dockerfile', 'compose.yaml', 'sojourn-collector.service']) {
      const text = readFileSync(new URL(`../deploy/${file}`, import.meta.url), 'utf8')
      // Those of Caddy are in a container, or in a service, of its own.
      const names = [...text.matchAll(/\b(SOJOURN_\w+)(=|: )/g)].map(([, name]) => name as string)
      const ours = names.filter(name => !/^SOJOURN_(SITE|UPSTREAM)$/.test(name))
      expect(ours.length).toBeGreaterThan(0)
      expect([file, checkVariables(Object.fromEntries(ours.map(name => [name, 'x'])))]).toEqual([file, []])
    }
    // An operator may set them for the whole machine.
    expect(checkVariables({ SOJOURN_SITE: 'x', SOJOURN_UPSTREAM: 'y' })).toEqual(['SOJOURN_SITE', 'SOJOURN_UPSTREAM'])
  })
})
