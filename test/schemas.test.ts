import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Tracker } from '../src/api.js'
import { checkEvents, type StandardSchema, type WrongEvent } from '../src/schemas.js'

const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve))

function checkWith<Schemas extends Record<string, StandardSchema>>(schemas: Schemas) {
  const told: unknown[][] = []
  const wrong: WrongEvent[] = []
  const tracker = { track: (...call: unknown[]) => void told.push(call) } as unknown as Tracker
  return { tracker: checkEvents(tracker, schemas, one => void wrong.push(one)), told, wrong }
}

describe.each([
  ['zod', { Add: z.object({ sku: z.string() }) }],
  ['valibot', { Add: v.object({ sku: v.string() }) }],
] as const)('events with schemas of %s', (_library, schemas) => {
  it('are recorded and not reported if they match', async () => {
    const { tracker, told, wrong } = checkWith(schemas)
    tracker.track('Add', { sku: 'A1' }, { activity: false })
    await settled()
    expect(told).toEqual([['Add', { sku: 'A1' }, { activity: false }]])
    expect(wrong).toEqual([])
  })

  it('are recorded and reported if they do not match', async () => {
    const { tracker, told, wrong } = checkWith(schemas)
    // @ts-expect-error a sku is a text
    tracker.track('Add', { sku: 5 })
    await settled()
    expect(told).toEqual([['Add', { sku: 5 }]])
    expect(wrong).toMatchObject([{ name: 'Add', data: { sku: 5 }, issues: [{ message: expect.any(String) }] }])
  })

  it('are reported if no schema has their name, also if an object has it by birth', async () => {
    const { tracker, told, wrong } = checkWith(schemas)
    // @ts-expect-error no such event
    tracker.track('Ad', {})
    // @ts-expect-error no such event
    tracker.track('toString', {})
    await settled()
    expect(told).toHaveLength(2)
    expect(wrong.map(({ name }) => name)).toEqual(['Ad', 'toString'])
  })
})

it('a schema that throws, or answers later, costs no event', async () => {
  const make = (validate: () => never): StandardSchema => ({ '~standard': { version: 1, vendor: 'own', validate } })
  const { tracker, told, wrong } = checkWith({
    Throws: make(() => {
      throw new Error('broken')
    }),
    Late: make(() => Promise.resolve({ issues: [{ message: 'late' }] }) as never),
  })
  tracker.track('Throws', {} as never)
  tracker.track('Late', {} as never)
  await settled()
  expect(told).toHaveLength(2)
  expect(wrong.map(({ issues }) => issues[0]?.message)).toEqual(['Error: broken', 'late'])
})
