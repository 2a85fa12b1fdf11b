import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { nothingDecided } from '../../src/sites/admin.js'
import { createRegistry } from '../../src/sites/registry.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

const secret = 'a secret of the server'
const newer = 'the next secret'
const hmac = (text: string, by = secret) => createHmac('sha256', by).update(text).digest('base64url')
const toPart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function jwt(claims: object, { alg = 'HS256', by = secret, head = {} } = {}): string {
  const text = `${toPart({ alg, typ: 'JWT', ...head })}.${toPart(claims)}`
  return `${text}.${hmac(text, by)}`
}

/** Makes a collector whose site has secrets. */
function signedWith(secrets: readonly string[] = [secret]) {
  const registry = createRegistry({ keys: ['demo'], origins: [], readToken: null, isLoopback: true, now: () => noon })
  const rows = secrets.map(one => ({ site: 'default', secret: one, createdAt: 0 }))
  registry.use({ ...nothingDecided, secrets: rows })
  const collector = collectorWith({ sites: registry })
  const store = collector.store.of('default')
  return { store, answerTo: async (batch: object) => bodyOf(await collector.send(batch)) }
}

const batchWith = (proof: unknown, session: object = {}): object =>
  wireBatch([wireEvent('a', { eventName: 'SignIn' })], { proof, ...session })

const taken = { stored: ['a'], refused: [] }
const refused = { stored: [], refused: [['a', 'proof-invalid']] }

describe('a session of a site with secrets', () => {
  for (const [name, proof, answer] of [
    ['the HMAC of its identity', hmac('user-42'), taken],
    ['the HMAC with the next secret', hmac('user-42', newer), taken],
    ['a JWT of its identity', jwt({ sub: 'user-42' }), taken],
    ['a JWT that ended when the session began', jwt({ sub: 'user-42', exp: noon / 1000 }), taken],
    ['a JWT with other claims', jwt({ sub: 'user-42', iss: 'shop', nbf: 9e9 }), taken],
    ['no proof', undefined, refused],
    ['an empty proof', '', refused],
    ['a proof that is no text', 42, refused],
    ['a proof that is too long', jwt({ sub: 'user-42', more: 'x'.repeat(2048) }), refused],
    ['the HMAC of another identity', hmac('user-43'), refused],
    ['an HMAC by another secret', hmac('user-42', 'guessed'), refused],
    ['the beginning of an HMAC', hmac('user-42').slice(0, 42), refused],
    ['a JWT of another identity', jwt({ sub: 'user-43' }), refused],
    ['a JWT of nobody', jwt({}), refused],
    ['a JWT by another secret', jwt({ sub: 'user-42' }, { by: 'guessed' }), refused],
    ['a JWT that ended before the session began', jwt({ sub: 'user-42', exp: noon / 1000 - 1 }), refused],
    ['a JWT whose end is no number', jwt({ sub: 'user-42', exp: '9999999999' }), refused],
    ['a JWT without signature', jwt({ sub: 'user-42' }).replace(/[^.]*$/, ''), refused],
    ['an unsigned JWT', `${toPart({ alg: 'none' })}.${toPart({ sub: 'user-42' })}.`, refused],
    ['a JWT of another algorithm', jwt({ sub: 'user-42' }, { alg: 'HS512' }), refused],
    ['a JWT with a critical extension', jwt({ sub: 'user-42' }, { head: { crit: ['b64'], b64: false } }), refused],
    ['three parts that are no JWT', `a.b.${hmac('a.b')}`, refused],
    ['a JWT of four parts', `${jwt({ sub: 'user-42' })}.more`, refused],
  ] as const)
    it(`is ${answer === taken ? 'taken' : 'refused'} with ${name}`, async () => {
      const { answerTo, store } = signedWith([secret, newer])
      expect(await answerTo(batchWith(proof))).toMatchObject(answer)
      expect(await store.identity('user-42')).toEqual(answer === taken ? expect.anything() : null)
      expect(await store.session('session-1')).toEqual(answer === taken ? expect.anything() : null)
    })

  it('may have a device whose clock is wrong: the end of a JWT is compared by the clock of the collector', async () => {
    const hour = 3_600_000
    const proof = jwt({ sub: 'user-42', exp: noon / 1000 })
    const slow = { ...(batchWith(proof, { startDate: noon - hour }) as object), sentAt: noon - hour }
    expect(await signedWith().answerTo(slow)).toMatchObject(taken)
    const late = { ...(batchWith(proof, { startDate: noon - hour }) as object), sentAt: noon - 2 * hour }
    expect(await signedWith().answerTo(late)).toMatchObject(refused)
  })

  it('is refused alone: other sessions, and what was done outside sessions, are taken', async () => {
    const { answerTo, store } = signedWith()
    const page = { pageID: 'page-1', startDate: noon, url: '/' }
    const [proved] = (batchWith(hmac('user-42')) as any).sessions
    const forged = { ...proved, sessionID: 'session-2', events: [wireEvent('b')], proof: hmac('x'), pages: [page] }
    const visits = [{ visitID: 'visit-1', startDate: noon, events: [wireEvent('c')], written: { 'writer-1': 3 } }]
    expect(await answerTo({ v: 1, visits, sessions: [proved, forged] })).toMatchObject({
      stored: ['c', 'a'],
      refused: [['b', 'proof-invalid']],
    })
    expect(await store.session('session-2')).toBe(null)
    expect(await store.page('page-1')).toBe(null)
  })

  it('does not get an identity from a forged copy of it in the same batch', async () => {
    const { answerTo, store } = signedWith()
    const [proved] = (batchWith(hmac('user-42')) as any).sessions
    const forged = { ...proved, identityId: 'zoe', events: [wireEvent('b')] }
    expect(await answerTo({ v: 1, sessions: [forged, proved] })).toMatchObject({
      stored: ['a'],
      refused: [['b', 'proof-invalid']],
    })
    expect(await store.identity('zoe')).toBe(null)
    expect(await store.session('session-1')).toMatchObject({ identityId: 'user-42' })
  })
})

describe('a proof', () => {
  it('is not stored, and not looked at if the site has no secrets', async () => {
    const { answerTo, store } = signedWith([])
    expect(await answerTo(batchWith('any-text'))).toMatchObject(taken)
    expect(await answerTo(batchWith(undefined))).toMatchObject(taken)
    expect(JSON.stringify([await store.session('session-1'), await store.identity('user-42')])).not.toContain(
      'any-text',
    )
  })
})
