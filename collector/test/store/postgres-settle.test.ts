import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { settle } from '../../src/store/postgres/change.js'
import { createServers } from '../../src/store/postgres/servers.js'
import { tell } from '../contracts/old-parts.js'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { query, storeAt } from '../helpers/postgres-store.js'

/** More than one look. */
const maxMs = 60

describe.skipIf(!hasPostgres).each([false, true])('an erasure (table by table: %s)', isDistributed => {
  it('does not go on beside a merge that began before it, although its collector may have given it up', async () => {
    const url = await databaseUrl()
    const servers = createServers(url)
    onTestFinished(() => servers.close())
    const store = await storeAt(url, { isDistributed })
    const merge = () => store.merge([arrive(tell('v', { events: [wireEvent('a')] }))])
    await merge()
    const holding = new Client({ connectionString: url, application_name: 'a program of the operator' })
    await holding.connect()
    onTestFinished(() => holding.end())
    await holding.query('BEGIN; SELECT 1 FROM sojourn.visits FOR UPDATE')
    // Other programs store no records.
    await servers.read(run => settle(run, maxMs))
    const merged = merge()
    const waiting = `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await expect.poll(() => query(url, waiting), { interval: 10 }).toEqual([{ n: 1 }])
    await expect(servers.read(run => settle(run, maxMs))).rejects.toThrow('a collector stores something')
    await holding.query('ROLLBACK')
    await merged
    await servers.read(run => settle(run, maxMs))
  })
})
