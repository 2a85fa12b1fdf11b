import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type Reply } from '../http.js'

/** A client that behaves well, and writes and reads all the time. */
export interface Innocent {
  /** Stops, and resolves with what it has seen. */
  readonly stop: () => Promise<{
    readonly writes: number
    /** How long its slowest write took, ms. It depends on what else the machine does. */
    readonly slowestMs: number
    /** What went wrong. */
    readonly troubles: readonly string[]
  }>
}

/** How long it rests between two records, so that it leaves the collector to those beside it. */
const restMs = 20

/** Writes a record, reads it back, and so on, until it is stopped. A 503 `busy` is no trouble: it sends the record again. */
export function startInnocent(url: string): Innocent {
  const client = createClient()
  const troubles: string[] = []
  const stopped = new AbortController()
  let [writes, slowestMs] = [0, 0]

  async function turn(n: number): Promise<void> {
    const id = `innocent-${Math.floor(n / 50)}`
    const event = { eventID: `${id}-${n}`, eventName: 'Buy', timestamp: Date.now(), writer: 'innocent', seq: n }
    const session = { sessionID: id, identityId: 'innocent', visitID: id, startDate: 1763985600000, events: [event] }
    const began = performance.now()
    const written = await client.send(
      'POST',
      `${url}/v1/sessions?key=demo`,
      JSON.stringify({ v: 1, sessions: [session] }),
    )
    if (toError(written) === 'busy') return turn(n)
    slowestMs = Math.max(slowestMs, performance.now() - began)
    writes++
    if (!isGood(written, event.eventID)) troubles.push(`write: ${JSON.stringify(written)}`)
    const read = await client.send('GET', `${url}/v1/sessions/${id}/events?page_size=1000`)
    if (!isGood(read, event.eventID)) troubles.push(`read: ${JSON.stringify(read).slice(0, 300)}`)
  }

  const living = (async () => {
    for (let n = 0; !stopped.signal.aborted; n++) {
      await turn(n)
      await sleep(restMs)
    }
  })()
  return {
    async stop() {
      stopped.abort()
      await living
      client.close()
      return { writes, slowestMs, troubles }
    },
  }
}

function toError(reply: Reply): string {
  if (reply.status === null) return reply.error
  if (reply.status === 200) return ''
  return String((JSON.parse(reply.text) as { error?: unknown }).error)
}

function isGood(reply: Reply, eventID: string): boolean {
  return reply.status === 200 && reply.text.includes(eventID)
}
