import { expect } from 'vitest'
import { type Client, createClient } from './http.js'
import type { Journal, Made } from './journal.js'
import { replay, until } from './load.js'

/** The records of a collector, compared with the records that it has acknowledged. */
export interface Balance {
  readonly acknowledged: number
  /** Acknowledged, but not stored. */
  readonly lost: readonly string[]
  /** Stored more than once, in one session or in several. */
  readonly doubled: readonly string[]
  /** Stored, but never made, or different from what was made. */
  readonly foreign: readonly string[]
  /** Stored, but of an erased identity. */
  readonly back: readonly string[]
  /** Named as gone, but not of an erased identity. */
  readonly wronglyGone: readonly string[]
}

interface Found {
  readonly eventID: string
  readonly eventName: string
  readonly timestamp: number
  readonly seq: number
  readonly data: unknown
}

/** Reads every session of a journal through the reads of the collector, page by page. */
export async function readBalance(journal: Journal, url: string): Promise<Balance> {
  const seen = new Set<string>()
  const [doubled, foreign, back]: [string[], string[], string[]] = [[], [], []]
  const { acknowledged, gone } = journal
  const queue = journal.sessions.values()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const client = createClient()
      for (const { sessionID, identityId, records } of queue) {
        const made = new Map(records.map(one => [one.eventID, toSame(one)]))
        for (const found of await readEvents(client, url, sessionID)) {
          if (journal.erased.has(identityId)) back.push(found.eventID)
          if (seen.has(found.eventID)) doubled.push(found.eventID)
          if (made.get(found.eventID) !== toSame(found)) foreign.push(found.eventID)
          seen.add(found.eventID)
        }
      }
      client.close()
    }),
  )
  const kept = keptOf(journal).map(({ eventID }) => eventID)
  const lost = kept.filter(eventID => acknowledged.has(eventID) && !seen.has(eventID))
  const wronglyGone = kept.filter(eventID => gone.has(eventID))
  return { acknowledged: acknowledged.size, lost, doubled, foreign, back, wronglyGone }
}

/**
 * Checks that every acknowledged record is stored as it was made, and none of an erased identity. Then sends all records
 * again, and checks that each is stored once, or gone. Fails the test otherwise.
 *
 * @returns the balance before the replay.
 */
export async function checkBalance(journal: Journal, url: string): Promise<Balance> {
  const before = await readBalance(journal, url)
  expectClean(before, 'before the replay')
  await replay(journal, url)
  const after = await readBalance(journal, url)
  expectClean(after, 'after the replay')
  const owed = keptOf(journal).filter(({ eventID }) => !journal.acknowledged.has(eventID))
  expect(owed, 'not acknowledged after the replay').toEqual([])
  const made = [...journal.sessions.values()].reduce((sum, { records }) => sum + records.length, 0)
  expect(journal.gone.size, 'gone after the replay').toBe(made - keptOf(journal).length)
  return before
}

/** The records of identities that were not erased. */
function keptOf({ sessions, erased }: Journal): Made[] {
  return [...sessions.values()].flatMap(({ identityId, records }) => (erased.has(identityId) ? [] : records))
}

/** Fails the test if anything was lost, doubled or changed, with a few of the ids. */
export function expectClean(balance: Balance, when: string): void {
  const { lost, doubled, foreign, back, wronglyGone, acknowledged } = balance
  const few = (ids: readonly string[]): string => `${ids.length}${ids.length ? `: ${ids.slice(0, 3).join(', ')}` : ''}`
  const lists = { lost, doubled, foreign, back, wronglyGone }
  const found = Object.fromEntries(Object.entries(lists).map(([name, ids]) => [name, few(ids)]))
  const none = Object.fromEntries(Object.keys(lists).map(name => [name, '0']))
  expect(found, `${when}, of ${acknowledged} acknowledged`).toEqual(none)
}

async function readEvents(client: Client, url: string, sessionID: string): Promise<readonly Found[]> {
  const all: Found[] = []
  for (let next: string | null = ''; next !== null; ) {
    const page = await readPage(client, `${url}/v1/sessions/${sessionID}/events?${next && `paging_next=${next}`}`)
    all.push(...page.items)
    next = page.next
  }
  return all
}

async function readPage(
  client: Client,
  url: string,
): Promise<{ readonly items: Found[]; readonly next: string | null }> {
  let last = ''
  let page = { items: [] as Found[], next: null as string | null }
  await until(
    async () => {
      const reply = await client.send('GET', url)
      last = JSON.stringify(reply).slice(0, 300)
      if (reply.status === 200) page = JSON.parse(reply.text) as typeof page
      return reply.status === 200 || reply.status === 404
    },
    () => `a read is not answered: ${last}`,
  )
  return page
}

function toSame({ eventName, timestamp, seq, data }: Made | Found): string {
  return JSON.stringify([eventName, timestamp, seq, data])
}
