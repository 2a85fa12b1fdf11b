import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Client, createClient, type Reply } from './http.js'
import { createJournal, type Journal, type Made, toBatch } from './journal.js'
import { isShort } from './stores.js'

// The proofs must fail on a mutant, so that they wait for less time there.
const patienceMs = process.env.SOJOURN_PROOF === 'mutant' ? 20_000 : 300_000

/** How long a sender of the short form rests. An answer takes about as long, so that half of the kills hit a request. */
const restMs = 4

/** Senders that behave like browsers: each sends until all its records are acknowledged. */
export interface Load {
  readonly journal: Journal
  /** The number of replies of each kind: `200`, `503 busy`, `no answer: ECONNRESET` … */
  readonly answers: ReadonlyMap<string, number>
  /** How many requests are under way. */
  readonly inFlight: () => number
  /** Resolves when so many more records are acknowledged. Rejects after five minutes. */
  readonly untilMore: (records?: number) => Promise<void>
  /** Makes no more records, and sends until no record is owed. Rejects after five minutes. */
  readonly drain: () => Promise<void>
  /** Stops making and sending records. Owed records stay owed. */
  readonly stop: () => Promise<void>
}

/**
 * Starts senders. Each has one connection and sends one request at a time. Records that no 200 names stay owed and are
 * sent again, alone or with new records, in halves, or in another order. Acknowledged records are not sent again,
 * because that would hide a loss. `replay` sends them again after the losses were counted.
 *
 * @param senders their number. They send as fast as they can. In the short form, they are few and rest after each reply,
 *   because tests run beside each other, and every record is read again at the end.
 */
export function startLoad(
  collector: { readonly url: string },
  senders = isShort ? 4 : 16,
  timeoutMs?: number,
  journal = createJournal(),
): Load {
  const answers = new Map<string, number>()
  const is = { making: true, sending: true }
  let inFlight = 0
  let owing = 0

  async function send(client: Client, records: readonly Made[]): Promise<ReadonlySet<string>> {
    inFlight++
    const reply = await client.send('POST', `${collector.url}/v1/sessions?key=demo`, toBatch(journal, records))
    inFlight--
    const { stored, gone } = namedBy(reply)
    const kind = kindOf(reply)
    answers.set(kind, (answers.get(kind) ?? 0) + 1)
    journal.acknowledge(stored)
    journal.noteGone(gone)
    if (reply.status !== 200) await sleep(20 + Math.random() * 100)
    else if (isShort) await sleep(restMs)
    return new Set([...stored, ...gone])
  }

  async function live(): Promise<void> {
    const client = createClient(timeoutMs)
    let owed: Made[] = []
    let session = journal.openSession()
    while (is.sending && (is.making || owed.length)) {
      if (is.making && owed.length < 200) {
        const fresh = 1 + Math.floor(Math.random() * 22)
        for (let n = 0; n < fresh; n++) owed.push(journal.makeRecord(session.sessionID, n % 5 ? 'Search' : 'AddToCart'))
        owing += fresh
        if (Math.random() < 0.1) {
          owed.push(journal.makeRecord(session.sessionID, 'SignOut'))
          owing++
          session = journal.openSession(Math.random() < 0.5 ? session.visitID : undefined)
        }
      }
      // Sends the newest records first or last, and all of them or a part.
      const part = Math.random() < 0.3 ? owed.toReversed() : owed
      const settled = await send(client, Math.random() < 0.3 ? part.slice(0, Math.ceil(part.length / 2)) : part)
      const kept = owed.filter(({ eventID }) => !settled.has(eventID))
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
    journal,
    answers,
    inFlight: () => inFlight,
    untilMore: (records = 1) => {
      const before = journal.acknowledged.size
      return until(
        () => journal.acknowledged.size >= before + records,
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
 * Sends all records again, acknowledged or not, shuffled and in other batches.
 *
 * @throws (rejects) if a record is not settled at once, because the trouble is over.
 */
export async function replay(journal: Journal, url: string): Promise<void> {
  const all = shuffle([...journal.sessions.values()].flatMap(({ records }) => records))
  const batches = Array.from({ length: Math.ceil(all.length / 400) }, (_, n) => all.slice(n * 400, n * 400 + 400))
  const queue = batches.values()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = createClient()
      for (const batch of queue) {
        const reply = await client.send('POST', `${url}/v1/sessions?key=demo`, toBatch(journal, batch))
        const { stored, gone } = namedBy(reply)
        if (stored.length + gone.length !== batch.length)
          throw new Error(`a replay was answered ${JSON.stringify(reply).slice(0, 300)}`)
        journal.acknowledge(stored)
        journal.noteGone(gone)
      }
      client.close()
    }),
  )
}

/** The ids that an answer names as stored, and as gone. Only a 200 with `v` 1 names any. */
function namedBy(reply: Reply): { readonly stored: readonly string[]; readonly gone: readonly string[] } {
  if (reply.status !== 200) return { stored: [], gone: [] }
  const { v, stored, gone } = JSON.parse(reply.text) as { v: number; stored: string[]; gone: string[] }
  return v === 1 ? { stored, gone } : { stored: [], gone: [] }
}

/**
 * Describes a reply in a few words. Marks a reply that the protocol does not allow, such as a 503 without Retry-After.
 */
export function kindOf(reply: Reply): string {
  if (reply.status === null) return `no answer: ${reply.error}`
  if (reply.status === 200) return '200'
  const code = /"error":"([\w-]+)"/.exec(reply.text)?.[1] ?? reply.text.slice(0, 100)
  return `${reply.status} ${code}${reply.status === 503 && reply.retryAfter === null ? ' without Retry-After' : ''}`
}

/** The number of replies whose kind begins with this text, such as `503` or `200`. */
export function countOf({ answers }: Load, beginning: string): number {
  return [...answers].reduce((sum, [kind, count]) => sum + (kind.startsWith(beginning) ? count : 0), 0)
}

/** Polls until the condition is true. Rejects with the reason after five minutes: a busy machine needs its time. */
export async function until(isSo: () => boolean | Promise<boolean>, reason: () => string): Promise<void> {
  for (const started = performance.now(); !(await isSo()); await sleep(5))
    if (performance.now() - started > patienceMs) throw new Error(reason())
}

/** Formats the numbers of replies for a message. */
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
