import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands/all.js'
import { createMetrics } from '../src/ops/metrics.js'
import { adminTables } from '../src/sites/tables.js'
import { sqliteHealthStep } from '../src/store/health-tables.js'
import { sqliteRunningStep } from '../src/store/running.js'
import { tables } from '../src/store/tables.js'
import { routes } from '../src/web/routes.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Commands that the pages describe and that this build does not have yet. */
const later: readonly string[] = []

/** The text between a heading and the next one of its level or above. */
function sectionOf(page: string, pattern: RegExp): string {
  const start = page.search(pattern)
  if (start < 0) return ''
  const [heading = '', level = ''] = /^(#+) .*\n/.exec(page.slice(start)) ?? []
  const rest = page.slice(start + heading.length)
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'))
  return end < 0 ? rest : rest.slice(0, end)
}

const codesIn = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)

/** The first cell of each row of the first table in a section. */
const firstCells = (section: string): string[] =>
  [...section.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell).slice(1)

describe('docs/privacy.md', () => {
  const page = read('docs/privacy.md')

  it.each(tables.map(({ name, columns }) => [name, columns] as const))(
    'names each column of %s, and no other',
    (name, columns) => {
      const named = firstCells(sectionOf(page, new RegExp(`^### \`${name}\``, 'm'))).flatMap(codesIn)
      // The page says of all tables at once what `site` is.
      expect(named.toSorted()).toEqual(columns.filter(column => column !== 'site').toSorted())
      expect(page).toContain('the column `site`')
    },
  )

  it('names each column of what collectors count, and no other', () => {
    const section = sectionOf(page, /^### What collectors count/m)
    const [, cell = ''] = /^\| `health` \| (.*) \|$/m.exec(section) ?? []
    const columns = [...sqliteHealthStep.matchAll(/^ {4}(\w+) (?:TEXT|INTEGER)/gm)].map(([, name]) => name)
    expect(codesIn(cell.replace(/\([^)]*\)/g, ''))).toEqual(columns)
    expect(columns.length).toBe(5)
  })

  it('names each column of what says which collectors run', () => {
    const [, words = ''] = /^The table `running` ([^]*?)\n\n/m.exec(page) ?? []
    const columns = [...sqliteRunningStep.matchAll(/^ {4}(\w+) (?:TEXT|INTEGER)/gm)].map(([, name]) => name)
    expect(codesIn(words.replace(/\([^)]*\)/g, ''))).toEqual(columns)
    expect(columns.length).toBe(3)
  })

  it('names each column of the tables of the administrator, and no other', () => {
    const section = sectionOf(page, /^### What an administrator has decided/m)
    const rows = [...section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, name, cell = '']) => [
      name,
      codesIn(cell.replace(/\([^)]*\)/g, '')),
    ])
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(adminTables.map(({ name, columns }) => [name, columns])),
    )
  })

  it('says of each column that may name a person that it does', () => {
    for (const row of page.split('\n').filter(line => /^\| (`\w+`, )*`(identityId|value|data)`/.test(line)))
      expect(row).toMatch(/may name a person|names a person/)
  })
})

describe('docs/operate.md', () => {
  const page = read('docs/operate.md')

  it('names commands, actions and flags that there are', () => {
    const shell = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, lines]) => lines).join('\n')
    const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
    const texts = [
      ...shell.matchAll(/sojourn-collector (\w+)( [^#\n]*)/g),
      ...spans.flatMap(span => [...span.matchAll(/^(\w+)( .*)/g)]),
    ]
    const calls = texts
      .map(([, name = '', rest = '']) => ({ name, rest }))
      .filter(({ name }) => commands.some(one => one.name === name))
    expect(calls.length).toBeGreaterThan(15)
    for (const { name, rest } of calls) {
      const help = commands.find(one => one.name === name)?.help
      const [action = ''] = rest.trim().split(' ')
      if (name === 'site' || name === 'token') expect(help).toContain(`${name} ${action}`)
      for (const [flag] of rest.matchAll(/--[a-z-]+/g))
        expect([name, help]).toEqual([name, expect.stringContaining(flag)])
    }
    const called = [...shell.matchAll(/sojourn-collector ([a-z]+)/g)].map(([, name = '']) => name)
    expect(called.filter(name => !commands.some(one => one.name === name) && !later.includes(name))).toEqual([])
  })

  it('names metrics that there are', async () => {
    const text = await createMetrics({ version: '1', diskBytes: async () => 1, changedVisits: async () => 1 }).text()
    const named = [...page.matchAll(/`(sojourn_\w+)`/g)].map(([, name = '']) => name)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(name => !text.includes(`# HELP ${name} `))).toEqual([])
  })

  it('says what to do at every code of a busy, full or failing collector, and at every wrong key and token', () => {
    const alarms = sectionOf(page, /^## What to do at each alarm/m)
    const codes = routes.flatMap(({ errors }) => [401, 403, 429, 503].flatMap(status => errors[status] ?? []))
    const known = ['starting', 'stopping', 'wrong-site', 'wrong-right', 'cross-site', 'unknown-host', 'forwarded']
    expect([...new Set(codes)].filter(code => !known.includes(code) && !alarms.includes(`\`${code}\``))).toEqual([])
  })

  it('names files that there are', () => {
    const deployed = [...page.matchAll(/\bdeploy\/([\w./-]*\w)/g)].map(([, path = '']) => path)
    expect(deployed.length).toBeGreaterThan(4)
    expect(deployed.filter(path => !existsSync(join(root, 'collector/deploy', path)))).toEqual([])
  })
})
