import { readToken, shop } from '../helpers/app.js'
import { changed, instead, isPost, type Row, withBody } from '../helpers/broken.js'

const asShop = (request: Request): Request => {
  const headers = new Headers(request.headers)
  if (headers.has('Origin')) headers.set('Origin', shop)
  return new Request(request, { headers })
}

/** Collectors with wrong CORS headers, keys, tokens or health. */
export const access: readonly Row[] = [
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
    'allows only the headers that it knows',
    ['preflight'],
    app =>
      changed(app, {
        headers(headers) {
          if (headers.has('Access-Control-Allow-Headers'))
            headers.set('Access-Control-Allow-Headers', 'Content-Type, Content-Encoding')
        },
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
