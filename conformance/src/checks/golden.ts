import type { Case, CaseFile, Send } from '../cases.js'
import type { Check, Context } from '../check.js'
import { must, mustAnswer, mustBe } from '../expect.js'
import { at, isObject, type Json, type JsonObject, listAt } from '../json.js'
import type { Reply } from '../wire.js'
import { splitSend } from './split.js'

/** Sends the requests of a case in some order, once or several times. */
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
  // Ends are sent before starts, and consecutive records are separated.
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

/** Makes a batch that contains each event twice, and each session twice. */
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

async function runCase(context: Context, filled: Case, schedule: Schedule): Promise<void> {
  await schedule(filled.sends, one => sendOne(context, one))
  if (context.hasReads) await readAll(context, filled)
}

async function sendOne({ wire }: Context, { batch, status = 200, answer }: Send): Promise<Reply> {
  const reply = await wire.send(batch)
  if (status === 200) mustAnswer(reply, answer as never)
  else mustBe(reply, status, { v: 1, ...answer })
  return reply
}

async function readAll({ wire }: Context, { reads }: Case): Promise<void> {
  for (const { get, status = 200, body, text } of reads) {
    const reply = await wire.get(get)
    mustBe(reply, status, body)
    must(text === undefined || reply.text === text, `the body is ${reply.text}, not ${text}`, reply)
  }
}

const fillFresh = (context: Context, file: CaseFile): Case =>
  file.fill(placeholder => context.makeId(placeholder.replace(/:.*/, '')))

function toCheck(file: CaseFile): Check {
  const section = file.section as Check['section']
  const run = (context: Context): Promise<void> => runCase(context, fillFresh(context, file), inTurn)
  return { name: file.name, promise: file.about, section, needs: [], run }
}

/** Makes a check for each case, and a check for each order in which all cases may arrive. */
export function toGoldenChecks(cases: readonly CaseFile[]): readonly Check[] {
  return [...cases.map(toCheck), ...schedules]
}

const all =
  (schedule: Schedule): Check['run'] =>
  async context => {
    for (const file of context.cases) if (file.isTaken) await runCase(context, fillFresh(context, file), schedule)
  }

/** The paths of the numbers in every answer. */
const numbers = [['now'], ...['maxBytes', 'maxRecords', 'maxRecordBytes'].map(name => ['limits', name])]

const schedules: readonly Check[] = [
  {
    name: 'answer-by-id',
    promise: 'a 200 is JSON with v, versions, now and limits, and names exactly the records of its request.',
    section: 'the-answer',
    needs: [],
    async run(context) {
      for (const file of context.cases.filter(({ isTaken }) => isTaken)) {
        for (const one of fillFresh(context, file).sends) {
          const reply = await sendOne(context, one)
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
    promise: 'a batch that is sent again gets the same answer, and counts once.',
    section: 'the-answer',
    needs: [],
    run: all(twice),
  },
  {
    name: 'replay-after-much-else',
    promise: 'a replay counts once even after many other batches.',
    section: 'the-answer',
    needs: [],
    async run(context) {
      const filled = context.cases.filter(({ isTaken }) => isTaken).map(file => fillFresh(context, file))
      for (const { sends } of filled) for (const one of sends) await sendOne(context, one)
      for (const one of filled) await runCase(context, one, inTurn)
    },
  },
  {
    name: 'split',
    promise: 'a batch that is split into one batch for each record adds up to the same state.',
    section: 'joining',
    needs: ['reads'],
    run: all(split),
  },
  {
    name: 'reorder',
    promise: 'batches in any order, ends before starts, add up to the same state.',
    section: 'joining',
    needs: ['reads'],
    run: all(reversed),
  },
  {
    name: 'duplicates',
    promise: 'a record that is twice in one batch counts once.',
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
