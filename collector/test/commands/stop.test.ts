import { describe, expect, it } from 'vitest'
import { startLink } from '../../proof/link.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { spawnWith } from '../helpers/command.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

describe.skipIf(!hasPostgres)('a collector whose database hangs', () => {
  it('ends when it is told to, and does not wait until the database answers', { timeout: 120_000 }, async () => {
    const database = new URL(await databaseUrl())
    const link = await startLink(Number(database.port))
    database.port = String(link.port)
    const { child, listens, ended } = spawnWith(['--db', database.href, '--port=0', '--key=k'])
    const url = await listens
    const post = (id: string) =>
      fetch(`${url}/v1/sessions?key=k`, { method: 'POST', body: JSON.stringify(wireBatch([wireEvent(id)])) })
    expect((await post('a')).status).toBe(200)
    link.hang()
    const unanswered = post('b').catch(() => null)
    child.kill('SIGTERM')
    const { code, err } = await ended
    expect([code, err]).toEqual([0, expect.stringContaining('stopped, although the store does not answer')])
    expect((await unanswered)?.status ?? 503).toBe(503)
  })
})
