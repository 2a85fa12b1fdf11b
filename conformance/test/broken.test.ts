import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { checks } from '../src/run.js'
import { type App, collectorOver, readToken, reportOf, shop } from './helpers/app.js'
import * as broken from './helpers/broken.js'

const { changed, eachObject, eventListsOf, idsOf, instead, jsonOf, renaming, withBody } = broken

const json = (status: number, body: unknown): Response => Response.json(body, { status })
const isPost = ({ method }: Request): boolean => method === 'POST'
const isZipped = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A collector that breaks a promise, and the names of the checks that must fail for it. */
type Row = readonly [what: string, fails: readonly string[], make: (app: App) => App]

const answers: readonly Row[] = [
  [
    'answers an empty 200',
    ['answer-by-id', 'empty-batch'],
    app => instead(app, request => (isPost(request) ? new Response(null) : undefined)),
  ],
  [
    'answers 200 with HTML',
    ['answer-by-id', 'v1-seed-example'],
    app =>
      instead(app, request =>
        isPost(request) ? new Response('<p>OK', { headers: { 'Content-Type': 'text/html' } }) : undefined,
      ),
  ],
  [
    'does not name stored records in the answer to a replay',
    ['replay', 'replay-after-much-else', 'concurrent'],
    app => {
      const known = new Set<string>()
      const isNew = (id: string): boolean => !known.has(id) && !!known.add(id)
      return changed(app, { answer: answer => ({ ...answer, stored: answer.stored.filter(isNew) }) })
    },
  ],
  [
    'counts a replay twice',
    ['replay'],
    app => {
      const known = new Set<string>()
      return renaming(app, id => known.has(id) || !known.add(id))
    },
  ],
  [
    'recognizes a replay only for a while',
    ['replay-after-much-else'],
    app => {
      const known: string[] = []
      return renaming(app, id => {
        const isOld = known.includes(id) && !known.slice(-50).includes(id)
        known.push(id)
        return isOld
      })
    },
  ],
  [
    'counts copies twice that arrive at the same time',
    ['concurrent'],
    app => {
      const inFlight = new Map<string, number>()
      const slow = renaming(app, id => (inFlight.get(id) ?? 0) > 1)
      return instead(slow, async (request, bytes, ask) => {
        const ids = isPost(request) ? idsOf(jsonOf(bytes.toString()) ?? {}) : []
        for (const id of ids) inFlight.set(id, (inFlight.get(id) ?? 0) + 1)
        await new Promise(resolve => setImmediate(resolve))
        const reply = await ask(request)
        for (const id of ids) inFlight.set(id, (inFlight.get(id) ?? 0) - 1)
        return reply
      })
    },
  ],
  [
    'counts copies in one batch twice',
    ['duplicates'],
    app => {
      const seen = new WeakMap<object, Set<string>>()
      return renaming(app, (id, batch) => {
        const ids = seen.get(batch) ?? new Set<string>()
        seen.set(batch, ids)
        return ids.has(id) || !ids.add(id)
      })
    },
  ],
  [
    'answers the number of stored records instead of their ids',
    ['answer-by-id'],
    app => changed(app, { answer: answer => ({ ...answer, stored: answer.stored.length }) }),
  ],
  [
    'acknowledges records without checking them',
    ['refusals', 'v1-good-beside-bad'],
    app => changed(app, { answer: (answer, batch) => ({ ...answer, stored: idsOf(batch), refused: [] }) }),
  ],
  [
    'drops the good records beside a refused one',
    ['refusals', 'v1-good-beside-bad', 'limit-record'],
    app => changed(app, { answer: answer => (answer.refused.length ? { ...answer, stored: [] } : answer) }),
  ],
  [
    'does not list its versions',
    ['answer-by-id', 'unknown-version'],
    app =>
      instead(app, async (request, _, ask) => {
        const reply = await ask(request)
        if (!isPost(request)) return reply
        const { versions: _versions, ...rest } = (await reply.json()) as { versions?: unknown }
        return new Response(JSON.stringify(rest), { status: reply.status, headers: reply.headers })
      }),
  ],
]

const states: readonly Row[] = [
  [
    'keeps only the last batch of a session',
    ['split', 'reorder', 'contradicting-copies'],
    app => {
      const last = new Map<string, string[]>()
      return changed(app, {
        batch(batch) {
          for (const { sessionID, events } of batch.sessions ?? [])
            last.set(sessionID, idsOf({ sessions: [{ events }] }))
          return batch
        },
        read: body =>
          eachObject(body, one => {
            if (!Array.isArray(one.items)) return
            one.items = one.items.filter(
              (item: any) => !item.eventID || last.get(item.sessionID)?.includes(item.eventID),
            )
          }),
      })
    },
  ],
  [
    'identifies an event by its id alone, over all visits',
    ['one-id'],
    app => {
      const visits = new Map<string, string>()
      return changed(app, {
        batch(batch) {
          for (const { visitID, events } of batch.visits ?? [])
            for (const id of idsOf({ visits: [{ events }] })) if (!visits.has(id)) visits.set(id, visitID)
          return batch
        },
        read: body =>
          eachObject(body, one => {
            const isOther = (item: any): boolean =>
              visits.has(item.eventID) && visits.get(item.eventID) !== item.visitID
            if (Array.isArray(one.items)) one.items = one.items.filter((item: any) => !isOther(item))
          }),
      })
    },
  ],
  [
    'compares texts by UTF-16 units',
    ['code-points'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if (one.title === '🛒') one.title = '\ufffd'
          }),
      }),
  ],
  [
    'takes the end that arrived last as the end',
    ['session-ends', 'contradicting-copies', 'reorder'],
    app => {
      const ends = new Map<string, number>()
      return changed(app, {
        batch(batch) {
          for (const one of batch.sessions ?? []) ends.set(one.sessionID, one.endDate ?? 0)
          return batch
        },
        read: body =>
          eachObject(body, one => {
            if (one.identityId && ends.has(one.sessionID)) one.endDate = ends.get(one.sessionID)
          }),
      })
    },
  ],
  [
    'rewrites times',
    ['clocks', 'v1-browse-then-sign-in'],
    app =>
      changed(app, {
        batch: batch =>
          eachObject(batch, one => {
            if ('timestamp' in one) one.timestamp = Math.min(one.timestamp, 1_600_000_000_000)
          }),
      }),
  ],
  [
    'returns a negative duration after the clock was set back',
    ['end-before-start'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if (one.endDate && one.endDate === one.startDate) one.duration = -5
          }),
      }),
  ],
  [
    'changes serverTimestamp at each read',
    ['receipt'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if ('serverTimestamp' in one) one.serverTimestamp = Date.now() + 1000
          }),
      }),
  ],
  [
    'treats every visit as over',
    ['visit-going-on'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if ('activeSessionID' in one) one.endDate = one.lastActivity
          }),
      }),
  ],
  [
    'stores no pages',
    ['pages-of-a-session', 'v1-made-by-the-tracker', 'v1-browse-then-sign-in'],
    app => changed(app, { batch: batch => eachObject(batch, one => delete one.pages) }),
  ],
  [
    'assigns all sessions of a batch to one identity',
    ['v1-replaced-in-two-tabs'],
    app =>
      changed(app, {
        batch(batch) {
          for (const one of batch.sessions ?? []) one.identityId = batch.sessions[0].identityId
          return batch
        },
      }),
  ],
  [
    'accepts only one spelling of sessionID',
    ['v1-another-library'],
    app => changed(app, { batch: batch => eachObject(batch, one => delete one.sessionId) }),
  ],
  [
    'refuses unknown fields',
    ['unknown-fields', 'v1-another-library'],
    app =>
      instead(app, (_, bytes) =>
        bytes.includes('"mood"') ? json(400, { v: 1, error: 'malformed', message: 'mood?' }) : undefined,
      ),
  ],
  [
    'writes the fields of a GWE session in another order',
    ['v1-seed-example'],
    app =>
      changed(app, {
        read: (body, path) =>
          path.startsWith('/backend/data/sessions/') ? Object.fromEntries(Object.entries(body).toReversed()) : body,
      }),
  ],
  [
    'stores only ASCII',
    ['text-of-every-kind'],
    app =>
      instead(app, (request, bytes, ask) =>
        isPost(request) && !isZipped(bytes)
          ? (ask(withBody(request, bytes.toString().replace(/[^ -~]/g, '?'))) as Promise<Response>)
          : undefined,
      ),
  ],
  [
    'cuts texts at 255 characters',
    ['texts-cut'],
    app =>
      changed(app, {
        batch: batch =>
          eachObject(batch, one => {
            if (typeof one.url === 'string') one.url = one.url.slice(0, 255)
          }),
      }),
  ],
]

const bodies: readonly Row[] = [
  [
    'treats a body that is not JSON as an empty batch',
    ['malformed'],
    app =>
      changed(
        instead(app, (request, bytes, ask) =>
          isPost(request) && !isZipped(bytes) && jsonOf(bytes.toString()) === undefined
            ? (ask(withBody(request, '{"v":1}')) as Promise<Response>)
            : undefined,
        ),
        {},
      ),
  ],
  ['accepts every version', ['unknown-version'], app => changed(app, { batch: batch => ({ ...batch, v: 1 }) })],
  ['accepts a body of any size', ['limit-body'], app => changed(app, { batch: ({ pad: _pad, ...batch }) => batch })],
  [
    'drops records beyond the limit and answers 200',
    ['limit-records'],
    app =>
      changed(app, {
        batch(batch) {
          for (const events of eventListsOf(batch)) events.length = Math.min(events.length, 1000)
          return batch
        },
      }),
  ],
  [
    'refuses a whole batch because of one record',
    ['limit-record', 'refusals'],
    app =>
      instead(app, async (request, _, ask) => {
        const reply = await ask(request)
        const { refused } = isPost(request) ? ((await reply.clone().json()) as { refused?: unknown[] }) : {}
        return refused?.length ? json(400, { v: 1, error: 'malformed', message: 'a bad record' }) : reply
      }),
  ],
  [
    'does not support gzip',
    ['gzip', 'gzip-bomb'],
    app =>
      instead(app, (_, bytes) =>
        isZipped(bytes) ? json(400, { v: 1, error: 'malformed', message: 'not JSON' }) : undefined,
      ),
  ],
  [
    'recognizes gzip by the header only',
    ['gzip'],
    app =>
      instead(app, ({ headers }, bytes) =>
        isZipped(bytes) && !headers.has('Content-Encoding')
          ? json(400, { v: 1, error: 'malformed', message: 'not JSON' })
          : undefined,
      ),
  ],
  [
    'unzips without a limit',
    ['gzip-bomb'],
    app =>
      instead(app, (request, bytes, ask) => {
        const { pad: _, ...batch } = isZipped(bytes) ? (jsonOf(gunzipSync(bytes).toString()) ?? {}) : {}
        return batch.v ? (ask(withBody(request, JSON.stringify(batch))) as Promise<Response>) : undefined
      }),
  ],
]

const asShop = (request: Request): Request => {
  const headers = new Headers(request.headers)
  if (headers.has('Origin')) headers.set('Origin', shop)
  return new Request(request, { headers })
}

const doors: readonly Row[] = [
  [
    'sends no CORS headers',
    ['cors-allowed', 'preflight'],
    app => changed(app, { headers: headers => headers.delete('Access-Control-Allow-Origin') }),
  ],
  [
    'allows every origin, with credentials',
    ['cors-allowed', 'cors-foreign', 'cors-null'],
    app =>
      changed(app, {
        headers(headers) {
          headers.set('Access-Control-Allow-Origin', '*')
          headers.set('Access-Control-Allow-Credentials', 'true')
        },
      }),
  ],
  [
    'allows any origin by echoing it',
    ['cors-foreign', 'cors-null', 'preflight'],
    app =>
      instead(app, async (request, _, ask) => {
        const reply = await ask(asShop(request))
        if (request.headers.has('Origin'))
          reply.headers.set('Access-Control-Allow-Origin', request.headers.get('Origin') as string)
        return reply
      }),
  ],
  [
    'needs a token for /healthz',
    ['health'],
    app =>
      instead(app, ({ url, headers }) =>
        url.endsWith('/healthz') && !headers.has('Authorization') ? new Response(null, { status: 401 }) : undefined,
      ),
  ],
  ['sends no Vary header', ['cors-allowed'], app => changed(app, { headers: headers => headers.delete('Vary') })],
  [
    'accepts any key',
    ['keys'],
    app =>
      instead(app, (request, bytes, ask) =>
        isPost(request)
          ? (ask(
              withBody(new Request(request.url.replace(/key=[^&]*/, 'key=demo'), { headers: request.headers }), bytes),
            ) as Promise<Response>)
          : undefined,
      ),
  ],
  [
    'answers reads without a token',
    ['read-token'],
    app =>
      instead(app, (request, _, ask) =>
        isPost(request)
          ? undefined
          : (ask(new Request(request.url, { headers: { Authorization: `Bearer ${readToken}` } })) as Promise<Response>),
      ),
  ],
]

const ignoring = (app: App, ...names: string[]): App =>
  changed(app, {
    params(params) {
      for (const name of names) params.delete(name)
    },
  })

const reads: readonly Row[] = [
  [
    'skips an item between two pages of a list',
    ['paging', 'paging-while-more-arrives'],
    app =>
      instead(app, async (request, _, ask) => {
        const reply = await ask(request)
        if (!request.url.includes('paging_next') || reply.status !== 200) return reply
        const body = (await reply.json()) as any
        const rest = Array.isArray(body) ? body.slice(1) : { ...body, items: body.items.slice(1) }
        return new Response(JSON.stringify(rest), { status: 200, headers: reply.headers })
      }),
  ],
  [
    'uses the number of items as cursor',
    ['paging-while-more-arrives', 'cursors'],
    app =>
      instead(app, async (request, _, ask) => {
        const url = new URL(request.url)
        const size = Number(url.searchParams.get('page_size') ?? 1000)
        const from = Number(url.searchParams.get('paging_next') ?? 0)
        if (request.method !== 'GET') return undefined
        url.searchParams.delete('page_size')
        url.searchParams.delete('paging_next')
        const reply = await ask(new Request(url, { headers: request.headers }))
        const body = reply.status === 200 ? ((await reply.clone().json()) as any) : null
        const all = Array.isArray(body) ? body : body?.items
        if (!Array.isArray(all)) return reply
        const items = all.slice(from, from + size)
        const next = from + size < all.length ? String(from + size) : null
        return Array.isArray(body)
          ? Response.json(items, { headers: next === null ? {} : { 'Paging-Next': next } })
          : Response.json({ items, next })
      }),
  ],
  [
    'puts the identity into its cursor',
    ['cursors'],
    app => {
      const people = new Map<string, string>()
      return changed(app, {
        batch(batch) {
          for (const { sessionID, identityId } of batch.sessions ?? []) people.set(sessionID, identityId)
          return batch
        },
        params: params => {
          const next = params.get('paging_next')
          if (next) params.set('paging_next', Buffer.from(next, 'base64').toString().replace(/.*\|/, ''))
        },
        read(body, path) {
          const person = people.get(path.split('/')[3] as string) ?? ''
          return body.next ? { ...body, next: Buffer.from(`${person}|${body.next}`).toString('base64') } : body
        },
      })
    },
  ],
  ['ignores age', ['age'], app => ignoring(app, 'age')],
  ['ignores location', ['identities'], app => ignoring(app, 'location')],
  ['ignores category', ['filters'], app => ignoring(app, 'category')],
  ['ignores details', ['include'], app => ignoring(app, 'include_events_detail', 'include_pages_detail')],
  ['ignores invalid parameters', ['parameters'], app => ignoring(app, 'page_size', 'age', 'eventType')],
  [
    'answers an empty list for a resource that does not exist',
    ['missing'],
    app =>
      instead(app, async (request, _, ask) => {
        const reply = await ask(request)
        return reply.status === 404 ? json(200, { items: [], next: null }) : reply
      }),
  ],
  [
    'lets caches keep replies',
    ['reads-are-private'],
    app => changed(app, { headers: headers => headers.set('Cache-Control', 'max-age=60') }),
  ],
  [
    'answers only some of the reads',
    ['every-request'],
    app =>
      instead(app, ({ url, method }) =>
        method === 'GET' &&
        /\/visits\/[^/]+$|identities\/[^/]+$|\/pages\/|(visits|identities)\/[^/]+\/(events|pages)/.test(url)
          ? json(404, { v: 1, error: 'not-found', message: 'what?' })
          : undefined,
      ),
  ],
]

const rows = [...answers, ...states, ...bodies, ...doors, ...reads]

describe('a collector that', () => {
  for (const [what, fails, make] of rows)
    it(`${what} fails the checks ${fails.join(', ')}`, async () => {
      const { results } = await reportOf(make(collectorOver()), { only: fails })
      expect(Object.fromEntries(results.map(({ name, is }) => [name, is]))).toEqual(
        Object.fromEntries(fails.map(name => [name, 'failed'])),
      )
      for (const { reason } of results) expect(reason).not.toContain('the check itself failed')
    })
})

describe('a wrapper that changes nothing', () => {
  it('passes all checks, so that the collectors above fail because of their change', async () => {
    const same = <T>(one: T): T => one
    const plain = (app: App): App =>
      renaming(
        changed(
          instead(app, () => undefined),
          { answer: same, read: same, params: () => {} },
        ),
        () => false,
      )
    const { results } = await reportOf(plain(collectorOver()))
    expect(results.filter(({ is }) => is !== 'passed').map(({ name, reason }) => [name, reason])).toEqual([])
  })
})

describe('each check', () => {
  it('has its own name, and fails for at least one of the collectors above', () => {
    const names = checks.map(({ name }) => name)
    expect(names.toSorted()).toEqual([...new Set(rows.flatMap(([, fails]) => fails))].toSorted())
  })
})
