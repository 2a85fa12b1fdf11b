import { describe, expect, it } from 'vitest'
import { nothingDecided, type Right } from '../../src/sites/admin.js'
import { addSite, addToken } from '../../src/sites/changes.js'
import { createRegistry } from '../../src/sites/registry.js'
import { openSqlite } from '../../src/store/sqlite/sqlite.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { runWith } from '../helpers/command.js'

const day = 86_400_000
const person = 'ada@example.org'
const path = `/v1/identities/${encodeURIComponent(person)}`

/** Makes a collector with a token for each right, over an SQLite file. */
async function rightsWith(now = noon) {
  const clock = { now }
  const sites = createRegistry({ keys: ['demo'], origins: [], readToken: null, isLoopback: true, now: () => clock.now })
  let state = addSite(addSite(nothingDecided, 'default', 'k1', noon), 'shop', 'k2', noon)
  for (const right of ['read', 'export', 'erase'] as Right[])
    state = addToken(state, { name: right, sites: ['default'], rights: [right], endsAt: null }, `token-${right}`, noon)
  sites.use(state)
  const db = databasePath()
  const made = collectorWith({ store: await sqliteStore(db), sites, now: () => clock.now })
  const ask = async (method: string, at: string, token: string) =>
    made.app.fetch(
      new Request(`http://localhost:4318${at}`, { method, headers: { Authorization: `Bearer token-${token}` } }),
    )
  return { ...made, db, clock, ask, answer: async (body: object) => bodyOf(await made.send(body)) }
}

const signIn = (id: string) => wireEvent(id, { eventName: 'SignIn', data: { name: 'Ada L.' } })

describe('DELETE of an identity', () => {
  it('needs the right, and a site that the token covers', async () => {
    const { ask } = await rightsWith()
    const statusOf = async (method: string, at: string, token: string) => (await ask(method, at, token)).status
    for (const right of ['read', 'export']) expect(await statusOf('DELETE', path, right)).toBe(403)
    for (const right of ['read', 'erase']) expect(await statusOf('GET', `${path}/export`, right)).toBe(403)
    expect(await statusOf('DELETE', path.replace('/v1', '/v1/sites/shop'), 'erase')).toBe(403)
    expect(await statusOf('DELETE', path.replace('/v1', '/v1/sites/default'), 'erase')).toBe(200)
    expect(await statusOf('DELETE', '/v1/identities/%00', 'erase')).toBe(400)
  })

  it('says how much was removed, and makes late batches of a browser that was offline for a week gone', async () => {
    const { ask, answer, clock, get } = await rightsWith()
    // These were made before the erasure.
    const sent = wireBatch([signIn('sent')], { identityId: person })
    const offline = wireBatch([signIn('offline'), wireEvent('offline-2', { seq: 2 })], { identityId: person })
    expect(await answer(sent)).toMatchObject({ stored: ['sent'], gone: [] })
    clock.now = noon + day
    const reply = await ask('DELETE', path, 'erase')
    const erased = { sessions: 1, events: 1, visits: 1 }
    expect(await bodyOf(reply)).toEqual({ v: 1, site: 'default', erasedAt: noon + day, erased })
    clock.now = noon + 7 * day
    const bad = wireEvent('bad', { seq: -1 })
    offline.sessions.push({
      ...offline.sessions[0],
      sessionID: 's-bob',
      identityId: 'bob',
      events: [signIn('bob'), bad],
    })
    const late = await answer({ ...offline, sentAt: clock.now })
    expect(late).toMatchObject({
      stored: ['bob'],
      refused: [['bad', 'writer-invalid']],
      gone: ['offline', 'offline-2'],
    })
    expect((await get(path, { Authorization: 'Bearer token-read' })).status).toBe(404)
    // Without a tombstone for a person of whom nothing was stored, an offline device would bring her.
    const other = path.replace('ada', 'eve')
    expect((await bodyOf(await ask('DELETE', other, 'erase'))).erased).toEqual({ sessions: 0, events: 0, visits: 0 })
    const hers = wireBatch([signIn('eve')], { identityId: 'eve@example.org', sessionID: 's-eve' }, { visitID: 'v-eve' })
    expect(await answer({ ...hers, sentAt: clock.now })).toMatchObject({ stored: [], gone: ['eve'] })
    // A later sign-in is a new start.
    const again = { identityId: person, sessionID: 's-again', startDate: clock.now + 1 }
    expect(await answer({ ...wireBatch([signIn('again')], again), sentAt: clock.now + 1 })).toMatchObject({
      stored: ['again'],
    })
  })
})

describe('the export of an identity', () => {
  it('is streamed as one JSON text', async () => {
    const { ask, answer } = await rightsWith()
    const events = Array.from({ length: 300 }, (_, n) =>
      wireEvent(`e-${n}`, { seq: n, data: { text: 'x'.repeat(100) } }),
    )
    await answer(wireBatch(events, { identityId: person }))
    const response = await ask('GET', `${path}/export`, 'export')
    let chunks = 0
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      chunks++
      text += Buffer.from(chunk).toString()
    }
    expect(chunks).toBeGreaterThan(5)
    expect(JSON.parse(text).visits[0].events).toHaveLength(300)
    expect((await ask('GET', '/v1/identities/nobody/export', 'export')).status).toBe(404)
  })
})

describe('the commands erase and person', () => {
  it('work on the database of a collector that runs, which then knows the tombstone', async () => {
    const { answer, db, clock } = await rightsWith(Date.now())
    const at = clock.now - 1000
    const odd = 'x\u009b2J\u202e'
    const events = [signIn('a'), wireEvent('b', { eventName: odd })]
    const batch = wireBatch(events, { identityId: person, startDate: at })
    expect(await answer({ ...batch, sentAt: clock.now })).toMatchObject({ stored: ['a', 'b'] })
    const told = await runWith(['person', person, '--db', db])
    expect(told.code).toBe(0)
    expect(JSON.parse(told.printed.join('\n'))).toMatchObject({ identity: { identityId: person, name: 'Ada L.' } })
    expect(JSON.stringify(JSON.parse(told.printed.join('\n')))).toContain(odd)
    // A terminal would obey it.
    expect(told.printed.join('').replaceAll('\n', '')).not.toMatch(/[\p{C}]/u)
    const { code, printed } = await runWith(['erase', person, '--db', db])
    expect([code, printed]).toEqual([0, ['Erased from the site default: 1 sessions, 2 events and 1 whole visits.']])
    expect(await answer({ ...batch, sentAt: clock.now })).toMatchObject({ stored: [], gone: ['a', 'b'] })
    expect((await runWith(['person', person, '--db', db])).code).toBe(1)
  })

  it('ask for the site if there are several', async () => {
    const db = databasePath()
    const store = await openSqlite(db)
    await store.admin.change(state => addSite(addSite(state, 'a', 'k1', noon), 'b', 'k2', noon))
    await store.close()
    for (const command of ['erase', 'person']) {
      const { code, warned } = await runWith([command, person, '--db', db])
      expect([code, warned.join()]).toEqual([2, expect.stringContaining('one of: a, b')])
      expect((await runWith([command, person, '--site', 'c', '--db', db])).code).toBe(2)
      expect((await runWith([command, '--db', db])).code).toBe(2)
    }
    expect((await runWith(['erase', person, '--site', 'a', '--db', db])).code).toBe(0)
  })
})
