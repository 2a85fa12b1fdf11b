import { parseBatch } from 'sojourn/record'
import { type Client, createClient } from '../http.js'
import { isLong } from '../stores.js'

/** Clients that read at the same time. */
const readers = 8

interface List {
  readonly items: readonly { readonly eventID: string }[]
  readonly next: string | null
}

/** What the collector has said that it stored. */
export interface Kept {
  /** Notes a batch and the answer to it. */
  readonly note: (batch: string, answer: string) => void
  /** How many records were named by an answer, each once. */
  readonly records: () => number
  /** Reads everything, and in the other format too, in the short form some of it. Returns what could not be read, and why. */
  readonly findUnreadable: (url: string) => Promise<string[]>
}

/** Remembers what was stored: the ids of all visits, sessions, pages and identities, and the events of each visit. */
export function createKept(): Kept {
  const ids = {
    visits: new Set<string>(),
    sessions: new Set<string>(),
    pages: new Set<string>(),
    identities: new Set<string>(),
  }
  const eventsOf = new Map<string, Set<string>>()

  return {
    note(text, answer) {
      const stored = new Set((JSON.parse(answer) as { stored: string[] }).stored)
      // The byte order mark is removed where a body is decoded.
      const batch = parseBatch(text.replace(/^\ufeff/, '').replaceAll(/\p{Surrogate}/gu, '\ufffd'))
      for (const { visitID } of batch.visits) ids.visits.add(visitID)
      for (const { sessionID, identityId } of batch.sessions) {
        ids.sessions.add(sessionID)
        ids.identities.add(identityId)
      }
      for (const { page } of batch.pages) ids.pages.add(page.pageID)
      for (const { event } of batch.facts) {
        if (!stored.delete(event.eventID) && !eventsOf.get(event.visitID)?.has(event.eventID)) continue
        const events = eventsOf.get(event.visitID) ?? new Set()
        eventsOf.set(event.visitID, events.add(event.eventID))
      }
      if (stored.size) throw new Error(`the answer names records that were not sent: ${JSON.stringify([...stored])}`)
    },
    records: () => [...eventsOf.values()].reduce((sum, events) => sum + events.size, 0),
    async findUnreadable(url) {
      const unreadable: string[] = []
      async function read({ send }: Client, path: string, good: readonly number[] = [200]): Promise<string | null> {
        const reply = await send('GET', url + path)
        if (reply.status !== null && good.includes(reply.status)) return reply.text
        unreadable.push(
          `${path}: ${reply.status === null ? reply.error : `${reply.status} ${reply.text.slice(0, 200)}`}`,
        )
        return null
      }
      async function readEvents(client: Client, visitID: string, events: ReadonlySet<string>): Promise<void> {
        const missing = new Set(events)
        let next = ''
        do {
          const path = `/v1/visits/${encodeURIComponent(visitID)}/events?page_size=1000${next}`
          const list: List = JSON.parse((await read(client, path)) ?? '{"items":[],"next":null}')
          for (const { eventID } of list.items) missing.delete(eventID)
          next = list.next === null ? '' : `&paging_next=${encodeURIComponent(list.next)}`
        } while (next)
        for (const eventID of missing)
          unreadable.push(`event ${JSON.stringify(eventID)} of visit ${JSON.stringify(visitID)}`)
      }

      const reads: ((client: Client) => Promise<unknown>)[] = []
      for (const [kind, some] of Object.entries(ids))
        for (const id of some) {
          const path = `/${kind}/${encodeURIComponent(id)}${kind === 'pages' ? '/events' : ''}`
          reads.push(client => read(client, `/v1${path}`))
          if (isLong || reads.length % 4 === 1)
            reads.push(client => read(client, `/backend/data${path}`, kind === 'pages' ? [200, 204] : [200]))
        }
      for (const [visitID, events] of eventsOf) reads.push(client => readEvents(client, visitID, events))
      await Promise.all(
        Array.from({ length: readers }, async () => {
          const client = createClient()
          for (let next = reads.pop(); next; next = reads.pop()) await next(client)
          client.close()
        }),
      )
      return unreadable
    },
  }
}
