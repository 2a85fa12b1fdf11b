import { type Check, idsOf, longAgo, makeSite } from '../check.js'
import { must, mustAnswer, mustBe } from '../expect.js'
import { at } from '../json.js'

const maxTextLength = 8192

const texts: Check = {
  name: 'texts-cut',
  promise:
    'texts are read as they were sent; texts over 8192 characters are cut, NUL and lone surrogates become U+FFFD.',
  section: 'sending',
  needs: ['reads'],
  async run(context) {
    const site = makeSite(context)
    const long = 'ä'.repeat(maxTextLength)
    const events = [
      site.event({ url: `${long}and more`, timestamp: longAgo + 1 }),
      site.event({ url: 'a\u0000b\ud800c\udc00d', category: '\ud83d;\u0000', timestamp: longAgo + 2 }),
      site.event({ url: long, timestamp: longAgo + 3 }),
      // Texts inside `data` are not changed.
      site.event({
        url: '🛒',
        data: { long: `${long}and more`, '': [null, false, 0, -1.5, 1e21, '\u2028"\\'] },
        timestamp: longAgo + 4,
      }),
    ]
    const pageID = context.makeId('page')
    const pages = [{ pageID, url: `${long}x`, title: `${long}x`, referrer: '\udfff', category: 'a;\u0000' }]
    mustAnswer(await context.wire.send(site.batch(events, { pages }, { userAgent: '\u0000' })), {
      stored: idsOf(events),
    })
    mustBe(await context.wire.get(`/v1/sessions/${site.sessionID}/events`), 200, {
      items: [
        { url: long },
        { url: 'a\ufffdb\ufffdc\ufffdd', category: '\ufffd;\ufffd' },
        { url: long },
        { url: '🛒', data: events[3]?.data ?? null },
      ],
    })
    mustBe(await context.wire.get(`/v1/sessions/${site.sessionID}/pages`), 200, {
      items: [{ pageID, url: long, title: long, referrer: '\ufffd', category: 'a;\ufffd' }],
    })
  },
}

const clocks: Check = {
  name: 'clocks',
  promise: 'times of any browser clock are accepted, and are read as they were sent.',
  section: 'sending',
  needs: ['reads'],
  async run(context) {
    const [asked, far] = [await context.wire.send({ v: 1 }), Date.UTC(2100, 0)]
    mustBe(asked, 200)
    const now = Number(at(asked.body, 'now'))
    for (const sentAt of [0, now - 400 * 86_400_000, now + 400 * 86_400_000, far, -1, 'noon', null]) {
      const site = makeSite(context, 0)
      const events = [0, now + 86_400_000, far, Number.MAX_SAFE_INTEGER].map(timestamp => site.event({ timestamp }))
      const reply = await context.wire.send({ ...site.batch(events, { endDate: far }), sentAt })
      mustAnswer(reply, { stored: idsOf(events) })
      const items = events.map(({ eventID, timestamp }) => ({ eventID, timestamp: timestamp as number }))
      mustBe(await context.wire.get(`/v1/sessions/${site.sessionID}/events`), 200, { items })
      mustBe(await context.wire.get(`/v1/sessions/${site.sessionID}`), 200, { startDate: 0 })
    }
  },
}

const receipt: Check = {
  name: 'receipt',
  promise: "serverTimestamp is the collector's time of the first receipt, and a replay does not change it.",
  section: 'joining',
  needs: ['reads'],
  async run(context) {
    const site = makeSite(context)
    const event = site.event()
    const first = await context.wire.send(site.batch([event]))
    const again = await context.wire.send(site.batch([event]))
    for (const reply of [first, again]) mustAnswer(reply, { stored: idsOf([event]) })
    const reply = await context.wire.get(`/v1/sessions/${site.sessionID}/events`)
    const received = Number(at(reply.body, 'items', 0, 'serverTimestamp'))
    const now = Number(at(first.body, 'now'))
    must(now - received < 60_000, `serverTimestamp is ${received}, a minute before the first answer, ${now}`, reply)
    must(received <= now, `serverTimestamp is ${received}, later than the first answer, ${now}`, reply)
  },
}

const goingOn: Check = {
  name: 'visit-going-on',
  promise:
    'a visit with activity within 30 minutes is open, its open session is active, and its identity is signed in.',
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const asked = await context.wire.send({ v: 1 })
    const site = makeSite(context, Number(at(asked.body, 'now')) - 60_000)
    const { visitID, sessionID, identityId } = site
    const person = `/identities/${encodeURIComponent(identityId)}`
    const mustSay = async (activeSessionID: string | null, visitScope: string): Promise<void> => {
      mustBe(await context.wire.get(`/v1/visits/${visitID}`), 200, { visitID, endDate: 0, activeSessionID })
      const visit = { visitId: visitID, endDate: 0, activeSessionId: activeSessionID }
      mustBe(await context.wire.get(`/backend/data${person}/visits`), 200, [visit])
      mustBe(await context.wire.get(`/v1${person}`), 200, { identityId, visitScope })
      const path = `/visits/${visitID}/identities?association=${visitScope}`
      mustBe(await context.wire.get(`/v1${path}`), 200, { items: [{ identityId, visitScope }] })
      mustBe(await context.wire.get(`/backend/data${path}`), 200, [{ identityId, visitScope }])
    }
    mustBe(await context.wire.send(site.batch([site.event()])), 200)
    await mustSay(sessionID, 'Authenticated')
    mustBe(await context.wire.send(site.batch([site.event({ eventName: 'SignOut' })])), 200)
    await mustSay(null, 'Recognized')
  },
}

const deviceClock: Check = {
  name: 'device-clock',
  promise:
    'who is there does not depend on the clock of the device: an active person is signed in, and one who was idle for 30 minutes is not; times are read as they were sent.',
  section: 'asking',
  needs: ['reads'],
  async run(context) {
    const asked = await context.wire.send({ v: 1 })
    const now = Number(at(asked.body, 'now'))
    const minute = 60_000
    const year = 365 * 24 * 60 * minute
    for (const skewMs of [-40 * minute, 180 * minute, -20 * year, 50 * year]) {
      for (const idleMs of [5 * minute, 31 * minute]) {
        const site = makeSite(context, now + skewMs - idleMs)
        const { visitID, sessionID, identityId, startDate } = site
        const isOver = idleMs > 30 * minute
        mustBe(await context.wire.send({ ...site.batch([site.event()]), sentAt: now + skewMs }), 200)
        const endDate = isOver ? startDate : 0
        const session = { sessionID, startDate, endDate, duration: 0, endReason: isOver ? 'abandoned' : null }
        mustBe(await context.wire.get(`/v1/sessions/${sessionID}`), 200, session)
        const list = `/visits/${visitID}/sessions`
        mustBe(await context.wire.get(`/v1${list}`), 200, { items: [session] })
        mustBe(await context.wire.get(`/backend/data${list}`), 200, [{ sessionId: sessionID, startDate, endDate }])
        const activeSessionID = isOver ? null : sessionID
        mustBe(await context.wire.get(`/v1/visits/${visitID}`), 200, { startDate, endDate, activeSessionID })
        const visitScope = isOver ? 'Recognized' : 'Authenticated'
        mustBe(await context.wire.get(`/v1/identities/${encodeURIComponent(identityId)}`), 200, { visitScope })
        mustBe(await context.wire.get(`/v1/visits/${visitID}/identities?association=${visitScope}`), 200, {
          items: [{ identityId, visitScope }],
        })
      }
    }
  },
}

/** Checks of texts, times and open visits. */
export const valueChecks: readonly Check[] = [texts, clocks, receipt, goingOn, deviceClock]
