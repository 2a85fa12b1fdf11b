import { gzipSync } from 'node:zlib'
import { type Check, type Context, idsOf, makeSite } from '../check.js'
import { must, mustAnswer, mustBe, mustBeError, NotChecked } from '../expect.js'
import { at, type JsonObject } from '../json.js'

/** The limits of a record's names and data in the protocol. */
const [maxIdLength, maxIdentityLength, maxNameLength, maxDataDepth] = [256, 512, 1024, 200]
/** Greater limits of a collector are not checked, because the requests would be too large. */
const triedBytes = 8 * 1024 * 1024
const triedRecords = 20_000

/** The limits of a request that the collector states in its answers. */
type Limits = { readonly [name in 'maxBytes' | 'maxRecords' | 'maxRecordBytes']: number }

/** Reads the limits from an answer. */
async function askLimits({ wire }: Context): Promise<Limits> {
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
    throw new NotChecked(`the limits are too great to be checked: ${JSON.stringify(limits)}`)
  return limits
}

/** Makes a body of exactly so many bytes. An unknown field fills it. */
function toBodyOf(batch: JsonObject, bytes: number): string {
  const length = Buffer.byteLength(JSON.stringify({ ...batch, pad: '' }))
  return JSON.stringify({ ...batch, pad: 'x'.repeat(bytes - length) })
}

async function mustHaveStored(context: Context, sessionID: string, isStored: boolean): Promise<void> {
  if (!context.hasReads) return
  const reply = await context.wire.get(`/v1/sessions/${sessionID}`)
  must((reply.status === 200) === isStored, isStored ? 'the session was not stored' : 'the session was stored', reply)
}

const malformed: Check = {
  name: 'malformed',
  promise:
    'a body that is not a batch in JSON, not UTF-8, or not complete gzip gets 400 malformed, and nothing of it is stored.',
  section: 'the-answer',
  needs: [],
  async run(context) {
    const site = makeSite(context)
    const good = JSON.stringify(site.batch([site.event()]))
    const cutUtf8 = Buffer.from(good.replace('"en"', '"\u00e9"'))
    const bodies: readonly [what: string, body: string | Uint8Array][] = [
      ['empty', ''],
      ['cut off', good.slice(0, -1)],
      ['not JSON', `<html>${good}`],
      ['a list', `[${good}]`],
      ['null', 'null'],
      ['visits that are not a list', good.replace(/"visits":\[.*\],"sessions"/, '"visits":{},"sessions"')],
      ['sessions that are not a list', JSON.stringify({ v: 1, sessions: 'many' })],
      ['events that are not a list', JSON.stringify(site.batch([], { events: { eventID: 'a' } as never }))],
      ['invalid UTF-8', Buffer.from(cutUtf8.map(byte => (byte === 0xc3 ? 0xff : byte)))],
      ['gzip that is cut off', gzipSync(good).subarray(0, -6)],
      ['gzip of a text that is not JSON', gzipSync('no')],
    ]
    for (const [what, body] of bodies) {
      const reply = await context.wire.send(body)
      must(reply.status === 400, `${what}: the status is ${reply.status}, not 400`, reply)
      mustBeError(reply, 400, 'malformed')
    }
    await mustHaveStored(context, site.sessionID, false)
  },
}

const unknownVersion: Check = {
  name: 'unknown-version',
  promise: 'a batch of an unknown version gets 400 unknown-version with the known versions, and is not stored.',
  section: 'the-answer',
  needs: [],
  async run(context) {
    const site = makeSite(context)
    for (const v of [2, 0, '1', null]) {
      const reply = await context.wire.send({ ...site.batch([site.event()]), v })
      mustBeError(reply, 400, 'unknown-version')
      const versions = at(reply.body, 'versions')
      must(Array.isArray(versions) && versions.includes(1), 'versions does not list 1', reply)
    }
    await mustHaveStored(context, site.sessionID, false)
  },
}

const limitBody: Check = {
  name: 'limit-body',
  promise: 'a body of maxBytes is taken; one byte more gets 413 too-large with the limits, and nothing is stored.',
  section: 'sending',
  needs: [],
  async run(context) {
    const limits = await askLimits(context)
    const [site, other] = [makeSite(context), makeSite(context)]
    const event = site.event()
    mustAnswer(await context.wire.send(toBodyOf(site.batch([event]), limits.maxBytes)), { stored: idsOf([event]) })
    await mustHaveStored(context, site.sessionID, true)
    const more = toBodyOf(other.batch([other.event()]), limits.maxBytes + 1)
    mustBeError(await context.wire.send(more), 413, 'too-large', limits)
    await mustHaveStored(context, other.sessionID, false)
  },
}

const limitRecords: Check = {
  name: 'limit-records',
  promise: 'maxRecords events are taken; one more gets 413 too-many-records with the limits, and nothing is stored.',
  section: 'sending',
  needs: [],
  async run(context) {
    const limits = await askLimits(context)
    const [site, other] = [makeSite(context), makeSite(context)]
    const events = Array.from({ length: limits.maxRecords }, () => site.event())
    mustAnswer(await context.wire.send(site.batch(events)), { stored: idsOf(events) })
    const more = Array.from({ length: limits.maxRecords + 1 }, () => other.event())
    mustBeError(await context.wire.send(other.batch(more)), 413, 'too-many-records', limits)
    await mustHaveStored(context, other.sessionID, false)
  },
}

const limitRecord: Check = {
  name: 'limit-record',
  promise:
    'a record at the limit of its size, names or depth is stored; beyond a limit, only that record is refused, by a code.',
  section: 'sending',
  needs: [],
  async run(context) {
    const { maxBytes, maxRecordBytes } = await askLimits(context)
    const { event, batch, visitID, startDate } = makeSite(context)
    const sized = (bytes: number): ReturnType<typeof event> => {
      const empty = event({ data: { text: '' } })
      return { ...empty, data: { text: 'x'.repeat(bytes - JSON.stringify(empty).length) } }
    }
    const named = (length: number): ReturnType<typeof event> => event({ eventName: 'n'.repeat(length) })
    const identified = (length: number): ReturnType<typeof event> =>
      event({ eventID: context.makeId('event').padEnd(length, 'x') })
    // `data` itself is the first level.
    const nest = (levels: number): JsonObject => (levels > 1 ? { a: nest(levels - 1) } : { a: 1 })
    const deep = (levels: number): ReturnType<typeof event> => event({ data: nest(levels) })
    const signIn = (length: number) => {
      const inside = event()
      const identityId = context.makeId('identity').padEnd(length, 'x')
      const session = { sessionID: context.makeId('session'), identityId, visitID, startDate, events: [inside] }
      return { inside, batch: { v: 1, sessions: [session] } }
    }
    const good = [named(maxNameLength), identified(maxIdLength), deep(maxDataDepth), event()]
    const bad = [
      [named(maxNameLength + 1), 'name-invalid'],
      [identified(maxIdLength + 1), 'id-invalid'],
      [deep(maxDataDepth + 1), 'data-invalid'],
    ] as const
    const [first, ...others] = good as [ReturnType<typeof event>, ...ReturnType<typeof event>[]]
    const reply = await context.wire.send(batch([first, ...bad.map(([one]) => one), ...others]))
    // A record without a valid id is refused under the empty id.
    const refused = bad.map(([{ eventID }, code]) => [code === 'id-invalid' ? '' : eventID, code] as const)
    mustAnswer(reply, { stored: idsOf(good), refused })
    const [longest, tooLong] = [signIn(maxIdentityLength), signIn(maxIdentityLength + 1)]
    mustAnswer(await context.wire.send(longest.batch), { stored: idsOf([longest.inside]) })
    const noSession = [[tooLong.inside.eventID, 'session-invalid'] as const]
    mustAnswer(await context.wire.send(tooLong.batch), { stored: [], refused: noSession })
    if (maxRecordBytes + 4096 > maxBytes) return
    for (const [bytes, isTaken] of [
      [maxRecordBytes, true],
      [maxRecordBytes + 1, false],
    ] as const) {
      const [large, small] = [sized(bytes), event()]
      const tooLarge = [[large.eventID, 'too-large'] as const]
      const expected = isTaken ? { stored: idsOf([large, small]) } : { stored: idsOf([small]), refused: tooLarge }
      mustAnswer(await context.wire.send(batch([large, small])), expected)
    }
  },
}

const gzip: Check = {
  name: 'gzip',
  promise: 'gzip is recognized by its first two bytes, with or without Content-Encoding.',
  section: 'sending',
  needs: [],
  async run(context) {
    const limits = await askLimits(context)
    for (const headers of [{}, { 'Content-Encoding': 'gzip' }, { 'Content-Type': 'application/json' }]) {
      const site = makeSite(context)
      const event = site.event({ data: { text: 'lamp '.repeat(1000) } })
      const reply = await context.wire.send(gzipSync(toBodyOf(site.batch([event]), limits.maxBytes)), { headers })
      mustAnswer(reply, { stored: idsOf([event]) })
      await mustHaveStored(context, site.sessionID, true)
    }
  },
}

const gzipBomb: Check = {
  name: 'gzip-bomb',
  promise: 'a small body that unzips to more than maxBytes gets 413 too-large, and nothing of it is stored.',
  section: 'sending',
  needs: [],
  async run(context) {
    const limits = await askLimits(context)
    const site = makeSite(context)
    for (const bytes of [limits.maxBytes + 1, limits.maxBytes * 100]) {
      const bomb = gzipSync(toBodyOf(site.batch([site.event()]), bytes))
      mustBeError(await context.wire.send(bomb), 413, 'too-large', limits)
    }
    await mustHaveStored(context, site.sessionID, false)
  },
}

/** Checks of bodies and their limits. */
export const bodyChecks: readonly Check[] = [
  malformed,
  unknownVersion,
  limitBody,
  limitRecords,
  limitRecord,
  gzip,
  gzipBomb,
]
