import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, ownerOf } from '../test/helpers/postgres.js'
import { checkBalance } from './balance.js'
import { countOf, startLoad, until } from './load.js'
import { makeFolder, startCollector } from './process.js'
import { report } from './report.js'
import { startRoundRobin } from './round-robin.js'
import { clusterWith, isLong, isShort, needs } from './stores.js'
import { atRandom, expectKnownAnswers } from './trouble.js'

const program = [
  '/usr/sbin/pgbouncer',
  '/usr/bin/pgbouncer',
  '/opt/homebrew/bin/pgbouncer',
  '/usr/local/bin/pgbouncer',
].find(path => existsSync(path))

/**
 * Starts PgBouncer in transaction mode: each transaction may run on another connection, without prepared statements.
 */
async function startPooler(toPort: number): Promise<number> {
  const [folder, port, owner] = [makeFolder(), await freePort(), ownerOf()]
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${toPort} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    `unix_socket_dir = ${folder}`,
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
  ]
  const path = join(folder, 'pgbouncer.ini')
  writeFileSync(path, `${lines.join('\n')}\n`)
  if (owner.uid !== undefined) for (const file of [folder, path]) chownSync(file, owner.uid, owner.uid)
  const child = spawn(program as string, [path], { ...owner, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await until(
    () => said.includes('process up'),
    () => `PgBouncer does not start: ${said}`,
  )
  return port
}

describe('behind a pooler in transaction mode', () => {
  it.skipIf(isShort)(
    'two collectors lose and double no record while they are killed in turn, on PostgreSQL',
    async context => {
      const cluster = await clusterWith(context)
      needs(context, program !== undefined, 'no PgBouncer: install the package pgbouncer')
      const database = await cluster.createDatabase()
      const db = `postgres://postgres@127.0.0.1:${await startPooler(cluster.port)}/${database}`
      const collectors = await Promise.all([1, 2].map(() => startCollector(db)))
      const balancer = await startRoundRobin(collectors)
      const load = startLoad(balancer)
      const kills = isLong ? 30 : 2
      for (let n = 0; n < kills; n++) {
        await load.untilMore(200)
        await atRandom(200)
        const one = collectors[n % 2]
        await one?.kill()
        await one?.start()
      }
      await load.untilMore(200)
      await load.drain()
      const balance = await checkBalance(load.journal, balancer.url)
      expectKnownAnswers(load, /^502 a collector broke off$/)
      // A statement that the pooler has lost is run again without its name, so that no request fails for it.
      expect(countOf(load, '503 store-failed')).toBe(0)
      report({
        proof: 'transaction pooler',
        store: 'PostgreSQL',
        trouble: `2 collectors, ${kills} times kill -9`,
        ...balance,
      })
    },
  )
})
