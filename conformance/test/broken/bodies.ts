import { gunzipSync } from 'node:zlib'
import {
  changed,
  eventListsOf,
  instead,
  isPost,
  isZipped,
  json,
  jsonOf,
  type Row,
  withBody,
} from '../helpers/broken.js'

/** Collectors that read bodies in a wrong way. */
export const bodies: readonly Row[] = [
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
