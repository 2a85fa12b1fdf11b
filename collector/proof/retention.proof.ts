import { describe, expect, it } from 'vitest'
import { checkBalance } from './balance.js'
import { runCommand } from './command.js'
import { createClient } from './http.js'
import { createJournal, type Made, toBatch } from './journal.js'
import { countOf, replay, startLoad, until } from './load.js'
import { makeCollector, startCollector } from './process.js'
import { report } from './report.js'
import { startRoundRobin } from './round-robin.js'
import { countIn, query, tableIn } from './sql.js'
import { isLong, stores } from './stores.js'
import { expectKnownAnswers } from './trouble.js'

const dayMs = 86_400_000
/** Records of a session before it became old. */
const recordsEach = 4
/** One of so many old sessions goes on while retention works. */
const oneOf = 20

describe('retention', () => {
  // The short form leaves PostgreSQL out, because there it takes half a minute on two cores.
  it.for(isLong ? stores : stores.slice(0, 1))(
    'that is cut by kills removes what is old as a whole, and nothing else, on $store',
    async ({ store, open }, context) => {
      const kills = isLong ? 30 : 2
      const db = await open(context)
      const old = createJournal()
      for (let n = 0; n < 250 * (kills + 1); n++) {
        const { sessionID } = old.openSession()
        for (let seq = 0; seq < recordsEach; seq++) old.makeRecord(sessionID, 'Search')
      }
      const filled = await startCollector(db)
      await replay(old, filled.url)
      await filled.kill()
      await age(db, 500 * dayMs)
      // If all but the records of the last hour were old, retention would doubt the clock and wait.
      const young = createJournal()
      young.makeRecord(young.openSession().sessionID, 'Search')
      const opened = await startCollector(db)
      await replay(young, opened.url)
      await opened.kill()
      await age(db, dayMs)
      await runCommand('site', 'keep', 'default', '400d', '--db', db)

      const collectors = await Promise.all([1, 2].map(() => makeCollector(db)))
      const balancer = await startRoundRobin(collectors)
      await Promise.all(collectors.map(({ start }) => start()))
      const load = startLoad(balancer, isLong ? 8 : 2)
      const returning = sendMore()
      let halfway = 0
      for (let n = 0; n < kills; n++) {
        const one = collectors[n % 2]
        const before = await countOld(db)
        await Promise.all([
          load.untilMore(),
          until(
            async () => (await countOld(db)) < before || before === 0,
            () => `nothing old is removed: ${one?.log()}`,
          ),
        ])
        await one?.kill()
        if (await countOld(db)) halfway++
        expect(await runCommand('check', '--db', db)).toContain('all is well')
        await one?.start()
      }
      const returned = await returning
      await until(
        async () => (await countOld(db)) === 0,
        () => 'what is old is not removed',
      )
      await load.untilMore()
      await load.drain()

      const isBack = new Set(returned.map(({ sessionID }) => sessionID))
      for (const { sessionID, records } of await eventsOf(db, old)) {
        const mine = records.filter(one => one.seq <= recordsEach).length
        const more = records.length - mine
        // Of a session that went on, the earlier records are there as a whole or not at all.
        if (isBack.has(sessionID)) expect([mine % recordsEach, more], sessionID).toEqual([0, 1])
        else expect(records, sessionID).toEqual([])
      }
      const balance = await checkBalance(load.journal, balancer.url)
      expect(await runCommand('check', '--db', db)).toContain('all is well')
      expectKnownAnswers(load, /^502 a collector broke off$/)
      expect(countOf(load, '200')).toBeGreaterThan(0)
      report({
        proof: 'retention cut',
        store,
        trouble: `2 collectors, ${kills} times kill -9`,
        ...balance,
        note: `${old.sessions.size - isBack.size} old visits removed, ${halfway} times half of them at a kill`,
      })

      /** Sends one more record of some old sessions, until each is acknowledged. */
      async function sendMore(): Promise<readonly Made[]> {
        const client = createClient()
        const more = [...old.sessions.keys()]
          .filter((_, n) => n % oneOf === 0)
          .map(sessionID => old.makeRecord(sessionID, 'Buy'))
        for (const one of more)
          await until(
            async () => {
              const reply = await client.send('POST', `${balancer.url}/v1/sessions?key=demo`, toBatch(old, [one]))
              return reply.status === 200 && reply.text.includes(one.eventID)
            },
            () => 'a record of an old session is not taken',
          )
        client.close()
        return more
      }
    },
  )
})

/** Makes all that is stored look as if it had been received earlier. */
async function age(db: string, ms: number): Promise<void> {
  const receipts = ['visits', 'sessions', 'pages', 'identities', 'traits'].map(name => [name, 'receivedAt'] as const)
  for (const [table, column] of [...receipts, ['events', 'serverTimestamp'] as const])
    await query(db, `UPDATE ${tableIn(db, table)} SET "${column}" = "${column}" - ${ms}`)
}

/** Counts the visits that retention should remove. */
function countOld(db: string): Promise<number> {
  const before = Date.now() - 400 * dayMs
  const isYoung = `SELECT 1 FROM ${tableIn(db, 'events')} AS e WHERE e."visitID" = t."visitID" AND e."serverTimestamp" >= ${before}`
  return countIn(db, 'visits', `t."receivedAt" < ${before} AND NOT EXISTS (${isYoung})`)
}

/** The stored events of each session of a journal. */
async function eventsOf(db: string, { sessions }: ReturnType<typeof createJournal>) {
  const rows = await query(db, `SELECT "sessionID", "seq" FROM ${tableIn(db, 'events')}`)
  const found = Map.groupBy(rows, row => String(row.sessionID))
  return [...sessions.keys()].map(sessionID => ({
    sessionID,
    records: (found.get(sessionID) ?? []).map(row => ({ seq: Number(row.seq) })),
  }))
}
