import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Book, createBook, type Made, toBatch } from './book.js'
import { type Client, createClient, type Reply } from './http.js'

// What does not come at all is known sooner of a mutant, on which the proofs must fail.
const patienceMs = process.env.SOJOURN_PROOF === 'mutant' ? 20_000 : 60_000

/** Browsers that send, and never give up. */
export interface Load {
  readonly book: Book
  /** How often each kind of answer came: `200`, `503 busy`, `no answer: ECONNRESET` … */
  readonly answers: ReadonlyMap<string, number>
  /** How many requests are under way. */
  readonly inFlight: () => number
  /** Resolves when so many more records were acknowledged than at the call; throws after a minute. */
  readonly untilMore: (records?: number) => Promise<void>
  /** Makes nothing new, and sends until nothing is owed; throws after a minute. */
  readonly drain: () => Promise<void>
  /** Makes and sends nothing any more; what is owed stays owed. */
  readonly stop: () => Promise<void>
}

/**
 * Starts to send. Each sender is a browser: one connection, one request at a time; what no 200 names stays owed and is
 * sent again, alone or beside fresh records, in halves, in another order. Nothing that was acknowledged is sent again
 * here, for that would hide its loss (`replay` does it after the loss was counted).
 *
 * @param collector where they send to.
 * @param senders how many.
 */
export function startLoad(collector: { readonly url: string }, senders = 16, timeoutMs?: number): Load {
  const book = createBook()
  const answers = new Map<string, number>()
  const is = { making: true, sending: true }
  let inFlight = 0
  let owing = 0

  async function send(client: Client, records: readonly Made[]): Promise<ReadonlySet<string>> {
    inFlight++
    const reply = await client.send('POST', `${collector.url}/v1/sessions?key=demo`, toBatch(book, records))
    inFlight--
    const named = namedBy(reply)
    const kind = kindOf(reply)
    answers.set(kind, (answers.get(kind) ?? 0) + 1)
    book.acknowledge(named)
    if (reply.status !== 200) await sleep(20 + Math.random() * 100)
    return new Set(named)
  }

  async function live(): Promise<void> {
    const client = createClient(timeoutMs)
    let owed: Made[] = []
    let session = book.openSession()
    while (is.sending && (is.making || owed.length)) {
      if (is.making && owed.length < 200) {
        const fresh = 1 + Math.floor(Math.random() * 22)
        for (let n = 0; n < fresh; n++) owed.push(book.makeRecord(session.sessionID, n % 5 ? 'Search' : 'AddToCart'))
        owing += fresh
        if (Math.random() < 0.1) {
          owed.push(book.makeRecord(session.sessionID, 'SignOut'))
          owing++
          session = book.openSession(Math.random() < 0.5 ? session.visitID : undefined)
        }
      }
      // In any order and any split: the newest first, or a part, or all.
      const part = Math.random() < 0.3 ? owed.toReversed() : owed
      const stored = await send(client, Math.random() < 0.3 ? part.slice(0, Math.ceil(part.length / 2)) : part)
      const kept = owed.filter(({ eventID }) => !stored.has(eventID))
      owing -= owed.length - kept.length
      owed = kept
    }
    client.close()
  }

  const living = Promise.all(Array.from({ length: senders }, live))
  const stop = async (): Promise<void> => {
    is.making = is.sending = false
    await living
  }
  onTestFinished(stop)
  return {
    book,
    answers,
    inFlight: () => inFlight,
    untilMore: (records = 1) => {
      const before = book.acknowledged.size
      return until(
        () => book.acknowledged.size >= before + records,
        () => `no progress: ${toText(answers)}`,
      )
    },
    async drain() {
      is.making = false
      await until(
        () => owing === 0,
        () => `${owing} records are still owed: ${toText(answers)}`,
      )
      await living
    },
    stop,
  }
}

/**
 * Sends everything again that was ever made, acknowledged or not, shuffled and in other batches.
 *
 * @throws if something is not acknowledged at once: nothing is in the way now.
 */
export async function replay(book: Book, url: string): Promise<void> {
  const all = shuffle([...book.sessions.values()].flatMap(({ records }) => records))
  const batches = Array.from({ length: Math.ceil(all.length / 400) }, (_, n) => all.slice(n * 400, n * 400 + 400))
  const queue = batches.values()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = createClient()
      for (const batch of queue) {
        const reply = await client.send('POST', `${url}/v1/sessions?key=demo`, toBatch(book, batch))
        const named = namedBy(reply)
        if (named.length !== batch.length)
          throw new Error(`a replay was answered ${JSON.stringify(reply).slice(0, 300)}`)
        book.acknowledge(named)
      }
      client.close()
    }),
  )
}

/** The ids that an answer names as stored; none unless it is a 200 with a body of our version. */
function namedBy(reply: Reply): readonly string[] {
  if (reply.status !== 200) return []
  const { v, stored } = JSON.parse(reply.text) as { v: number; stored: string[] }
  return v === 1 ? stored : []
}

/** An answer in short; whatever is not of the protocol shows itself, a 503 without Retry-After too. */
export function kindOf(reply: Reply): string {
  if (reply.status === null) return `no answer: ${reply.error}`
  if (reply.status === 200) return '200'
  const code = /"error":"([\w-]+)"/.exec(reply.text)?.[1] ?? reply.text.slice(0, 100)
  return `${reply.status} ${code}${reply.status === 503 && reply.retryAfter === null ? ' without Retry-After' : ''}`
}

/** How many answers of this beginning came: `503`, `200`. */
export function countOf({ answers }: Load, beginning: string): number {
  return [...answers].reduce((sum, [kind, count]) => sum + (kind.startsWith(beginning) ? count : 0), 0)
}

/** Polls until it is so; throws, with the reason, after a minute or as long as told. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  reason: () => string,
  timeoutMs = patienceMs,
): Promise<void> {
  for (const started = Date.now(); !(await isSo()); await sleep(5))
    if (Date.now() - started > timeoutMs) throw new Error(reason())
}

export function toText(answers: ReadonlyMap<string, number>): string {
  return [...answers].map(([kind, count]) => `${kind} ×${count}`).join(', ')
}

function shuffle<T>(list: T[]): T[] {
  for (let n = list.length - 1; n > 0; n--) {
    const other = Math.floor(Math.random() * (n + 1))
    ;[list[n], list[other]] = [list[other] as T, list[n] as T]
  }
  return list
}
