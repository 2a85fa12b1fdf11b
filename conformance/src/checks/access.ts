import { type Check, idsOf, makeSite } from '../check.js'
import { must, mustAnswer, mustBe, mustBeError, NotChecked } from '../expect.js'
import type { Reply } from '../wire.js'

const strangeOrigins = ['https://sojourn-conformance.invalid', 'http://sojourn-conformance.invalid:8080']

const words = (reply: Reply, name: string): string[] =>
  (reply.headers.get(name) ?? '').split(',').map(word => word.trim().toLowerCase())

function mustAllow(reply: Reply, origin: string): void {
  const allowed = reply.headers.get('Access-Control-Allow-Origin')
  must(allowed === origin, `Access-Control-Allow-Origin is ${allowed ?? 'missing'}, not ${origin}`, reply)
  must(words(reply, 'Vary').includes('origin'), 'Vary does not name Origin', reply)
  const credentials = reply.headers.get('Access-Control-Allow-Credentials')
  must(credentials === null, `Access-Control-Allow-Credentials is ${credentials}; there should be none`, reply)
}

function mustAllowNobody(reply: Reply): void {
  mustBeError(reply, 403, 'unknown-origin')
  const found = [...reply.headers.keys()].find(name => name.startsWith('access-control-'))
  must(found === undefined, `an unknown origin gets the header ${found}`, reply)
}

const corsAllowed: Check = {
  name: 'cors-allowed',
  promise:
    'every reply to an allowed page allows its origin, has Vary: Origin, exposes Retry-After, and allows no credentials.',
  section: 'the-answer',
  needs: ['origin'],
  async run(context) {
    const origin = context.origin as string
    const site = makeSite(context)
    const event = site.event()
    const taken = await context.wire.send(site.batch([event]), { headers: { Origin: origin } })
    mustAnswer(taken, { stored: idsOf([event]) })
    const denied = await context.wire.send('not JSON', { headers: { Origin: origin } })
    mustBe(denied, 400)
    const keyless = await context.wire.send(site.batch([]), { headers: { Origin: origin }, key: '' })
    mustBe(keyless, 401)
    for (const reply of [taken, denied, keyless]) {
      mustAllow(reply, origin)
      const exposes = words(reply, 'Access-Control-Expose-Headers').includes('retry-after')
      must(exposes, 'Access-Control-Expose-Headers does not name Retry-After', reply)
    }
  },
}

const corsForeign: Check = {
  name: 'cors-foreign',
  promise: 'a page of another origin gets 403 unknown-origin without CORS headers, and its batch is not stored.',
  section: 'the-answer',
  needs: [],
  async run(context) {
    const near = context.origin === null ? [] : [`${context.origin}.sojourn-conformance.invalid`]
    for (const origin of [...strangeOrigins, ...near]) {
      const site = makeSite(context)
      mustAllowNobody(await context.wire.send(site.batch([site.event()]), { headers: { Origin: origin } }))
      if (!context.hasReads) continue
      const reply = await context.wire.get(`/v1/sessions/${site.sessionID}`)
      must(reply.status === 404, 'the session was stored', reply)
    }
  },
}

const corsNull: Check = {
  name: 'cors-null',
  promise: 'the origin null is never allowed, because it could be any page.',
  section: 'the-answer',
  needs: [],
  async run({ wire }) {
    mustAllowNobody(await wire.send({ v: 1 }, { headers: { Origin: 'null' } }))
  },
}

const preflight: Check = {
  name: 'preflight',
  promise:
    'a preflight of an allowed page gets 204 with POST, Content-Type, Content-Encoding and the headers that it asks for, and the page may send them; a preflight of another page gets 403.',
  section: 'the-answer',
  needs: ['origin'],
  async run(context) {
    const { wire, origin } = context
    const own = ['traceparent', 'x-sojourn-conformance']
    const ask = (from: string): Promise<Reply> =>
      wire.ask('OPTIONS', '/v1/sessions?key=preflights-show-none', {
        Origin: from,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': ['content-encoding', 'content-type', ...own].join(),
      })
    const reply = await ask(origin as string)
    mustBe(reply, 204)
    mustAllow(reply, origin as string)
    must(words(reply, 'Access-Control-Allow-Methods').includes('post'), 'it does not allow POST', reply)
    for (const name of ['content-type', 'content-encoding', ...own])
      must(words(reply, 'Access-Control-Allow-Headers').includes(name), `it does not allow ${name}`, reply)
    const age = reply.headers.get('Access-Control-Max-Age')
    const site = makeSite(context)
    const event = site.event()
    const headers = { Origin: origin as string, ...Object.fromEntries(own.map(name => [name, 'any'])) }
    mustAnswer(await wire.send(site.batch([event]), { headers }), { stored: idsOf([event]) })
    must(age === '7200', `Access-Control-Max-Age is ${age ?? 'missing'}, not 7200`, reply)
    for (const from of [strangeOrigins[0] as string, 'null']) {
      const denied = await ask(from)
      must(denied.status === 403, `a preflight of ${from} gets ${denied.status}, not 403`, denied)
      must(!denied.headers.has('Access-Control-Allow-Origin'), `a preflight of ${from} is allowed`, denied)
    }
  },
}

const keys: Check = {
  name: 'keys',
  promise: 'a missing or wrong write key gets 401 wrong-key, and the batch is not stored.',
  section: 'the-answer',
  needs: [],
  async run(context) {
    const site = makeSite(context)
    const batch = site.batch([site.event()])
    mustBeError(await context.wire.send(batch, { key: '' }), 401, 'wrong-key')
    const reply = await context.wire.send(batch, { key: context.makeId('wrong-key') })
    if (reply.status === 200 && context.isLoopback)
      throw new NotChecked('the collector accepts any key, as it may on loopback')
    mustBeError(reply, 401, 'wrong-key')
    if (!context.hasReads) return
    const read = await context.wire.get(`/v1/sessions/${site.sessionID}`)
    must(read.status === 404, 'the session was stored', read)
  },
}

const readToken: Check = {
  name: 'read-token',
  promise:
    'reads need the read token, as Bearer or as the password of Basic; without it they get 401 wrong-read-token.',
  section: 'asking',
  needs: ['reads', 'read-token'],
  async run(context) {
    const token = context.readToken as string
    const site = makeSite(context)
    mustBe(await context.wire.send(site.batch([site.event()])), 200)
    const basic = (password: string): string => `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`
    for (const path of [`/v1/sessions/${site.sessionID}`, `/backend/data/sessions/${site.sessionID}`]) {
      for (const Authorization of [`Bearer ${token}`, basic(token)])
        mustBe(await context.wire.get(path, { Authorization }), 200)
      mustBeError(await context.wire.get(path, {}), 401, 'wrong-read-token')
      for (const Authorization of [`Bearer ${token}x`, 'Bearer', basic(`${token}x`), basic('')])
        mustBeError(await context.wire.get(path, { Authorization }), 401, 'wrong-read-token')
    }
  },
}

const health: Check = {
  name: 'health',
  promise: '/healthz is 200 without a token.',
  section: 'asking',
  needs: [],
  async run({ wire }) {
    mustBe(await wire.ask('GET', '/healthz'), 200)
  },
}

/** Checks of keys, origins, tokens and health. */
export const accessChecks: readonly Check[] = [health, corsAllowed, corsForeign, corsNull, preflight, keys, readToken]
