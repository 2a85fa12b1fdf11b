import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commands } from '../scripts/commands.mjs'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const names = Object.keys(commands)

/** Runs a script where it finds no other program, so that it fails if it begins to do anything. */
function run(...args: string[]) {
  const env = { PATH: '/nowhere', Path: '/nowhere' }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.mjs', ...args], {
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('an npm script with options', () => {
  it.each(names)('does nothing before its arguments are read: %s', name => {
    expect(scripts[name]).toBe(`node scripts/run.mjs ${name}`)
  })

  it.each(names)('prints its help, and does nothing else: %s', name => {
    const { status, stdout, stderr } = run(name, '--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^npm (run )?${name}`))
    for (const option of Object.keys((commands as Record<string, { options?: object }>)[name]?.options ?? {}))
      expect(stdout).toContain(`  --${option} `)
  })

  it.each(names)('refuses an unknown option, and does nothing else: %s', name => {
    const { status, stdout, stderr } = run(name, '--no-such-option')
    expect([status, stdout, stderr]).toEqual([2, '', "Unknown option '--no-such-option'; --help lists the options\n"])
  })

  const lists = names.flatMap(name =>
    Object.entries((commands as Record<string, { among?: Record<string, string[]> }>)[name]?.among ?? {}).map(
      ([option, among]) => [name, option, among] as const,
    ),
  )
  it.each(lists)('refuses an unknown name in a list, and does nothing else: %s --%s', (name, option, among) => {
    for (const list of ['nonsense', `${among[0]},nonsense`, `nonsense,${among[0]}`])
      expect(run(name, `--${option}`, list)).toEqual({
        status: 2,
        stdout: '',
        stderr: `--${option} nonsense: it is one of ${among.join(', ')}; --help lists the options\n`,
      })
    expect(run(name, `--${option}=`).status).toBe(2)
  })

  it('reads every list of names before it builds', () => {
    type Listing = Record<string, { options?: { parts?: { type: string } }; among?: object }>
    for (const [name, { among = {}, options = {} }] of Object.entries(commands as Listing))
      if (options.parts?.type === 'string')
        expect([name, Object.keys(among)]).toContainEqual(expect.arrayContaining(['parts']))
  })

  it('refuses a word where it takes none', () => {
    expect(run('size', 'faults').stderr).toMatch(/^Unexpected argument 'faults'/)
  })
})
