import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { BatchError, parseAnswer, parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { readCases } from '../src/cases.js'
import { ask, collectorOver } from './helpers/app.js'
import { mutated } from './helpers/mutants.js'

const directory = new URL('../schemas/', import.meta.url)
const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: false, allowUnionTypes: true })
for (const file of readdirSync(directory)) ajv.addSchema(JSON.parse(readFileSync(new URL(file, directory), 'utf8')))

const schema = (name: string): ValidateFunction => ajv.getSchema(`${name}.schema.json`) as ValidateFunction
const errorsOf = (name: string, value: unknown): unknown => (schema(name)(value) ? null : schema(name).errors)

// Any ids will do here.
const cases = readCases().map(file => ({ name: file.name, ...file.fill(placeholder => placeholder.replace(':', '-')) }))
const sends = cases.flatMap(one => one.sends.map(send => ({ name: one.name, ...send })))

/** Whether `parseBatch` takes every record of a text. Limits that a schema cannot express are ignored. */
function isTaken(text: string): boolean {
  try {
    return parseBatch(text).refused.every(({ code }) => code === 'too-large')
  } catch (error) {
    if (error instanceof BatchError) return error.code === 'too-many-records'
    throw error
  }
}

describe('the schema of a batch', () => {
  it('accepts exactly the golden batches without refused records', () => {
    for (const { name, batch, answer } of sends) {
      const isWhole = !(answer.refused as unknown[] | undefined)?.length
      expect([name, schema('batch')(batch)]).toEqual([name, isWhole])
    }
    expect(new Set(sends.map(({ batch }) => schema('batch')(batch)))).toEqual(new Set([true, false]))
  })

  it('accepts no batch of which parseBatch refuses a record, except for size and depth', () => {
    const whole = sends.filter(({ batch }) => schema('batch')(batch)).map(({ batch }) => batch)
    let [taken, refused] = [0, 0]
    fc.assert(
      fc.property(mutated(whole), batch => {
        const text = JSON.stringify(batch)
        if (schema('batch')(JSON.parse(text))) {
          taken++
          expect(isTaken(text)).toBe(true)
        } else refused++
      }),
      { numRuns: 2000 },
    )
    // Both outcomes occur often.
    expect(Math.min(taken, refused)).toBeGreaterThan(100)
  })

  it('accepts the same as parseBatch if a required field is missing or wrong', () => {
    const event = { eventID: 'e', eventName: 'n', timestamp: 0, writer: 'w', seq: 0 }
    const wrap = (one: object): object => ({ v: 1, visits: [{ visitID: 'v', startDate: 0, events: [one] }] })
    expect(schema('batch')(wrap(event))).toBe(true)
    for (const name of Object.keys(event)) {
      const { [name as 'seq']: _, ...rest } = event
      for (const broken of [rest, { ...event, [name]: null }, { ...event, [name]: -1 }, { ...event, [name]: '' }])
        expect([broken, schema('batch')(wrap(broken))]).toEqual([broken, isTaken(JSON.stringify(wrap(broken)))])
    }
  })
})

describe('the packages', () => {
  it('export schemas and data by name', () => {
    const { resolve } = createRequire(import.meta.url)
    const names = readdirSync(directory)
    expect(names.length).toBeGreaterThan(8)
    for (const name of names)
      for (const packageName of ['sojourn', 'sojourn-conformance'])
        expect(realpathSync(resolve(`${packageName}/schemas/${name}`))).toBe(fileURLToPath(new URL(name, directory)))
    expect(resolve('sojourn-conformance/data/v1-seed-example.json')).toMatch(/v1-seed-example\.json$/)
  })
})

describe('the replies of our collector', () => {
  it('match the schemas of the answer, the error reply and every read', async () => {
    const app = collectorOver()
    const seen = new Set<string>()
    const check = (name: string, value: unknown): void => {
      seen.add(name)
      expect([name, errorsOf(name, value)]).toEqual([name, null])
    }
    for (const { batch } of sends) {
      const { status, body, text } = await ask(app, '/v1/sessions?key=demo', JSON.stringify(batch))
      expect(parseAnswer(text) !== null).toBe(status === 200)
      check(status === 200 ? 'answer' : 'error-reply', body)
    }
    for (const [path, body] of [
      ['/v1/sessions?key=demo', 'no JSON'],
      ['/v1/sessions?key=demo', '{"v":9}'],
      ['/v1/sessions?key=wrong', '{}'],
      ['/v1/sessions/missing', undefined],
    ] as const)
      check('error-reply', (await ask(app, path, body)).body)
    const reads = cases.flatMap(one => one.reads).filter(({ get }) => get.startsWith('/v1/'))
    for (const { get } of reads) {
      const { status, body } = await ask(app, get)
      const [, , kind = '', id, list = id ? undefined : kind] = get.replace(/\?.*/, '').split('/')
      const item = (list ?? kind).replace(/ies$/, 'y').replace(/s$/, '')
      if (status !== 200) check('error-reply', body)
      else if (list === undefined) check(item, body)
      else {
        check('list', body)
        for (const one of body.items) check(item, one)
      }
    }
    expect([...seen].toSorted()).toEqual(
      ['answer', 'event', 'identity', 'list', 'page', 'error-reply', 'session', 'visit'].toSorted(),
    )
  })
})
