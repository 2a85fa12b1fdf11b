import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { idsOf, tell } from '../contracts/old-parts.js'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { dayMs } from '../helpers/numbers.js'
import { dumpAt, query, storeAt } from '../helpers/postgres-store.js'

// One collector removes what is old of a visit while another adds to it. A third connection holds a row, so that each has got as
// far as the test wants before the other begins.

const before = noon + dayMs
const seen = (eventID: string): object => wireEvent(eventID, { pageID: 'p', writer: 'writer-2' })
const old = { pages: ['p'], sessions: { s: { events: [seen('old')] } } }
const fresh = arrive(tell('v', { pages: ['p'], sessions: { s: { events: [seen('fresh')] } } }), before)

describe.skipIf(!hasPostgres).each([false, true])('with a server (table by table: %s)', isDistributed => {
  async function visitWith() {
    const url = await databaseUrl()
    // A deadlock would be undone and tried again after a second. So it fails here.
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET deadlock_timeout = '10min'`)
    const [removing, adding] = [await storeAt(url, { isDistributed }), await storeAt(url, { isDistributed })]
    await removing.merge([arrive(tell('v', old), before - 1)])
    await removing.merge([arrive(tell('v', { events: [wireEvent('other')] }), before)])
    const holding = new Client(url)
    await holding.connect()
    onTestFinished(() => holding.end())
    const waiting = `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return {
      hold: (table: string) =>
        holding.query(`BEGIN; SELECT 1 FROM sojourn.${table} WHERE "sessionID" = 's' FOR UPDATE`),
      letGo: () => holding.query('ROLLBACK'),
      /** Resolves when so many connections wait for a row, or when `work` is done. */
      untilWaiting: (n: number, work: Promise<unknown>) =>
        Promise.race([work, expect.poll(() => query(url, waiting), { interval: 10 }).toEqual([{ n }])]),
      remove: () => removing.rights.removeOld('default', before, null),
      add: () => adding.merge([fresh]),
      async expectAll() {
        const state = await dumpAt(url)
        expect(idsOf(state, 'events', 'eventID')).toEqual(['fresh', 'other'])
        expect(idsOf(state, 'pages', 'pageID')).toEqual(['p'])
        expect(idsOf(state, 'sessions', 'sessionID')).toEqual(['s'])
        expect(idsOf(state, 'session_pages', 'sessionID pageID')).toEqual(['s p'])
        expect(idsOf(state, 'writers', 'writer')).toEqual(['writer-1', 'writer-2'])
      },
    }
  }

  it('keeps the old page of a record that another collector is storing', async () => {
    const { hold, letGo, untilWaiting, remove, add, expectAll } = await visitWith()
    await hold('sessions')
    const added = add()
    await untilWaiting(1, added)
    const removed = remove()
    await untilWaiting(2, removed)
    await letGo()
    await Promise.all([added, removed])
    await expectAll()
  })

  it('lets another collector store again what it is removing', async () => {
    const { hold, letGo, untilWaiting, remove, add, expectAll } = await visitWith()
    await hold('session_pages')
    const removed = remove()
    await untilWaiting(1, removed)
    const added = add()
    await untilWaiting(2, added)
    await letGo()
    await Promise.all([added, removed])
    await expectAll()
  })
})
