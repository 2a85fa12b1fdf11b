import { gzipSync } from 'node:zlib'
import { type Check, type House, idsOf, makeSite } from '../check.js'
import { must, mustAnswer, mustBe, mustRefuse, NotChecked } from '../expect.js'
import { at, type JsonObject } from '../json.js'

/** What the protocol says that a record's names and its data may be at the most. */
const [maxIdLength, maxIdentityLength, maxNameLength, maxDataDepth] = [256, 512, 1024, 200]
/** A limit beyond this is not tried out: the requests would be a burden. */
const triedBytes = 8 * 1024 * 1024
const triedRecords = 20_000

/** What a request may be at the most, as the collector itself says. */
type Limits = { readonly [name in 'maxBytes' | 'maxRecords' | 'maxRecordBytes']: number }

/** Asks the collector for its limits; every answer says them. */
async function askLimits({ wire }: House): Promise<Limits> {
  const reply = await wire.send({ v: 1 })
  mustBe(reply, 200)
  const limitOf = (name: keyof Limits): number => {
    const limit = Number(at(reply.body, 'limits', name))
    must(limit > 0, `the answer does not say limits.${name}`, reply)
    return limit
  }
  const limits = {
    maxBytes: limitOf('maxBytes'),
    maxRecords: limitOf('maxRecords'),
    maxRecordBytes: limitOf('maxRecordBytes'),
  }
  if (limits.maxBytes > triedBytes || limits.maxRecords > triedRecords)
    throw new NotChecked(`the limits are too great to be tried: ${JSON.stringify(limits)}`)
  return limits
}

/** Makes a body of just so many bytes; what fills it is a field that nobody knows. */
function toBodyOf(batch: JsonObject, bytes: number): string {
  const length = Buffer.byteLength(JSON.stringify({ ...batch, pad: '' }))
  return JSON.stringify({ ...batch, pad: 'x'.repeat(bytes - length) })
}

async function mustHaveKept(house: House, sessionID: string, isKept: boolean): Promise<void> {
  if (!house.hasReads) return
  const reply = await house.wire.get(`/v1/sessions/${sessionID}`)
  must((reply.status === 200) === isKept, isKept ? 'it is not there' : 'something of it was kept', reply)
}

const malformed: Check = {
  name: 'malformed',
  promise:
    'a body that is not JSON of this form, not UTF-8, or not gzip to its end is a 400, and nothing of it is kept.',
  section: 'the-answer',
  needs: [],
  async run(house) {
    const site = makeSite(house)
    const good = JSON.stringify(site.batch([site.event()]))
    const cutUtf8 = Buffer.from(good.replace('"en"', '"\u00e9"'))
    const bodies: readonly [what: string, body: string | Uint8Array][] = [
      ['empty', ''],
      ['cut', good.slice(0, -1)],
      ['no JSON', `<html>${good}`],
      ['a list', `[${good}]`],
      ['null', 'null'],
      ['visits that are no list', good.replace(/"visits":\[.*\],"sessions"/, '"visits":{},"sessions"')],
      ['sessions that are no list', JSON.stringify({ v: 1, sessions: 'many' })],
      ['events that are no list', JSON.stringify(site.batch([], { events: { eventID: 'a' } as never }))],
      ['bad UTF-8', Buffer.from(cutUtf8.map(byte => (byte === 0xc3 ? 0xff : byte)))],
      ['gzip that is cut', gzipSync(good).subarray(0, -6)],
      ['gzip of no JSON', gzipSync('no')],
    ]
    for (const [what, body] of bodies) {
      const reply = await house.wire.send(body)
      must(reply.status === 400, `${what}: the status is ${reply.status}, not 400`, reply)
      mustRefuse(reply, 400, 'malformed')
    }
    await mustHaveKept(house, site.sessionID, false)
  },
}

const unknownVersion: Check = {
  name: 'unknown-version',
  promise: 'a batch of a version that is not known is a 400 that says which are, and nothing of it is kept.',
  section: 'the-answer',
  needs: [],
  async run(house) {
    const site = makeSite(house)
    for (const v of [2, 0, '1', null]) {
      const reply = await house.wire.send({ ...site.batch([site.event()]), v })
      mustRefuse(reply, 400, 'unknown-version')
      const versions = at(reply.body, 'versions')
      must(Array.isArray(versions) && versions.includes(1), 'versions does not list 1', reply)
    }
    await mustHaveKept(house, site.sessionID, false)
  },
}

const limitBody: Check = {
  name: 'limit-body',
  promise:
    'a body of just maxBytes is taken; one byte more is a 413 too-large that says the limits, and nothing is kept.',
  section: 'sending',
  needs: [],
  async run(house) {
    const limits = await askLimits(house)
    const [site, other] = [makeSite(house), makeSite(house)]
    const event = site.event()
    mustAnswer(await house.wire.send(toBodyOf(site.batch([event]), limits.maxBytes)), { stored: idsOf([event]) })
    await mustHaveKept(house, site.sessionID, true)
    const more = toBodyOf(other.batch([other.event()]), limits.maxBytes + 1)
    mustRefuse(await house.wire.send(more), 413, 'too-large', limits)
    await mustHaveKept(house, other.sessionID, false)
  },
}

const limitRecords: Check = {
  name: 'limit-records',
  promise: 'maxRecords events are taken; one more is a 413 too-many-records that says the limits, and nothing is kept.',
  section: 'sending',
  needs: [],
  async run(house) {
    const limits = await askLimits(house)
    const [site, other] = [makeSite(house), makeSite(house)]
    const events = Array.from({ length: limits.maxRecords }, () => site.event())
    mustAnswer(await house.wire.send(site.batch(events)), { stored: idsOf(events) })
    const more = Array.from({ length: limits.maxRecords + 1 }, () => other.event())
    mustRefuse(await house.wire.send(other.batch(more)), 413, 'too-many-records', limits)
    await mustHaveKept(house, other.sessionID, false)
  },
}

const limitRecord: Check = {
  name: 'limit-record',
  promise:
    'a record at the limit of its size, its names or its depth is stored; one beyond is refused alone, by its code.',
  section: 'sending',
  needs: [],
  async run(house) {
    const { maxBytes, maxRecordBytes } = await askLimits(house)
    const { event, batch, visitID, startDate } = makeSite(house)
    const sized = (bytes: number): ReturnType<typeof event> => {
      const empty = event({ data: { text: '' } })
      return { ...empty, data: { text: 'x'.repeat(bytes - JSON.stringify(empty).length) } }
    }
    const named = (length: number): ReturnType<typeof event> => event({ eventName: 'n'.repeat(length) })
    const identified = (length: number): ReturnType<typeof event> =>
      event({ eventID: house.makeId('event').padEnd(length, 'x') })
    // Data is one level, and what nests in it the others.
    const nest = (levels: number): JsonObject => (levels > 1 ? { a: nest(levels - 1) } : { a: 1 })
    const deep = (levels: number): ReturnType<typeof event> => event({ data: nest(levels) })
    const signIn = (length: number) => {
      const inside = event()
      const identityId = house.makeId('identity').padEnd(length, 'x')
      const session = { sessionID: house.makeId('session'), identityId, visitID, startDate, events: [inside] }
      return { inside, batch: { v: 1, sessions: [session] } }
    }
    const good = [named(maxNameLength), identified(maxIdLength), deep(maxDataDepth), event()]
    const bad = [
      [named(maxNameLength + 1), 'name-invalid'],
      [identified(maxIdLength + 1), 'id-invalid'],
      [deep(maxDataDepth + 1), 'data-invalid'],
    ] as const
    const [first, ...others] = good as [ReturnType<typeof event>, ...ReturnType<typeof event>[]]
    const reply = await house.wire.send(batch([first, ...bad.map(([one]) => one), ...others]))
    // One without a usable id is refused under the empty one.
    const refused = bad.map(([{ eventID }, code]) => [code === 'id-invalid' ? '' : eventID, code] as const)
    mustAnswer(reply, { stored: idsOf(good), refused })
    const [longest, tooLong] = [signIn(maxIdentityLength), signIn(maxIdentityLength + 1)]
    mustAnswer(await house.wire.send(longest.batch), { stored: idsOf([longest.inside]) })
    const noSession = [[tooLong.inside.eventID, 'session-invalid'] as const]
    mustAnswer(await house.wire.send(tooLong.batch), { stored: [], refused: noSession })
    if (maxRecordBytes + 4096 > maxBytes) return
    for (const [bytes, isTaken] of [
      [maxRecordBytes, true],
      [maxRecordBytes + 1, false],
    ] as const) {
      const [large, small] = [sized(bytes), event()]
      const tooLarge = [[large.eventID, 'too-large'] as const]
      const said = isTaken ? { stored: idsOf([large, small]) } : { stored: idsOf([small]), refused: tooLarge }
      mustAnswer(await house.wire.send(batch([large, small])), said)
    }
  },
}

const gzip: Check = {
  name: 'gzip',
  promise: 'gzip is known by its first two bytes, with Content-Encoding and without.',
  section: 'sending',
  needs: [],
  async run(house) {
    const limits = await askLimits(house)
    for (const headers of [{}, { 'Content-Encoding': 'gzip' }, { 'Content-Type': 'application/json' }]) {
      const site = makeSite(house)
      const event = site.event({ data: { text: 'lamp '.repeat(1000) } })
      const reply = await house.wire.send(gzipSync(toBodyOf(site.batch([event]), limits.maxBytes)), { headers })
      mustAnswer(reply, { stored: idsOf([event]) })
      await mustHaveKept(house, site.sessionID, true)
    }
  },
}

const gzipBomb: Check = {
  name: 'gzip-bomb',
  promise: 'a small body that unzips to more than maxBytes is a 413 too-large, and nothing of it is kept.',
  section: 'sending',
  needs: [],
  async run(house) {
    const limits = await askLimits(house)
    const site = makeSite(house)
    for (const bytes of [limits.maxBytes + 1, limits.maxBytes * 100]) {
      const bomb = gzipSync(toBodyOf(site.batch([site.event()]), bytes))
      mustRefuse(await house.wire.send(bomb), 413, 'too-large', limits)
    }
    await mustHaveKept(house, site.sessionID, false)
  },
}

/** What a body may be, and what becomes of one that is not. */
export const bodyChecks: readonly Check[] = [
  malformed,
  unknownVersion,
  limitBody,
  limitRecords,
  limitRecord,
  gzip,
  gzipBomb,
]
