import type { Case, CaseFile, Send } from '../cases.js'
import type { Check, House } from '../check.js'
import { must, mustAnswer, mustBe } from '../expect.js'
import { at, isObject, type Json, type JsonObject, listAt } from '../json.js'
import type { Reply } from '../wire.js'
import { splitSend } from './split.js'

/** In which order, and how often, the requests of a case go out. */
type Schedule = (sends: readonly Send[], send: (one: Send) => Promise<Reply>) => Promise<void>

async function inTurn(sends: readonly Send[], send: (one: Send) => Promise<Reply>): Promise<void> {
  for (const one of sends) await send(one)
}

const twice: Schedule = async (sends, send) => {
  for (const one of sends) mustSayTheSame(await send(one), await send(one))
}

const split: Schedule = (sends, send) => inTurn(sends.flatMap(splitSend), send)

const reversed: Schedule = (sends, send) => {
  const pieces = sends.flatMap(splitSend).reverse()
  // Ends before starts, and neighbours apart.
  return inTurn([...pieces.filter((_, n) => n % 2), ...pieces.filter((_, n) => n % 2 === 0)], send)
}

const atOnce: Schedule = async (sends, send) => {
  for (const one of sends) {
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => send(one)))
    for (const other of others) mustSayTheSame(first as Reply, other)
  }
}

const doubled: Schedule = (sends, send) =>
  inTurn(
    sends.map(one => ({ ...one, batch: toDoubled(one.batch) })),
    send,
  )

/** Every batch with each of its events twice, and each of its sessions too. */
function toDoubled(batch: JsonObject): JsonObject {
  const twice = (name: string, one: Json): Json =>
    isObject(one) && Array.isArray(one[name]) ? { ...one, [name]: [...one[name], ...one[name]] } : one
  const inner = (name: string): Json[] => listAt(batch, name).map(one => twice('events', one))
  const sessions = inner('sessions')
  return { ...batch, visits: inner('visits'), sessions: [...sessions, ...sessions] }
}

function mustSayTheSame(first: Reply, second: Reply): void {
  for (const name of ['stored', 'refused', 'gone']) {
    const [one, other] = [first, second].map(({ body }) => [...new Set(listAt(body, name).map(String))].sort().join())
    must(one === other, `the copies got different answers: ${name} was ${one}, and then ${other}`, second)
  }
}

async function runCase(house: House, filled: Case, schedule: Schedule): Promise<void> {
  await schedule(filled.sends, one => sendOne(house, one))
  if (house.hasReads) await readAll(house, filled)
}

async function sendOne({ wire }: House, { batch, status = 200, answer }: Send): Promise<Reply> {
  const reply = await wire.send(batch)
  if (status === 200) mustAnswer(reply, answer as never)
  else mustBe(reply, status, { v: 1, ...answer })
  return reply
}

async function readAll({ wire }: House, { reads }: Case): Promise<void> {
  for (const { get, status = 200, body, text } of reads) {
    const reply = await wire.get(get)
    mustBe(reply, status, body)
    must(text === undefined || reply.text === text, `the body is ${reply.text}, not ${text}`, reply)
  }
}

const fillFresh = (house: House, file: CaseFile): Case =>
  file.fill(placeholder => house.makeId(placeholder.replace(/:.*/, '')))

function toCheck(file: CaseFile): Check {
  const section = file.section as Check['section']
  const run = (house: House): Promise<void> => runCase(house, fillFresh(house, file), inTurn)
  return { name: file.name, promise: file.about, section, needs: [], run }
}

/** One check for each case, and one for each way in which all of them may arrive. */
export function toGoldenChecks(cases: readonly CaseFile[]): readonly Check[] {
  return [...cases.map(toCheck), ...schedules]
}

const all =
  (schedule: Schedule): Check['run'] =>
  async house => {
    for (const file of house.cases) if (file.isTaken) await runCase(house, fillFresh(house, file), schedule)
  }

/** The numbers that every answer says. */
const numbers = [['now'], ...['maxBytes', 'maxRecords', 'maxRecordBytes'].map(name => ['limits', name])]

const schedules: readonly Check[] = [
  {
    name: 'answer-by-id',
    promise: 'a 200 is JSON with v, versions, now and limits, and names every record of its request, and no other.',
    section: 'the-answer',
    needs: [],
    async run(house) {
      for (const file of house.cases.filter(({ isTaken }) => isTaken)) {
        for (const one of fillFresh(house, file).sends) {
          const reply = await sendOne(house, one)
          const type = reply.headers.get('Content-Type') ?? 'missing'
          must(/^application\/json\b/i.test(type), `the Content-Type is ${type}, not application/json`, reply)
          const versions = at(reply.body, 'versions')
          must(Array.isArray(versions) && versions.includes(1), 'versions does not list 1', reply)
          for (const path of numbers) {
            const number = at(reply.body, ...path)
            must(Number.isSafeInteger(number) && Number(number) > 0, `${path.join('.')} is not a whole number`, reply)
          }
        }
      }
    },
  },
  {
    name: 'replay',
    promise: 'a batch that comes again gets the same answer, and counts once.',
    section: 'the-answer',
    needs: [],
    run: all(twice),
  },
  {
    name: 'replay-after-much-else',
    promise: 'a replay is known for ever, not only for a while.',
    section: 'the-answer',
    needs: [],
    async run(house) {
      const filled = house.cases.filter(({ isTaken }) => isTaken).map(file => fillFresh(house, file))
      for (const { sends } of filled) for (const one of sends) await sendOne(house, one)
      for (const one of filled) await runCase(house, one, inTurn)
    },
  },
  {
    name: 'split',
    promise: 'a batch that is sent in many, a record each, adds up to the same state.',
    section: 'joining',
    needs: ['reads'],
    run: all(split),
  },
  {
    name: 'reorder',
    promise: 'batches may come in any order, ends before starts.',
    section: 'joining',
    needs: ['reads'],
    run: all(reversed),
  },
  {
    name: 'duplicates',
    promise: 'a record that stands twice in one batch counts once.',
    section: 'joining',
    needs: [],
    run: all(doubled),
  },
  {
    name: 'concurrent',
    promise: 'the same batch over 20 connections at once gets 20 equal answers, and counts once.',
    section: 'joining',
    needs: [],
    run: all(atOnce),
  },
]
