import { makeID, makeValue, Raw, toText } from './odd.js'
import type { Random } from './random.js'

/** The time of the batches that are valid. Unix epoch, ms. */
const begun = 1763985600000

const names = [
  'SignIn',
  'SignOut',
  'UserInfo',
  'SessionEnded',
  'PageEntered',
  'PageExited',
  'VisitStarted',
  'Search',
  'Buy',
]

/** Makes a batch as text: a valid one, with none to a few changes in its structure. */
export function makeBatch(random: Random): string {
  const visitIDs = random.list(1, 3, () => makeID(random, 'visit'))
  const visits = visitIDs.map(visitID => ({
    visitID,
    globalVisitID: makeID(random, 'browser'),
    startDate: begun + random.below(1000),
    languageCode: 'en',
    userAgent: random.percent(90) ? 'a browser' : random.pick(['x'.repeat(300), '日'.repeat(9000)]),
    idleLimitMs: random.percent(20) ? random.pick([1, 1_800_000, 2 ** 53 - 1]) : undefined,
    written: { [makeID(random, 'writer')]: random.below(100) },
    dropped: random.percent(20) ? { [makeID(random, 'writer')]: 2 ** 53 - 1 } : undefined,
    pages: random.list(0, 3, () => makePage(random)),
    events: makeEvents(random),
  }))
  const sessions = random.list(0, 3, () => ({
    sessionID: makeID(random, 'session'),
    identityId: makeID(random, 'identity'),
    visitID: random.percent(90) ? random.pick(visitIDs) : makeID(random, 'visit'),
    startDate: begun + random.below(10_000),
    endDate: random.percent(95) ? random.pick([0, begun + 20_000, 1]) : 2 ** 53 - 1,
    duration: 5,
    proof: random.percent(10) ? 'a.b.c' : undefined,
    pages: random.list(0, 2, () => makePage(random)),
    events: makeEvents(random),
  }))
  const batch: Fields = {
    v: 1,
    sentAt: begun + (random.percent(95) ? random.below(60_000) : 2 ** 45),
    lib: 'fuzz/1',
    visits,
    sessions,
  }
  const changes = random.pick([0, 0, 1, 1, 2, 4])
  for (let n = 0; n < changes; n++) change(random, batch)
  const text = toText(batch)
  return random.percent(5) ? changeText(random, text) : text
}

type Fields = Record<string, unknown>

function makeEvents(random: Random): Fields[] {
  const most = random.percent(1) ? 300 : 3
  return random.list(0, most, n => ({
    eventID: random.percent(80) ? `${random.below(1e6)}-${n}` : makeID(random, 'event'),
    eventName: random.percent(90) ? random.pick(names) : makeID(random, 'name'),
    timestamp: begun + random.below(100_000),
    writer: makeID(random, 'writer'),
    seq: n,
    pageID: random.percent(60) ? makeID(random, 'page') : null,
    category: random.pick(['', 'a;b', ';;']),
    url: random.pick(['', 'https://shop.example/', 'javascript:alert(1)']),
    activity: random.percent(10) ? false : undefined,
    data: random.percent(40) ? { name: makeID(random, 'name'), location: 'Berlin', more: makeData(random) } : null,
  }))
}

function makePage(random: Random): Fields {
  return {
    pageID: makeID(random, 'page'),
    sessionID: random.percent(20) ? makeID(random, 'session') : undefined,
    url: random.percent(90) ? 'https://shop.example/' : `/${'x'.repeat(9000)}`,
    title: makeID(random, 'title'),
    startDate: begun,
    viewedAt: random.percent(30) ? random.pick([begun, 2 ** 53 - 1]) : undefined,
  }
}

function makeData(random: Random): unknown {
  const value = makeValue(random)
  // Most data is JSON, because one field that is not spoils the whole batch.
  return value instanceof Raw && random.percent(90) ? 1 : value
}

/** Changes one field anywhere in the batch: gives it another value, leaves it out, or adds one that is not expected. */
function change(random: Random, batch: Fields): void {
  const places: [Fields, string][] = []
  const collect = (from: Fields): void => {
    for (const [name, value] of Object.entries(from)) {
      places.push([from, name])
      if (typeof value === 'object' && value !== null && !(value instanceof Raw)) collect(value as Fields)
    }
  }
  collect(batch)
  // Half of the changes are of the shape itself, and the others of any field below it.
  const [from, name] = random.pick(random.percent(15) ? places.slice(0, 5) : places)
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(from)) from.splice(Number(name), 1)
      else delete from[name]
      return
    case 1:
      if (!Array.isArray(from))
        from[random.pick(['__proto__ ', 'constructor', 'toString', 'future', ''])] = makeData(random)
      return
    case 2:
      from[name] = new Raw(
        `${toText(from[name] ?? null)},"${random.pick(['sessionID', '__proto__', 'v', name.replace(/["\\]/g, '')])}":1`,
      )
      return
    case 3:
      from[name] = makeID(random, 'visit')
      return
    default:
      from[name] = makeData(random)
  }
}

/** Damages the text of a batch. */
function changeText(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  return random.pick([
    `\ufeff${text}`,
    text.slice(0, at),
    `${text}${text}`,
    `${text.slice(0, at)}\u0000${text.slice(at)}`,
    `${text.slice(0, at)}${random.pick(['"', '{', ']', ',', ':', '\\', '\ud800', '\n'])}${text.slice(at)}`,
    `[${text}]`,
    ` ${text}\n\n`,
    text.replaceAll('"', "'"),
    '',
    'null',
    '"'.repeat(1000),
    '['.repeat(100_000),
  ])
}
