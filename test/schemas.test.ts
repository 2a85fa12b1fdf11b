import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createTestTracker, stopTestTrackers } from '../src/testing/index.js'
import '../src/testing/vitest.js'
import { checkEvents, type StandardSchema, type WrongEvent } from '../src/schemas.js'

afterEach(stopTestTrackers)

function checkWith<Schemas extends Record<string, StandardSchema>>(schemas: Schemas) {
  const wrong: WrongEvent[] = []
  const { tracker, idle } = createTestTracker()
  return { checked: checkEvents(tracker, schemas, one => void wrong.push(one)), tracker, idle, wrong }
}

describe.each([
  ['zod', { Add: z.object({ sku: z.string() }) }],
  ['valibot', { Add: v.object({ sku: v.string() }) }],
] as const)('events with schemas of %s', (_library, schemas) => {
  it('are recorded and not reported if they match', async () => {
    const { checked, tracker, idle, wrong } = checkWith(schemas)
    checked.track('Add', { sku: 'A1' }, { activity: false })
    await idle()
    expect(tracker).toHaveTracked('Add', { sku: 'A1' }, { times: 1 })
    expect((await tracker.records()).find(({ event }) => event.eventName === 'Add')?.event.activity).toBe(false)
    expect(wrong).toEqual([])
  })

  it('are recorded and reported if they do not match', async () => {
    const { checked, tracker, idle, wrong } = checkWith(schemas)
    // @ts-expect-error a sku is a text
    checked.track('Add', { sku: 5 })
    await idle()
    expect(tracker).toHaveTracked('Add', { sku: 5 }, { times: 1 })
    expect(wrong).toMatchObject([{ name: 'Add', data: { sku: 5 }, issues: [{ message: expect.any(String) }] }])
  })

  it('are reported if no schema has their name, also if an object has it by birth', async () => {
    const { checked, tracker, idle, wrong } = checkWith(schemas)
    // @ts-expect-error no such event
    checked.track('Ad', {})
    // @ts-expect-error no such event
    checked.track('toString', {})
    await idle()
    expect(tracker).toHaveTracked('Ad', {})
    expect(tracker).toHaveTracked('toString', {})
    expect(wrong.map(({ name }) => name)).toEqual(['Ad', 'toString'])
  })
})

it('an event without data matches a schema that takes {}, or undefined', async () => {
  const { checked, tracker, idle, wrong } = checkWith({
    Empty: z.object({}),
    Loose: z.object({ sku: z.string().optional() }),
    Maybe: z.object({ sku: z.string() }).optional(),
    None: z.undefined(),
    Valibot: v.object({ sku: v.optional(v.string()) }),
    Needs: z.object({ sku: z.string() }),
  })
  for (const name of ['Empty', 'Loose', 'Maybe', 'None', 'Valibot'] as const) checked.track(name)
  checked.track('Maybe', { sku: 'A1' })
  // @ts-expect-error data is needed
  checked.track('Needs')
  // @ts-expect-error a sku is a text
  checked.track('Maybe', { sku: 5 })
  // @ts-expect-error this event has no data
  checked.track('None', { sku: 5 })
  await idle()
  expect(tracker).toHaveTracked('None', undefined, { times: 2 })
  expect(wrong.map(({ name }) => name).sort()).toEqual(['Maybe', 'Needs', 'None'])
})

it('a schema that throws, or answers later, costs no event', async () => {
  const make = (validate: () => never): StandardSchema => ({ '~standard': { version: 1, vendor: 'own', validate } })
  const { checked, tracker, idle, wrong } = checkWith({
    Throws: make(() => {
      throw new Error('broken')
    }),
    Late: make(() => Promise.resolve({ issues: [{ message: 'late' }] }) as never),
  })
  checked.track('Throws', {} as never)
  checked.track('Late', {} as never)
  await idle()
  expect(tracker).toHaveTracked('Throws')
  expect(tracker).toHaveTracked('Late')
  expect(wrong.map(({ issues }) => issues[0]?.message)).toEqual(['Error: broken', 'late'])
})
