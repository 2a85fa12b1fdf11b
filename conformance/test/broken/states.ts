import { changed, eachObject, idsOf, instead, isPost, isZipped, json, type Row, withBody } from '../helpers/broken.js'

/** Collectors that store a wrong state. */
export const states: readonly Row[] = [
  [
    'keeps only the last batch of a session',
    ['split', 'reorder'],
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
    'takes the end that arrived last as the end',
    ['session-ends', 'reorder'],
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
    ['pages-of-a-session', 'v1-made-by-the-tracker', 'v1-visit-with-idle-limit', 'v1-browse-then-sign-in'],
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
