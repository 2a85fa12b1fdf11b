import { type Check, type Context, idsOf, longAgo, makeSite } from '../check.js'
import { must, mustBe } from '../expect.js'
import { at, type Json, type JsonObject } from '../json.js'
import { mustTake } from './filled-lists.js'

/** A path, and what its body must contain. */
type Expected = readonly [path: string, body: Json]

/** How often the collector is asked for its time until a millisecond has passed. */
const maxAsked = 10_000

/**
 * Sends a batch. What is sent afterwards is received in a later millisecond, because the content decides between copies
 * that are received in the same one.
 */
async function mustTakeFirst(context: Context, batch: Json): Promise<void> {
  const taken = await context.wire.send(batch)
  mustBe(taken, 200)
  const received = Number(at(taken.body, 'now'))
  for (let asked = 0; asked < maxAsked; asked++) {
    const reply = await context.wire.send({ v: 1 })
    mustBe(reply, 200)
    if (Number(at(reply.body, 'now')) > received) return
  }
  must(false, `now does not go on: it was ${received} all the time`, taken)
}

async function mustRead({ wire }: Context, expected: readonly Expected[]): Promise<void> {
  for (const [path, body] of expected) mustBe(await wire.get(path), 200, body)
}

const second = 1000
const [least, greatest] = ['!', '\u{10ffff}']

const firstReceived: Check = {
  name: 'first-received',
  promise:
    'of two versions of an event, session, page or visit, the one that was received first holds, whatever a later copy says.',
  section: 'joining',
  needs: ['reads'],
  async run(context) {
    const site = makeSite(context)
    const { visitID, sessionID, identityId, browserID } = site
    const pageID = context.makeId('page')
    const url = 'https://shop.example/m'
    const event = site.event({ timestamp: longAgo + 30 * second, pageID, url, category: 'm', data: { m: 'm' } })
    const page = { pageID, url, title: 'm', referrer: 'm', category: 'm', startDate: longAgo + 20 * second }
    const startDate = longAgo + 10 * second
    const visit = { startDate: longAgo, languageCode: 'm', userAgent: 'm', idleLimitMs: 3600 * second }
    const make = (events: readonly JsonObject[], session: JsonObject = {}, more: JsonObject = {}): JsonObject =>
      site.batch(events, { startDate, pages: [page], ...session }, { ...visit, ...more })
    const first = make([event])
    await mustTakeFirst(context, first)

    const stored = { ...event, visitID, sessionID }
    const reply = await context.wire.get(`/v1/visits/${visitID}/events`)
    mustBe(reply, 200, { items: [stored] })
    const events = { items: [{ ...stored, serverTimestamp: at(reply.body, 'items', 0, 'serverTimestamp') as Json }] }
    const session = { sessionID, identityId, visitID, startDate }
    const resources: readonly Expected[] = [
      [`/v1/visits/${visitID}/events`, events],
      [`/v1/sessions/${sessionID}/pages`, { items: [{ ...page, sessionID, visitID, identityId }] }],
      [`/v1/sessions/${sessionID}`, session],
      [`/v1/visits/${visitID}`, { ...visit, visitID, globalVisitID: browserID, endDate: 0 }],
    ]
    const expected: readonly Expected[] = [
      ...resources,
      [`/v1/sessions/${sessionID}/events`, events],
      [`/v1/pages/${pageID}/events`, events],
      [`/v1/visits/${visitID}/identities`, { items: [{ identityId, visitScope: 'Authenticated' }] }],
    ]
    await mustRead(context, expected)

    const other = { ...session, sessionID: context.makeId('session') }
    for (const [text, number, time] of [
      [least, 1, 0],
      [greatest, Number.MAX_SAFE_INTEGER, longAgo + 55 * second],
    ] as const) {
      const said = { eventName: text, writer: text, seq: number, category: text, url: text, data: { [text]: text } }
      const event2 = { ...event, ...said, timestamp: time, pageID: number === 1 ? null : context.makeId('page') }
      const page2 = { pageID, url: text, title: text, referrer: text, category: text, startDate: time }
      const identity2 = { identityId: `${text}${context.makeId('identity')}`, startDate: time }
      const visit2 = { globalVisitID: text, languageCode: text, userAgent: text, idleLimitMs: number, startDate: time }
      for (const forged of [
        make([event2]),
        make([{ ...event, data: null }]),
        { ...make([]), sessions: [{ ...other, events: [event2] }] },
        make([], {}, { events: [event2] }),
        make([event], { pages: [{ ...page2, sessionID: null }] }),
        make([], {}, { pages: [page2] }),
        make([event], identity2),
        { ...make([event], {}, visit2), sentAt: time },
        { ...make([event], {}, visit2), sentAt: number },
        { ...make([event2], { ...identity2, pages: [page2] }, visit2), sentAt: null },
      ]) {
        await mustTake(context, forged)
        await mustRead(context, resources)
      }
      await mustRead(context, expected)
    }
    await mustTake(context, first)
    await mustRead(context, expected)
  },
}

const claimedIDs: Check = {
  name: 'claimed-ids',
  promise:
    'if another visit claims the id of a session or page, the path still means the one that was received first; the other is read below its visit.',
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const site = makeSite(context)
    const { visitID, sessionID, identityId } = site
    const page = { pageID: context.makeId('page'), url: 'https://shop.example/m', title: 'm' }
    const event = site.event({ pageID: page.pageID })
    const first = site.batch([event], { pages: [page] })
    await mustTakeFirst(context, first)
    const events = { items: [{ eventID: event.eventID, visitID, sessionID }] }
    const expected: readonly Expected[] = [
      [`/v1/sessions/${sessionID}`, { sessionID, identityId, visitID, startDate: longAgo }],
      [`/backend/data/sessions/${sessionID}`, { sessionId: sessionID, identityId, startDate: longAgo }],
      [`/v1/sessions/${sessionID}/events`, events],
      [`/v1/sessions/${sessionID}/pages`, { items: [{ ...page, visitID, identityId }] }],
      [`/v1/pages/${page.pageID}/events`, events],
    ]
    await mustRead(context, expected)
    for (const [text, startDate] of [
      [least, longAgo - 30 * second],
      ['~', longAgo + 30 * second],
    ] as const) {
      const claim = { visitID: text + context.makeId('visit'), startDate }
      const claimant = text + context.makeId('identity')
      const pages = [{ ...page, title: text, startDate }]
      const event2 = site.event({ pageID: page.pageID, timestamp: startDate })
      await mustTake(context, site.batch([event2], { ...claim, identityId: claimant, pages }, claim))
      await mustRead(context, expected)
      const path = `/v1/visits/${encodeURIComponent(claim.visitID)}`
      await mustRead(context, [
        [`${path}/sessions`, { items: [{ ...claim, sessionID, identityId: claimant }] }],
        [`${path}/pages`, { items: [{ ...claim, pageID: page.pageID, title: text }] }],
        [`${path}/events`, { items: [{ eventID: event2.eventID, visitID: claim.visitID }] }],
      ])
    }
    await mustTake(context, first)
    await mustRead(context, expected)
  },
}

const ahead: Check = {
  name: 'ahead',
  promise:
    'a time that was ahead of its receipt is read as it was sent, but ends nothing, corrects nothing, and holds no name against a later one.',
  section: 'joining',
  needs: ['reads'],
  async run(context) {
    for (const far of [Date.UTC(2099, 0), Number.MAX_SAFE_INTEGER])
      for (const sentAt of [longAgo + 60 * second, null, far]) await checkAhead(context, far, sentAt)
  },
}

async function checkAhead(context: Context, far: number, sentAt: number | null): Promise<void> {
  const site = makeSite(context)
  const { visitID, sessionID, identityId } = site
  const pageID = context.makeId('page')
  const event = (eventName: string, timestamp: number, data: JsonObject | null = null) =>
    site.event({ eventName, timestamp, data, pageID })
  const page = { pageID, url: 'https://shop.example/a', title: 'A', startDate: longAgo }
  const told = [event('SignIn', longAgo, { name: 'Anna' }), event('Search', longAgo + 5 * second)]
  await mustTakeFirst(context, site.batch(told, { pages: [page] }))

  const forged = [
    event('SignOut', far),
    event('SessionEnded', far, { reason: 'idle' }),
    event('PageExited', far),
    event('UserInfo', far, { name: 'Mallory' }),
  ]
  const corrected = { ...page, url: 'https://shop.example/z', title: 'Z', viewedAt: far }
  await mustTakeFirst(context, { ...site.batch(forged, { endDate: far, pages: [corrected] }), sentAt })
  const lastActivity = longAgo + 5 * second
  // A forged `sentAt` makes the times of the name and the correction plausible. Then they hold until they are told again.
  const shown = sentAt === far ? corrected : { ...page, viewedAt: 0 }
  const session = { sessionID, startDate: longAgo, endDate: 0, duration: 0, endReason: null, lastActivity }
  const person = `/v1/identities/${encodeURIComponent(identityId)}`
  await mustRead(context, [
    [`/v1/sessions/${sessionID}`, session],
    [`/v1/visits/${visitID}/sessions`, { items: [session] }],
    [`${person}/sessions`, { items: [session] }],
    [`/v1/sessions/${sessionID}/pages`, { items: [{ ...shown, endDate: 0, lastActivity }] }],
    [`/v1/visits/${visitID}`, { endDate: 0, activeSessionID: sessionID, lastActivity }],
    [person, sentAt === far ? { visitScope: 'Authenticated' } : { visitScope: 'Authenticated', name: 'Anna' }],
    [
      `/v1/sessions/${sessionID}/events`,
      { items: [...told, ...forged].map(({ eventID, timestamp }) => ({ eventID, timestamp: timestamp as number })) },
    ],
  ])

  const end = longAgo + 60 * second
  const honest = [event('UserInfo', end, { name: 'Anna B.' }), event('PageExited', end), event('SignOut', end)]
  const again = { ...page, url: 'https://shop.example/b', title: 'B', viewedAt: end }
  await mustTake(context, site.batch(honest, { pages: [again] }))
  const closed = { endDate: end, endReason: 'signed-out', duration: 60, lastActivity: end }
  await mustRead(context, [
    [`/v1/sessions/${sessionID}`, closed],
    [`/v1/sessions/${sessionID}/pages`, { items: [{ ...again, endDate: end }] }],
    [person, { name: 'Anna B.', visitScope: 'Recognized' }],
    [
      `${person}/events?eventName=UserInfo`,
      { items: idsOf([honest[0], forged[3]] as never).map(eventID => ({ eventID })) },
    ],
  ])
}

const identityStart: Check = {
  name: 'identity-start',
  promise: 'an identity begins with the sign-in that was received first, so another one does not move it in a list.',
  section: 'joining',
  needs: ['reads'],
  async run(context) {
    const site = makeSite(context)
    const location = `town ${context.makeId('town')}`
    const [early, late] = [context.makeId('identity'), context.makeId('identity')]
    const signIn = (visitID: string, identityId: string, startDate: number): JsonObject => ({
      sessionID: context.makeId('session'),
      visitID,
      identityId,
      startDate,
      events: [site.event({ eventName: 'SignIn', timestamp: startDate, data: { location } })],
    })
    const { visitID } = site
    const batch = site.batch([])
    const first = {
      ...batch,
      sessions: [signIn(visitID, early, longAgo), signIn(visitID, late, longAgo + 10 * second)],
    }
    const list = `/v1/identities?location=${encodeURIComponent(location)}`
    const items = [early, late].map(identityId => ({ identityId }))
    const expected: readonly Expected[] = [
      [list, { items }],
      [`/v1/visits/${visitID}/identities`, { items }],
    ]
    await mustTakeFirst(context, first)
    await mustRead(context, expected)
    for (const [identityId, startDate] of [
      [late, 0],
      [late, longAgo - 30 * second],
      [early, longAgo + 30 * second],
    ] as const) {
      const other = makeSite(context, startDate)
      await mustTake(context, { ...other.batch([]), sessions: [signIn(other.visitID, identityId, startDate)] })
      await mustRead(context, expected)
    }
    await mustTake(context, first)
    await mustRead(context, expected)
  },
}

/** Checks that what was received first stays, whatever comes later. */
export const firstChecks: readonly Check[] = [firstReceived, claimedIDs, ahead, identityStart]
