import { changed, eachObject, type Row } from '../helpers/broken.js'

/** Collectors that are wrong about when something began, ended or went on, and about who was there. */
export const lives: readonly Row[] = [
  [
    'leaves a session open for ever that nobody closes',
    ['abandoned', 'device-clock'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if (one.endReason === 'abandoned') Object.assign(one, { endDate: 0, duration: 0, endReason: null })
          }),
      }),
  ],
  [
    'reckons with the clock of the device',
    ['device-clock', 'abandoned'],
    app => changed(app, { batch: batch => ({ ...batch, sentAt: undefined }) }),
  ],
  [
    'has one idle limit for all visits',
    ['abandoned', 'no-activity'],
    app => changed(app, { batch: batch => eachObject(batch, one => delete one.idleLimitMs) }),
  ],
  [
    'takes every event for an activity',
    ['no-activity'],
    app => changed(app, { batch: batch => eachObject(batch, one => delete one.activity) }),
  ],
  [
    'does not give back that an event is no activity',
    ['no-activity'],
    app => changed(app, { read: body => eachObject(body, one => delete one.activity) }),
  ],
  [
    'does not say why a session has ended',
    ['end-reasons', 'session-ends'],
    app =>
      changed(app, {
        read: body =>
          eachObject(body, one => {
            if (one.endReason) one.endReason = 'unknown'
          }),
      }),
  ],
  [
    'takes the greatest title for the right one',
    ['titles'],
    app => changed(app, { batch: batch => eachObject(batch, one => delete one.viewedAt) }),
  ],
  [
    'lists only the pages that were entered in a session',
    ['pages-of-a-session', 'v1-browse-then-sign-in', 'include'],
    app =>
      changed(app, {
        read(body, path) {
          const sessionID = decodeURIComponent(/\/sessions\/([^/]+)/.exec(path)?.[1] ?? '')
          const isEntered = (page: any): boolean => [page.sessionID, page.sessionId].includes(sessionID)
          const filter = (pages: any[]): any[] => pages.filter(isEntered)
          if (path.endsWith('/pages') && sessionID)
            return Array.isArray(body) ? filter(body) : { ...body, items: filter(body.items) }
          return sessionID && Array.isArray(body.pages) ? { ...body, pages: filter(body.pages) } : body
        },
      }),
  ],
  [
    'knows of an identity only what UserInfo tells',
    ['traits-at-sign-in'],
    app =>
      changed(app, {
        batch: batch =>
          eachObject(batch, one => {
            if (one.eventName === 'SignIn') delete one.data
          }),
      }),
  ],
  [
    'begins a session when the last of its tabs did',
    ['one-session-in-three-tabs'],
    app => {
      const starts = new Map<string, number>()
      return changed(app, {
        batch(batch) {
          for (const { sessionID, startDate } of batch.sessions ?? [])
            starts.set(sessionID, Math.max(startDate, starts.get(sessionID) ?? 0))
          return batch
        },
        read: body =>
          eachObject(body, one => {
            if (one.identityId && starts.has(one.sessionID)) one.startDate = starts.get(one.sessionID)
          }),
      })
    },
  ],
]
