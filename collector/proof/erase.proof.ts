import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { checkBalance } from './balance.js'
import { type Client, createClient, type Reply } from './http.js'
import { createJournal } from './journal.js'
import { replay, startLoad, until } from './load.js'
import { startCollector } from './process.js'
import { report } from './report.js'
import { startRoundRobin } from './round-robin.js'
import { countIn } from './sql.js'
import { isLong, stores } from './stores.js'
import { atRandom, expectKnownAnswers } from './trouble.js'

/** Sessions of each person before the load begins, so that an erasure takes several transactions. */
const sessionsEach = 8
const recordsEach = 12

describe('an erasure', () => {
  // The short form leaves PostgreSQL out, because there it takes half a minute on two cores.
  it.for(isLong ? stores : stores.slice(0, 1))(
    'that is cut by kills loses nothing of others, and nothing of the person comes back, on $store',
    async ({ store, open }, context) => {
      const cuts = isLong ? 40 : 2
      const persons = cuts * 4 + 10
      const db = await open(context)
      const collectors = await Promise.all([1, 2].map(() => startCollector(db)))
      const balancer = await startRoundRobin(collectors)
      const journal = createJournal(persons)
      const visitors = Array.from({ length: persons }, (_, n) => makeVisitor(n))
      for (let n = 0; n < persons * sessionsEach; n++) {
        const { sessionID } = journal.openSession()
        for (let seq = 0; seq < recordsEach; seq++) journal.makeRecord(sessionID, 'Search')
      }
      await replay(journal, balancer.url)
      const client = createClient()
      for (const { body } of visitors) await client.send('POST', `${balancer.url}/v1/sessions?key=demo`, body)
      const load = startLoad(balancer, isLong ? 8 : 2, undefined, journal)

      let [cut, halfway, usualMs] = [0, 0, 0]
      for (let n = 0; cut < cuts; n++) {
        const identityId = `user-${n}`
        const [one, other] = [collectors[n % 2], collectors[(n + 1) % 2]]
        if (!one || !other || n >= persons) throw new Error(`of ${n} erasures only ${cut} were cut`)
        await load.untilMore()
        const mine = `t."identityId" = '${identityId}'`
        const before = await countIn(db, 'sessions', mine)
        const began = performance.now()
        const erasing = erase(client, one.url, identityId)
        if (n) {
          await atRandom(usualMs)
          await one.kill()
        }
        const isDone = (await erasing).status === 200
        if (!n) usualMs = performance.now() - began
        // Later erasures may take less time than the first.
        else if (isDone) usualMs /= 2
        if (!isDone) {
          cut++
          const left = await countIn(db, 'sessions', mine)
          if (left > 0 && left < before) halfway++
          // The other collector erases at once. What the killed one had begun must not be in its way.
          await eraseAtLast(client, other.url, identityId)
        }
        journal.erase(identityId)
        if (n) await one.start()
      }
      client.close()
      await load.untilMore()
      await load.drain()

      const balance = await checkBalance(journal, balancer.url)
      for (const visitor of visitors) await checkVisitor(visitor, balancer.url, journal.erased.has(visitor.identityId))
      expectKnownAnswers(load, /^502 a collector broke off$/)
      report({
        proof: 'erasure cut',
        store,
        trouble: `2 collectors, ${cut} times kill -9`,
        ...balance,
        note: `${journal.erased.size} persons erased, ${halfway} left half erased by a kill; 0 records back`,
      })
    },
  )
})

describe('an erasure at one collector', () => {
  it.for(isLong ? stores : stores.slice(0, 1))(
    'holds at the other for the next batch, although nobody has told it, on $store',
    async ({ store, open }, context) => {
      const db = await open(context)
      const [one, other] = await Promise.all([startCollector(db), startCollector(db)])
      const client = createClient()
      const visitors = Array.from({ length: isLong ? 100 : 4 }, (_, n) => makeVisitor(n))
      for (const { identityId, visitID, body } of visitors) {
        const send = async (): Promise<{ stored: string[]; gone: string[] }> => {
          const reply = await client.send('POST', `${other.url}/v1/sessions?key=demo`, body)
          return JSON.parse('text' in reply ? reply.text : '{}') as { stored: string[]; gone: string[] }
        }
        expect((await send()).stored.length, identityId).toBe(5)
        expect((await erase(client, one.url, identityId)).status).toBe(200)
        expect((await send()).gone.length, identityId).toBe(5)
        expect(await countIn(db, 'events', `t."visitID" = '${visitID}'`), identityId).toBe(0)
      }
      client.close()
      report({
        proof: 'erasure elsewhere',
        store,
        trouble: '2 collectors, the next batch at the other',
        acknowledged: 5 * visitors.length,
        lost: [],
        doubled: [],
        note: `${visitors.length} persons erased; 0 records back`,
      })
    },
  )
})

/** A person in a visit of its own, with what was done in it before the sign-in. */
interface Visitor {
  readonly identityId: string
  readonly visitID: string
  readonly eventIDs: readonly string[]
  readonly body: string
}

const begun = 1763985600000

function makeVisitor(n: number): Visitor {
  const visitID = `visit-of-${n}`
  const makeEvent = (seq: number) => {
    const [eventID, writer, timestamp] = [`${visitID}-${seq}`, `writer-${n}`, begun + seq]
    return { eventID, eventName: 'Search', timestamp, writer, seq }
  }
  const [before, after] = [[1, 2, 3].map(makeEvent), [4, 5].map(makeEvent)]
  const identityId = `user-${n}`
  const session = { sessionID: `session-of-${n}`, identityId, visitID, startDate: begun + 4, events: after }
  const visits = [{ visitID, startDate: begun, events: before }]
  const body = JSON.stringify({ v: 1, sentAt: Date.now(), visits, sessions: [session] })
  return { identityId, visitID, eventIDs: [...before, ...after].map(({ eventID }) => eventID), body }
}

/** Checks that all of a visitor is stored, or all is gone, also after it was sent again. */
async function checkVisitor(visitor: Visitor, url: string, isErased: boolean): Promise<void> {
  const { identityId, visitID, eventIDs, body } = visitor
  const client = createClient()
  for (const when of ['before', 'after'] as const) {
    const reply = await client.send('GET', `${url}/v1/visits/${visitID}/events`)
    const found = 'text' in reply && reply.status === 200 ? idsIn(reply.text) : []
    expect(found, `events of ${identityId}, ${when} a replay`).toEqual(isErased ? [] : eventIDs)
    if (when === 'after') break
    const answer = await client.send('POST', `${url}/v1/sessions?key=demo`, body)
    const { stored, gone } = JSON.parse('text' in answer ? answer.text : '{}') as { stored: string[]; gone: string[] }
    expect([stored.length, gone.length], `answer to ${identityId}`).toEqual(isErased ? [0, 5] : [5, 0])
  }
  client.close()
}

function idsIn(text: string): string[] {
  const { items } = JSON.parse(text) as { items: { eventID: string }[] }
  return items.map(({ eventID }) => eventID)
}

function erase(client: Client, url: string, identityId: string): Promise<Reply> {
  return client.send('DELETE', `${url}/v1/identities/${identityId}`)
}

async function eraseAtLast(client: Client, url: string, identityId: string): Promise<void> {
  let last: Reply | null = null
  await until(
    async () => {
      last = await erase(client, url, identityId)
      if (last.status === 503) await sleep(50)
      return last.status === 200
    },
    () => `${identityId} is not erased: ${JSON.stringify(last)}`,
  )
}
