import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url)
const readSchema = (name: string) => JSON.parse(readFileSync(new URL(`conformance/schemas/${name}`, root), 'utf8'))
type Schema = { readonly [name: string]: any }

/** Where the schema of each interface stands: file, and name among its definitions. */
const places: Readonly<Record<string, readonly [file: string, name?: string]>> = {
  TokenReply: ['token.schema.json'],
  ListedSession: ['numbers.schema.json', 'session'],
  DayNumbers: ['numbers.schema.json', 'day'],
  DaysReply: ['numbers.schema.json', 'days'],
  DurationsReply: ['numbers.schema.json', 'durations'],
  RankedItem: ['numbers.schema.json', 'ranked'],
  RankingReply: ['numbers.schema.json', 'ranking'],
  PropertiesReply: ['numbers.schema.json', 'properties'],
  FunnelReply: ['numbers.schema.json', 'funnel'],
  NowReply: ['now.schema.json'],
  SetupReply: ['setup.schema.json'],
}

const text = readFileSync(new URL('collector/explorer/src/replies.ts', root), 'utf8').replace(
  / *\/\*\*[^]*?\*\/\n/g,
  '',
)
const interfaces = new Map(
  [...text.matchAll(/^export interface (\w+).*?\{\n([^]*?)^\}/gm)].map(([, name = '', body = '']) => [name, body]),
)

/** The members of an interface: name, whether it may be missing, and the text of its type. */
function membersOf(name: string): { key: string; isOptional: boolean; type: string }[] {
  const members = [
    ...(interfaces.get(name) ?? '').matchAll(/^ {2}readonly (\w+)(\??): ([^]*?)(?=^ {2}readonly |(?![^]))/gm),
  ]
  return members.map(([, key = '', mark, type = '']) => ({ key, isOptional: mark === '?', type: type.trim() }))
}

/** What a member can be: `null`, and the types of JSON. */
function kindsOf(type: string): string[] {
  const [, some = '', orNull] = /^([^]*?)( \| null)?$/.exec(type) ?? []
  const kind = some.endsWith('[]') ? 'array' : (/^(string|number|boolean)$/.exec(some)?.[1] ?? 'object')
  return orNull ? [kind, 'null'] : [kind]
}

function kindsIn(schema: Schema, whole: Schema): string[] {
  if (schema.$ref) {
    const [file, place = ''] = schema.$ref.split('#/$defs/')
    const other = file ? readSchema(file) : whole
    return kindsIn(place ? other.$defs[place] : other, other)
  }
  const some = schema.anyOf ?? schema.oneOf
  if (some) return some.flatMap((one: Schema) => kindsIn(one, whole))
  if (schema.const === null) return ['null']
  if (schema.enum) return schema.enum.map((value: unknown) => (value === null ? 'null' : typeof value))
  return [schema.type].flat().map((name: string) => (name === 'integer' ? 'number' : name))
}

describe('what the explorer takes a reply for', () => {
  it('is listed here for each reply', () => {
    const parts = ['ListReply', 'MinuteCounts', 'LatestEvent']
    expect([...interfaces.keys()].filter(name => !(name in places) && !parts.includes(name))).toEqual([])
  })

  it.each(Object.entries(places))('%s is what the schema says, member by member', (name, [file, place]) => {
    const whole = readSchema(file)
    const schema: Schema = place ? whole.$defs[place] : whole
    const members = membersOf(name)
    expect(members.length).toBeGreaterThan(0)
    for (const { key, isOptional, type } of members) {
      const described: Schema = schema.properties?.[key] ?? {}
      expect([key, isOptional || (schema.required ?? []).includes(key)]).toEqual([key, true])
      expect([key, [...new Set(kindsOf(type))].toSorted()]).toEqual([
        key,
        [...new Set(kindsIn(described, whole))].toSorted(),
      ])
    }
  })
})
