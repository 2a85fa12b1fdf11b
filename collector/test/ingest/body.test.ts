import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { createNodeReader, createReader } from '../../src/ingest/body.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith } from '../helpers/collector.js'

const published = {
  maxBytes: limits.maxBodyBytes,
  maxRecords: limits.maxBodyRecords,
  maxRecordBytes: limits.maxRecordBytes,
}
const versions = [1]

describe('the pieces of a body', () => {
  // Each takes about a hundred bytes besides its own, and a sender chooses how many there are.
  it('are not kept: each is copied to the others when it arrives', async () => {
    const first = Buffer.from('f')
    const piece = Buffer.alloc(1)
    const texts = 'irst'.split('')
    const stream = new ReadableStream<Uint8Array>(
      {
        start: controller => controller.enqueue(first),
        pull(controller) {
          const next = texts.shift()
          if (next === undefined) return controller.close()
          piece.write(next)
          controller.enqueue(piece)
        },
      },
      { highWaterMark: 0 },
    )
    expect(Buffer.from((await createReader(stream).read(() => null)) as Uint8Array).toString()).toBe('first')

    const request = new EventEmitter()
    const read = createNodeReader(request as IncomingMessage).read(() => null)
    request.emit('data', first)
    for (const next of 'irst') {
      piece.write(next)
      request.emit('data', piece)
    }
    request.emit('end')
    expect(Buffer.from((await read) as Uint8Array).toString()).toBe('first')
  })
})

describe('a body', () => {
  const batch = JSON.stringify(wireBatch([wireEvent('a', { data: { text: 'x'.repeat(2000) } })]))

  it('may be gzipped, and is recognized by its first bytes whatever the headers are', async () => {
    const { send } = collectorWith()
    for (const headers of [
      { 'Content-Type': 'text/plain;charset=UTF-8' },
      { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      { 'Content-Type': 'image/png' },
    ])
      expect(await (await send(gzipSync(batch), { headers })).json()).toMatchObject({ stored: ['a'] })
    const unzippedOnTheWay = await send(batch, { headers: { 'Content-Encoding': 'gzip' } })
    expect(unzippedOnTheWay.status).toBe(200)
  })

  for (const [about, body] of [
    ['is not JSON', 'hello'],
    ['is empty', ''],
    ['is a list', '[]'],
    ['is cut off', batch.slice(0, 100)],
    ['is gzip cut off', gzipSync(batch).subarray(0, 60)],
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['has sessions that are not a list', '{"v":1,"sessions":{}}'],
    ['is nested 500 000 levels deep', '['.repeat(500_000)],
  ] as const)
    it(`that ${about} is malformed`, async () => {
      const response = await collectorWith().send(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ v: 1, versions, error: 'malformed', message: expect.any(String) })
    })

  it('of an unknown version gets the error unknown-version', async () => {
    const response = await collectorWith().send({ ...wireBatch([wireEvent('a')]), v: 2 })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ v: 1, versions, error: 'unknown-version' })
  })

  const tooLarge = { v: 1, versions, error: 'too-large', message: expect.any(String), ...published }
  for (const [about, body] of [
    ['declares its length', () => 'x'.repeat(limits.maxBodyBytes + 1)],
    ['arrives in chunks', () => endless('x'.repeat(1000))],
    ['is small but unzips to more', () => gzipSync(' '.repeat(limits.maxBodyBytes + 1))],
    ['is a gzip bomb', () => gzipSync(Buffer.alloc(300_000_000))],
  ] as const)
    it(`above the limit is not read to its end when it ${about}`, async () => {
      const given = body()
      const before = process.memoryUsage().arrayBuffers
      const response = await collectorWith().send(given, { duplex: 'half' } as RequestInit)
      expect(response.status).toBe(413)
      expect(await response.json()).toEqual(tooLarge)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    })

  it('is taken if its size is exactly the limit', async () => {
    const { send } = collectorWith()
    const text = JSON.stringify(wireBatch([wireEvent('a')]))
    const full = text + ' '.repeat(limits.maxBodyBytes - text.length)
    expect((await send(full)).status).toBe(200)
    expect((await send(gzipSync(full))).status).toBe(200)
    expect((await send(`${full} `)).status).toBe(413)
  })

  it('with too many records gets an error reply with the limit', async () => {
    const { send, store } = collectorWith()
    const events = Array.from({ length: limits.maxBodyRecords + 1 }, (_, n) => wireEvent(`e${n}`))
    const response = await send(wireBatch(events))
    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({ ...tooLarge, error: 'too-many-records' })
    expect(await store.of('default').session('session-1')).toBe(null)
    expect((await send(wireBatch(events.slice(1)))).status).toBe(200)
  })
})

function endless(text: string): ReadableStream {
  return new ReadableStream({ pull: controller => controller.enqueue(new TextEncoder().encode(text)) })
}
