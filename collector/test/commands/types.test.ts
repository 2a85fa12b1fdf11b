import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { readShapes } from '../../src/export/recent.js'
import type { CollectorStore } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { runWith } from '../helpers/command.js'
import { stores } from '../helpers/stores.js'

async function receive(store: CollectorStore, events: readonly object[], receivedAt = noon, site = 'default') {
  await store.merge([{ site, receivedAt, batch: parseBatch(JSON.stringify(wireBatch(events))) }])
}

/** A database, and a function that runs the command on it. */
async function typesOf() {
  const db = databasePath()
  const store = await sqliteStore(db)
  const run = async (...args: string[]) => runWith(['types', '--db', db, ...args])
  return { db, store, run, out: join(dirname(db), 'events.ts') }
}

describe('types', () => {
  it('prints the events of a site as an interface, without system events', async () => {
    const { store, run } = await typesOf()
    await receive(store, [
      wireEvent('a', { eventName: 'AddToCart', data: { sku: 'A1' } }),
      wireEvent('b', { eventName: 'AddToCart', data: { sku: 'B2', price: 4.5 }, seq: 2 }),
      wireEvent('c', { eventName: 'Logout', seq: 3 }),
      wireEvent('d', { eventName: 'PageEntered', seq: 4 }),
    ])
    const { code, printed } = await run()
    expect(code).toBe(0)
    expect(`${printed.join('\n')}\n`).toBe(`// Made by: sojourn-collector types --site default

export interface Events {
  AddToCart: {
    price?: number
    sku: string
  }
  Logout: undefined
}
`)
  })

  it('takes a time and a site, and says what is missing or wrong', async () => {
    const { db, store, run } = await typesOf()
    await receive(store, [wireEvent('a', { eventName: 'Old' })])
    await receive(store, [wireEvent('b', { eventName: 'New', seq: 2 })], noon + 1000)
    expect((await run('--since', String(noon + 1000))).printed.join()).not.toContain('Old')
    expect((await run('--since', String(noon + 9000))).warned.join()).toContain('no event was sent')
    await runWith(['site', 'add', 'shop', '--db', db, '--origin', 'https://shop.example'])
    await receive(store, [wireEvent('c', { eventName: 'OfShop' })], noon, 'shop')
    const shop = (await run('--site', 'shop')).printed.join()
    expect([shop.includes('OfShop'), shop.includes('Old')]).toEqual([true, false])
    for (const wrong of [['--site', 'other'], ['--since', 'yesterday'], ['--literal'], ['word']])
      expect((await run(...wrong)).code).toBe(2)
  })

  it('replaces a file that it has made, and no other', async () => {
    const { store, run, out } = await typesOf()
    await receive(store, [wireEvent('a', { eventName: 'First' })])
    expect((await run('--out', out)).code).toBe(0)
    await receive(store, [wireEvent('b', { eventName: 'Second', seq: 2 })])
    expect((await run('--out', out)).printed).toEqual([`wrote 2 events to ${out}`])
    expect(readFileSync(out, 'utf8')).toMatch(/ {2}First: undefined\n {2}Second: undefined\n\}\n$/)
    writeFileSync(out, 'written by hand')
    expect((await run('--out', out)).code).toBe(2)
    expect([readFileSync(out, 'utf8'), existsSync(`${out}.part`)]).toEqual(['written by hand', false])
  })

  it.each(stores)('looks at the newest events first, and at a bounded number of them (%s)', async (_, open) => {
    const store = await open()
    const events = Array.from({ length: 250 }, (__, n) =>
      wireEvent(`e${String(n).padStart(3, '0')}`, { eventName: n < 50 ? 'Old' : 'New', seq: n + 1 }),
    )
    for (let n = 0; n < 5; n++) await receive(store, events.slice(n * 50, n * 50 + 50), noon + n)
    const all = await readShapes(store.of('default'), 0)
    expect([all.looked, all.oldest, [...all.byName.keys()]]).toEqual([250, null, ['New', 'Old']])
    expect(all.byName.get('New')?.count).toBe(200)
    const some = await readShapes(store.of('default'), 0, 150)
    expect([some.looked, some.oldest, some.byName.get('New')?.count]).toEqual([150, noon + 2, 150])
  })
})
