import { type Check, idsOf, makeSite } from '../check.js'
import { must, mustAnswer, mustBe, mustRefuse, NotChecked } from '../expect.js'
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
  mustRefuse(reply, 403, 'unknown-origin')
  const found = [...reply.headers.keys()].find(name => name.startsWith('access-control-'))
  must(found === undefined, `an unknown origin gets the header ${found}`, reply)
}

const corsAllowed: Check = {
  name: 'cors-allowed',
  promise:
    'every answer to an allowed page names its origin, varies by it, exposes Retry-After, and allows no credentials.',
  section: 'the-answer',
  needs: ['origin'],
  async run(house) {
    const origin = house.origin as string
    const site = makeSite(house)
    const event = site.event()
    const taken = await house.wire.send(site.batch([event]), { headers: { Origin: origin } })
    mustAnswer(taken, { stored: idsOf([event]) })
    const refused = await house.wire.send('no JSON', { headers: { Origin: origin } })
    mustBe(refused, 400)
    const keyless = await house.wire.send(site.batch([]), { headers: { Origin: origin }, key: '' })
    mustBe(keyless, 401)
    for (const reply of [taken, refused, keyless]) {
      mustAllow(reply, origin)
      const exposes = words(reply, 'Access-Control-Expose-Headers').includes('retry-after')
      must(exposes, 'Access-Control-Expose-Headers does not name Retry-After', reply)
    }
  },
}

const corsForeign: Check = {
  name: 'cors-foreign',
  promise: 'a page of another origin gets 403 unknown-origin without CORS headers, and nothing of it is kept.',
  section: 'the-answer',
  needs: [],
  async run(house) {
    const near = house.origin === null ? [] : [`${house.origin}.sojourn-conformance.invalid`]
    for (const origin of [...strangeOrigins, ...near]) {
      const site = makeSite(house)
      mustAllowNobody(await house.wire.send(site.batch([site.event()]), { headers: { Origin: origin } }))
      if (!house.hasReads) continue
      const kept = await house.wire.get(`/v1/sessions/${site.sessionID}`)
      must(kept.status === 404, 'something of it was kept', kept)
    }
  },
}

const corsNull: Check = {
  name: 'cors-null',
  promise: 'the origin null is never allowed: it could be anybody.',
  section: 'the-answer',
  needs: [],
  async run({ wire }) {
    mustAllowNobody(await wire.send({ v: 1 }, { headers: { Origin: 'null' } }))
  },
}

const preflight: Check = {
  name: 'preflight',
  promise:
    'a preflight of an allowed page is a 204 with POST, Content-Type and Content-Encoding; of another page a 403.',
  section: 'the-answer',
  needs: ['origin'],
  async run({ wire, origin }) {
    const ask = (from: string): Promise<Reply> =>
      wire.ask('OPTIONS', '/v1/sessions?key=preflights-show-none', {
        Origin: from,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-encoding,content-type',
      })
    const reply = await ask(origin as string)
    mustBe(reply, 204)
    mustAllow(reply, origin as string)
    must(words(reply, 'Access-Control-Allow-Methods').includes('post'), 'it does not allow POST', reply)
    for (const name of ['content-type', 'content-encoding'])
      must(words(reply, 'Access-Control-Allow-Headers').includes(name), `it does not allow ${name}`, reply)
    const age = reply.headers.get('Access-Control-Max-Age')
    must(age === '7200', `Access-Control-Max-Age is ${age ?? 'missing'}, not 7200`, reply)
    for (const from of [strangeOrigins[0] as string, 'null']) {
      const refusal = await ask(from)
      must(refusal.status === 403, `a preflight of ${from} gets ${refusal.status}, not 403`, refusal)
      must(!refusal.headers.has('Access-Control-Allow-Origin'), `a preflight of ${from} is allowed`, refusal)
    }
  },
}

const keys: Check = {
  name: 'keys',
  promise: 'a missing or wrong write key is a 401 wrong-key, and nothing is kept.',
  section: 'the-answer',
  needs: [],
  async run(house) {
    const site = makeSite(house)
    const batch = site.batch([site.event()])
    mustRefuse(await house.wire.send(batch, { key: '' }), 401, 'wrong-key')
    const reply = await house.wire.send(batch, { key: house.makeId('wrong-key') })
    if (reply.status === 200 && house.isLoopback)
      throw new NotChecked('it takes any key, as a collector that listens on loopback only may')
    mustRefuse(reply, 401, 'wrong-key')
    if (!house.hasReads) return
    const kept = await house.wire.get(`/v1/sessions/${site.sessionID}`)
    must(kept.status === 404, 'something of it was kept', kept)
  },
}

const readToken: Check = {
  name: 'read-token',
  promise: 'reads show the token, as Bearer or as the password of Basic; without it they are a 401 wrong-read-token.',
  section: 'asking',
  needs: ['reads', 'read-token'],
  async run(house) {
    const token = house.readToken as string
    const site = makeSite(house)
    mustBe(await house.wire.send(site.batch([site.event()])), 200)
    const basic = (password: string): string => `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`
    for (const path of [`/v1/sessions/${site.sessionID}`, `/backend/data/sessions/${site.sessionID}`]) {
      for (const Authorization of [`Bearer ${token}`, basic(token)])
        mustBe(await house.wire.get(path, { Authorization }), 200)
      mustRefuse(await house.wire.get(path, {}), 401, 'wrong-read-token')
      for (const Authorization of [`Bearer ${token}x`, 'Bearer', basic(`${token}x`), basic('')])
        mustRefuse(await house.wire.get(path, { Authorization }), 401, 'wrong-read-token')
    }
  },
}

const health: Check = {
  name: 'health',
  promise: '/healthz is 200 to everybody while the store answers.',
  section: 'asking',
  needs: [],
  async run({ wire }) {
    mustBe(await wire.ask('GET', '/healthz'), 200)
  },
}

/** Who may come in. */
export const doorChecks: readonly Check[] = [health, corsAllowed, corsForeign, corsNull, preflight, keys, readToken]
