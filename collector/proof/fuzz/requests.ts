import { gzipSync } from 'node:zlib'
import { makeBatch } from './batches.js'
import { makeID, makeValue, toText } from './odd.js'
import { createRandom, type Random } from './random.js'

/** A request as it goes over the wire. */
export interface OddRequest {
  readonly method: string
  /** The path and the query, as they stand in the request line. */
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  /** The batch whose records an answer names; `null` if the request sends none that could be taken. */
  readonly batch: string | null
  /** How the body is framed: by its length, in chunks, or by a length that is wrong by so many bytes. */
  readonly framing: 'length' | 'chunked' | number
}

/** Without `DELETE`, which would erase what is read afterwards: a collector on loopback without a token lets it. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']

/**
 * Makes a request. The same seed and number always make the same one.
 *
 * @param paths the paths of all routes, as `/openapi.json` lists them.
 */
export function makeRequest(seed: number, number: number, paths: readonly string[]): OddRequest {
  const random = createRandom(seed, number)
  const dice = random.below(100)
  if (dice < 75) return makePost(random)
  const framing = 'length'
  const isRead = dice < 95
  const method = isRead ? 'GET' : random.pick(methods)
  const target = isRead || random.percent(70) ? makeTarget(random, paths) : makeBadTarget(random)
  const body = !isRead && random.percent(50) ? Buffer.from(makeBatch(random)) : Buffer.alloc(0)
  return { method, target, headers: makeHeaders(random), body, batch: null, framing }
}

function makePost(random: Random): OddRequest {
  const text = makeBatch(random)
  const plain = Buffer.from(text)
  const isZipped = random.percent(25)
  const zipped = isZipped ? zip(random, plain) : { body: plain, isWhole: true }
  const framing = random.percent(0.3) ? random.pick([-10, -1, 1, 1000, 1e9]) : random.percent(20) ? 'chunked' : 'length'
  const target = random.percent(97)
    ? '/v1/sessions?key=demo'
    : random.pick([
        '/v1/sessions',
        '/v1/sessions?key=',
        '/v1/sessions?key=demo&key=other',
        '/v1/sessions?key=%zz',
        '/v1/sessions?',
        '/v1/sessions/?key=demo',
        '//v1/sessions?key=demo',
        '/v1/./sessions?key=demo',
        '/v1/sessions?KEY=demo',
      ])
  return {
    method: 'POST',
    target,
    headers: makeHeaders(random),
    body: zipped.body,
    batch: zipped.isWhole && typeof framing !== 'number' ? text : null,
    framing,
  }
}

const bombs = new Map<string, Buffer>()

/** Zips many equal letters. Each kind is made once, because that takes a tenth of a second. */
function toBomb(length: number, letter: string): Buffer {
  const bomb = bombs.get(length + letter) ?? gzipSync(Buffer.alloc(length, letter))
  bombs.set(length + letter, bomb)
  return bomb
}

/** Zips a body well, or in ways that only an attacker would. */
function zip(random: Random, plain: Buffer): { readonly body: Buffer; readonly isWhole: boolean } {
  const good = gzipSync(plain, { level: 1 })
  const at = random.below(good.length)
  switch (random.below(8)) {
    case 0:
      return { body: good.subarray(0, at), isWhole: false }
    case 1: {
      const broken = Buffer.from(good)
      broken[at] = (broken[at] ?? 0) ^ (1 << random.below(8))
      return { body: broken, isWhole: false }
    }
    case 2:
      // A bomb: some hundred bytes that become megabytes.
      return { body: toBomb(random.pick([600_000, 20_000_000]), random.pick([' ', '[', '"'])), isWhole: false }
    case 3: {
      const half = random.below(plain.length + 1)
      return { body: Buffer.concat([gzipSync(plain.subarray(0, half)), gzipSync(plain.subarray(half))]), isWhole: true }
    }
    case 4:
      return { body: Buffer.concat([good, Buffer.from('trailing junk')]), isWhole: false }
    case 5:
      return { body: gzipSync(good), isWhole: false }
    default:
      return { body: good, isWhole: true }
  }
}

function makeHeaders(random: Random): [string, string][] {
  const headers: [string, string][] = []
  const add = (chance: number, name: string, values: readonly string[]): void => {
    if (random.percent(chance)) headers.push([name, random.pick(values)])
  }
  add(10, 'Content-Type', ['text/plain', 'application/json; charset=utf-16', 'multipart/form-data', ';;', ''])
  add(10, 'Content-Encoding', ['gzip', 'br', 'identity', 'gzip, gzip', 'x'])
  add(5, 'Origin', ['http://localhost:3000', 'null', 'https://evil.example', 'http://', '\u00e4', 'file://'])
  add(5, 'Authorization', ['Bearer a', 'Bearer', 'Basic Og==', 'Basic !!!', 'Digest a', `Bearer ${'x'.repeat(4000)}`])
  add(3, 'X-Forwarded-For', ['203.0.113.9', '::1', 'a, b, c', ','.repeat(3000)])
  add(3, 'Forwarded', ['for=1.2.3.4', 'for="[::1"', ';;;=,,='])
  add(3, 'Expect', ['100-continue'])
  add(3, 'If-None-Match', ['*', '"a"', '"'])
  add(3, 'Accept-Encoding', ['gzip', '*;q=0'])
  add(3, 'Access-Control-Request-Headers', ['a', `${'a,'.repeat(2000)}b`, '\u00e4'])
  add(2, 'X-Odd', ['\t', 'a\u0001'.slice(0, 1), 'x'.repeat(10_000)])
  return headers
}

/** The target of a route, with ids for its names and with parameters, odd ones too. */
function makeTarget(random: Random, paths: readonly string[]): string {
  const path = random
    .pick(paths)
    .replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      name === 'site' && random.percent(80) ? 'default' : toSegment(random, makeID(random, name.replace(/I[dD]$/, ''))),
    )
  const parameters = random.list(0, 4, () => {
    const name = random.pick([
      'include_events',
      'include_events_detail',
      'include_pages',
      'include_pages_detail',
      'include_sessions',
      'include_sessions_detail',
      'include_visits',
      'include_visits_detail',
      'page_size',
      'paging_next',
      'age',
      'key',
      'eventName',
      'eventType',
      'category',
      'url',
      'title',
      'identityId',
      'globalVisitID',
      'userAgent',
      'location',
      'association',
      'since',
      'until',
      'format',
      '__proto__',
      '',
    ])
    return `${encodeURIComponent(name)}=${makeParameter(random, name)}`
  })
  return parameters.length ? `${path}?${parameters.join('&')}` : path
}

function makeParameter(random: Random, name: string): string {
  if (name.startsWith('include_') && random.percent(80)) return random.pick(['true', 'false', 'TRUE', '1', ''])
  if (name === 'paging_next') return encodeURIComponent(makeCursor(random))
  if (/^(page_size|age|since|until)$/.test(name) && random.percent(80))
    return random.pick([
      '1',
      '1000',
      '0',
      '-1',
      '1001',
      '1e3',
      '99999999999999999999',
      'NaN',
      '1.5',
      '',
      '9007199254740993',
    ])
  return toSegment(random, makeID(random, name))
}

/** A forged cursor: JSON of odd values in base64url, as real ones are, or no cursor at all. */
function makeCursor(random: Random): string {
  const values = random.list(0, 6, () =>
    random.percent(60) ? random.pick([0, 1763985600000, 'visit-1', 'a', '']) : makeValue(random),
  )
  const text = toText(random.percent(90) ? values : makeValue(random))
  return random.percent(90) ? Buffer.from(text).toString('base64url') : text.replaceAll(/\p{Surrogate}/gu, '')
}

/** Encodes an id for a path. Some are encoded wrongly, or not at all where the request line allows it. */
function toSegment(random: Random, id: string): string {
  const encoded = encodeURIComponent(id.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
  if (random.percent(90)) return encoded
  return random.pick([
    encoded.toLowerCase(),
    encoded.slice(0, -1),
    `${encoded}%`,
    `${encoded}%ff`,
    encodeURIComponent(encoded),
    '',
  ])
}

function makeBadTarget(random: Random): string {
  return random.pick([
    '*',
    '/',
    '//',
    '/..',
    '/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/sojourn.js/..',
    '/.git/config',
    '/v1',
    '/v1/',
    '/v1/sites',
    '/v1/sites/',
    '/v1/sites/..',
    '/backend/data',
    '/V1/SESSIONS',
    '/v1/sessions/%',
    '/v1//events',
    '/metrics',
    '/metrics/',
    '/openapi',
    '/docs',
    '/docs/..',
    '/docs/%',
    '/openapi.json?x',
    '/readyz',
    '/healthz?',
    'http://evil.example/v1/visits/a',
    `/${'a'.repeat(1e4)}`,
    `/v1/visits/${'%61'.repeat(3e3)}`,
    `/v1/identities?${'a=b&'.repeat(2e3)}`,
    '/ÿ',
  ])
}
