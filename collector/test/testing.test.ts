import { expect, it, onTestFinished } from 'vitest'
import { createTestCollector } from '../../src/testing/collector.js'
import { readGolden } from '../../test/helpers/golden.js'
import { makeBusyReply, makeWrongKeyReply } from '../src/ingest/error-replies.js'
import { type RunningTestCollector, startTestCollector } from '../src/testing.js'

async function startWith(): Promise<RunningTestCollector> {
  const collector = await startTestCollector()
  onTestFinished(collector.stop)
  return collector
}

async function send(url: string): Promise<string[]> {
  const { batch } = readGolden('made-by-the-tracker')
  const response = await fetch(`${url}/v1/sessions?key=any`, { method: 'POST', body: JSON.stringify(batch) })
  return ((await response.json()) as { stored: string[] }).stored
}

it('a collector for tests takes what pages send, keeps it once, and gives it in order', async () => {
  const collector = await startWith()
  expect([await collector.events(), await collector.session()]).toEqual([[], undefined])
  const stored = await send(collector.url)
  await send(collector.url)
  const events = await collector.events()
  expect(events.map(({ eventID }) => eventID).sort()).toEqual([...stored].sort())
  expect(events).toEqual(events.toSorted((a, b) => a.timestamp - b.timestamp))
  const session = await collector.session()
  expect(await collector.session(session?.sessionID)).toEqual(session)
  expect(await collector.sessions(session?.visitID)).toContainEqual(session)
  expect(await collector.events(session?.sessionID)).toEqual(
    events.filter(({ sessionID }) => sessionID === session?.sessionID),
  )
  const pages = await collector.pages()
  expect(pages.length).toBeGreaterThan(0)
  for (const page of await collector.pages(session?.sessionID)) expect(pages).toContainEqual(page)
  expect(await collector.visits()).toHaveLength(1)
})

it('a collector for tests that is cleared has nothing, and goes on', async () => {
  const collector = await startWith()
  await send(collector.url)
  collector.clear()
  expect([await collector.events(), await collector.sessions(), await collector.pages()]).toEqual([[], [], []])
  await send(collector.url)
  expect(await collector.events()).not.toEqual([])
})

it('a collector for tests that is stopped listens no more, and still says what has arrived', async () => {
  const collector = await startTestCollector()
  await send(collector.url)
  await collector.stop()
  await expect(fetch(collector.url)).rejects.toThrow(TypeError)
  expect(await collector.events()).not.toEqual([])
})

it.each([
  ['busy', makeBusyReply()],
  ['rejects', makeWrongKeyReply()],
] as const)('the collector of the test kit that fails with %s answers as this one', (how, reply) => {
  const collector = createTestCollector()
  collector.fail(how)
  const { status, text } = collector.take('{}') ?? { status: 0, text: '{}' }
  const { error, retryAfter } = JSON.parse(reply.body) as { error: string; retryAfter?: number }
  expect({ status, ...JSON.parse(text) }).toMatchObject({
    status: reply.status,
    error,
    ...(retryAfter && { retryAfter }),
  })
})
