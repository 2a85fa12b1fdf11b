import { changed, idsOf, instead, isPost, jsonOf, type Row, renaming } from '../helpers/broken.js'

/** Collectors with a wrong answer to a batch. */
export const answers: readonly Row[] = [
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
