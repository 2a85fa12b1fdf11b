import { type App } from '../helpers/app.js'
import { changed, instead, json, type Row } from '../helpers/broken.js'

const ignoring = (app: App, ...names: string[]): App =>
  changed(app, {
    params(params) {
      for (const name of names) params.delete(name)
    },
  })

/** Collectors with a wrong reply to a read. */
export const reads: readonly Row[] = [
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
