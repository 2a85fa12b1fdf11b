import { isId, isTime, readObject } from './check.js'
import { bornAt, maxParcelChars, maxParcelRecords } from './limits.js'

/**
 * Records of one visit, session, page and writer, as texts: the births in JSON (session and page may be empty), the writer,
 * the number of its last record, when the last record ends the session (Unix epoch, ms; else 0), and an event in JSON each.
 */
export type Run = [
  visit: string,
  session: string,
  page: string,
  writer: string,
  seq: string | number,
  ends: string | number,
  ...events: string[],
]

/** What a task has made, at most `maxParcelRecords` records and `maxParcelChars` characters: one stored value. */
export interface Parcel {
  /** Key in the store. It tells what the parcel weighs, so that nobody has to read it for that. See {@link makeParcel}. */
  readonly key: string
  /** The text that is stored in the database and in localStorage, held in memory and sent. See {@link toText}. */
  readonly text: string
}

/** A parcel that came back from storage, checked. */
export interface ParsedParcel {
  readonly runs: Run[]
  /** How many records had to be left out because they are damaged. */
  readonly damaged: number
}

const head = 6
const eventStart = '{"eventID":"'

/** The text of a parcel: runs with a form feed between them, as lines. JSON has neither raw, so nothing is escaped. */
export function toText(runs: readonly Run[]): string {
  return runs.map(run => run.join('\n')).join('\f')
}

/** The runs in the text of a parcel that this page has made. */
export function toRuns(text: string): Run[] {
  return text.split('\f').map(run => run.split('\n') as unknown as Run)
}

/** The events of a run. */
export function eventsOf(run: Run): string[] {
  return run.slice(head) as string[]
}

/**
 * Reads a stored value, which any script of the origin may have written. A damaged event costs itself, a damaged birth its
 * run. What is well-formed but wrong the collector refuses by name.
 *
 * @param key under which it was stored. It never says less than lies there: requests are planned by it.
 * @returns `null` if nothing of the value can be used.
 */
export function parseParcel(text: unknown, key?: string): ParsedParcel | null {
  if (typeof text !== 'string' || (key && text.length > charsAt(key))) return null
  let damaged = 0
  const runs = toRuns(text).map(run => {
    const [visit, session, page, writer, seq, ends] = run
    const isGood =
      isBirth(visit) &&
      (!session || isBirth(session)) &&
      (!page || isBirth(page)) &&
      writer &&
      isTime(+seq) &&
      isTime(+ends)
    const events = isGood ? eventsOf(run).filter(isEvent) : []
    damaged += Math.max(run.length - head, 1) - events.length
    return [...run.slice(0, head), ...events] as unknown as Run
  })
  const good = runs.filter(run => run.length > head)
  return good.length && !(key && countOf(good) > countAt(key)) ? { runs: good, damaged } : null
}

/** Id of a record, from its event. */
export function idOf(event: string): string {
  return event.slice(eventStart.length, event.indexOf('"', eventStart.length))
}

/** Ids of all records of those runs, in order. */
export function idsOf(runs: readonly Run[]): string[] {
  return runs.flatMap(run => eventsOf(run).map(idOf))
}

/** How many records those runs hold. */
export function countOf(runs: readonly Run[]): number {
  return sumOf(runs, run => run.length - head)
}

/** The proof in the JSON of a session. A quote within another value is escaped. */
const proofField = /,"proof":"([^"\\]+)"/

/** Takes the proof out of the JSON of a session; empty if there is none. */
export function splitProof(session: string): readonly [session: string, proof: string] {
  const [field = '', proof = ''] = proofField.exec(session) || []
  return [session.replace(field, ''), proof]
}

/** The sum over a list. Old libraries put a `reduce` of their own in place of the browser's. */
export function sumOf<T>(list: readonly T[], weigh: (item: T) => number): number {
  let sum = 0
  for (const item of list) sum += weigh(item)
  return sum
}

/** Those runs with the records for whose ids `isWanted` holds. */
export function pick(runs: readonly Run[], isWanted: (id: string) => boolean): Run[] {
  return runs
    .map(run => run.filter((text, place) => place < head || isWanted(idOf(text as string))) as Run)
    .filter(run => run.length > head)
}

/** The newest records of those parcels that have at most so many characters and are at most so many, in order. */
export function pickNewest(parcels: readonly Parcel[], maxChars: number, maxRecords: number): Run[] {
  let chars = 0
  const some = [...parcels].reverse().filter(({ text }) => (chars += text.length) - text.length < 8 * maxChars)
  const runs = mergeRuns(some.reverse().flatMap(({ text }) => toRuns(text)))
  const ids = new Set<string>()
  chars = 0
  for (const run of [...runs].reverse()) {
    chars += run[0].length + run[1].length + run[2].length
    for (const event of eventsOf(run).reverse()) {
      chars += event.length
      if (chars > maxChars || ids.size === maxRecords) return pick(runs, id => ids.has(id))
      ids.add(idOf(event))
    }
  }
  return runs
}

/** A run for each record. */
export function toSingles(runs: readonly Run[]): Run[] {
  return runs.flatMap(run => eventsOf(run).map(event => [...run.slice(0, head), event] as unknown as Run))
}

/** Adds a run to others. It becomes one with the last of them if both belong together. */
function append(runs: Run[], run: Run): void {
  const last = runs[runs.length - 1]
  // An end closes its run because what follows belongs to another session.
  if (last && !+last[5] && !+run[5] && [0, 1, 2, 3].every(place => last[place] === run[place])) {
    last[4] = run[4]
    last.push(...eventsOf(run))
  } else runs.push([...run])
}

/** Those runs, with neighbours that belong together made one. */
export function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: Run[] = []
  for (const run of runs) append(merged, run)
  return merged
}

/**
 * Makes a parcel. In the order of their keys, parcels stand in the order in which they would be given up: anonymous ones
 * first, then by the time of their page load.
 *
 * @param pageLoad id of the page load: 21 characters, the first nine of which are its time in base 36.
 * @param place number of the parcel within its page load.
 */
export function makeParcel(runs: readonly Run[], pageLoad: string, place: number): Parcel {
  const text = toText(runs)
  const flag = runs.some(run => run[1]) ? 1 : 0
  const weight = `${text.length.toString(36)}.${countOf(runs).toString(36)}`
  return { key: `${flag}${pageLoad}${place.toString(36).padStart(5, '0')}.${weight}`, text }
}

/**
 * Packs records into parcels, in order.
 *
 * @param records a run each.
 * @param place number of the first parcel within its page load.
 */
export function pack(records: readonly Run[], pageLoad: string, place: number): Parcel[] {
  const parcels: Parcel[] = []
  let runs: Run[] = []
  let count = 0
  let chars = 0
  for (const record of records) {
    const before = runs.length
    const [visit, session, page, , , , event = ''] = record
    const births = visit.length + session.length + page.length
    if (count === maxParcelRecords || chars + births + event.length > maxParcelChars) {
      if (before) parcels.push(makeParcel(runs, pageLoad, place + parcels.length))
      runs = []
      count = chars = 0
    }
    append(runs, record)
    count++
    chars += event.length + 1 + (runs.length > before || count === 1 ? births + 60 : 0)
  }
  if (runs.length) parcels.push(makeParcel(runs, pageLoad, place + parcels.length))
  return parcels
}

/** Whether it is the key of a parcel. No parcel has more than 1.6 million characters or 1,295 records. */
export function isKey(key: unknown): key is string {
  return typeof key === 'string' && /^[01][0-9a-z]{9}[\w-]{12}[0-9a-z]{5,}\.[0-9a-z]{1,4}\.[1-9a-z][0-9a-z]?$/.test(key)
}

/** Page load that made the parcel under this key. */
export function pageLoadOf(key: string): string {
  return key.slice(1, 22)
}

/** Characters of the parcel under this key. */
export function charsAt(key: string): number {
  return parseInt(key.split('.')[1] as string, 36)
}

/** Records in the parcel under this key. */
export function countAt(key: string): number {
  return parseInt(key.split('.')[2] as string, 36)
}

/**
 * Whether the parcel under this key is of a page load before `since`, Unix epoch, ms. A time before this library existed
 * comes from a wrong clock, so it is not called older.
 */
export function isOlder(key: string, since: number): boolean {
  const at = parseInt(key.slice(1, 10), 36)
  return at < since && at > bornAt
}

/** Whether it is an event that an answer can name: the collector reads the id that {@link idOf} gives. */
function isEvent(text: string): boolean {
  const { eventID, timestamp } = readObject(text) || {}
  return text.startsWith(eventStart) && isId(eventID) && eventID === idOf(text) && isTime(timestamp)
}

/**
 * Whether more can be added to the text of a birth, as a batch does, and its values can be compared. One bad birth would
 * make the whole batch unreadable.
 */
function isBirth(text: string): boolean {
  const birth = readObject(text) || {}
  const isPlain = Object.keys(birth).every(name => typeof birth[name] !== 'object' || birth[name] === null)
  return isPlain && text[1] === '"' && text.endsWith('}')
}
